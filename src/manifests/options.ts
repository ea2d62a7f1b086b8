import { digestOf } from '../model/hash.ts'

/** Settings that decide what a manifest means. They are not the repository's. */
export interface LoadOptions {
  /** By name; the default target has the empty name. */
  targets?: Readonly<Record<string, TargetOptions>>
  /** What names of secrets are made with; a manifest with secrets cannot be read without it. */
  secrets?: { key: string; id: string }
}

export interface TargetOptions {
  /** Absolute path on the target. A stack's writable relative binds lie below: `<bindRoot>/<stack>/…`. */
  bindRoot?: string
  /** Variables of manifests; they win over the repository's. */
  env?: Readonly<Record<string, string>>
}

/** Names the options: with others the same files may mean something else. */
export function meaningOf({ targets = {} }: LoadOptions = {}): string {
  return digestOf({ targets })
}
