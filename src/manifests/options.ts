import { digestOf } from '../model/hash.ts'
import { DEFAULT_POLICY, type Policy } from './policy/policy.ts'

/** Settings that decide what a manifest means. They are not the repository's. */
export interface LoadOptions {
  /** By name; the default target has the empty name. */
  targets?: Readonly<Record<string, TargetOptions>>
  /** What names of secrets are made with; a manifest with secrets cannot be read without it. */
  secrets?: { key: string; id: string }
  /** What manifests may ask for; see `DEFAULT_POLICY` for what they may without it. */
  policy?: Policy
  /** The name of the source that the files come from; exceptions of the policy may be for its stacks alone. */
  source?: string
  /**
   * Opens what is encrypted; null for what is not. Rejects with a HoldfastError that says why it cannot be opened. Without
   * it encrypted files stay closed, and are only noted.
   */
  decrypt?: (path: string, bytes: Uint8Array) => Promise<Uint8Array | null>
}

export interface TargetOptions {
  /** Absolute path on the target. A stack's writable relative binds lie below: `<bindRoot>/<stack>/…`. */
  bindRoot?: string
  /** Variables of manifests; they win over the repository's. */
  env?: Readonly<Record<string, string>>
  /**
   * The ports of the host at which requests of routes come in; 80 and 443 when absent. `off`: there is no gateway, so
   * that containers publish their ports themselves, and there are no routes.
   */
  traffic?: { http: number; https: number } | 'off'
}

/** Names the options: with others the same files may mean something else. */
export function meaningOf({ targets = {}, policy = DEFAULT_POLICY }: LoadOptions = {}): string {
  return digestOf({ targets, policy })
}
