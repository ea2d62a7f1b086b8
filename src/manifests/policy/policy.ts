import type { HostNamespaces, PlainSecrets } from './schema.generated.ts'

/** What commits may ask for, by the settings: checked, and everything in its one spelling. See `policyOf`. */
export interface Policy {
  general: Rules
  /** By `stack`, by `source/stack`, or by the beginning of names and `*`; each whole, the general ones included. */
  stacks: Readonly<Record<string, Rules>>
  /** Sockets of engines beyond those in the usual places, as absolute paths on their hosts. */
  sockets: readonly string[]
}

export type HostNamespace = HostNamespaces[number]
export type Limit = 'memory' | 'cpus' | 'pids'

/** What one stack may ask for. Words in lists may end with `*`, which stands for anything. */
export interface Rules {
  privileged: boolean
  hostNamespaces: readonly HostNamespace[]
  /** Beyond Docker's default ones, without `CAP_`; `ALL` for all of them. */
  capabilities: readonly string[]
  devices: readonly string[]
  hostPaths: readonly HostFolder[]
  dockerSocket: boolean
  /** As `securityOption` has them. */
  securityOptions: readonly string[]
  /** Beyond those of a container's own namespaces. */
  sysctls: readonly string[]
  /** Null for everywhere. */
  registries: readonly string[] | null
  digestsRequired: boolean
  nonRootRequired: boolean
  readOnlyRequired: boolean
  limits: Limits
  limitsRequired: readonly Limit[]
  plainSecrets: PlainSecrets
  externalVolumes: readonly string[]
  externalNetworks: readonly string[]
}

export interface HostFolder {
  path: string
  readOnly: boolean
}

/** The most of each; what is absent has no limit. */
export interface Limits {
  replicasPerService?: number
  replicasPerStack?: number
  memoryBytes?: number
  cpus?: number
  pids?: number
}

/** Nothing that gives rights on the host, and everything that is ordinary. */
export const DEFAULT_RULES: Rules = {
  privileged: false,
  hostNamespaces: [],
  capabilities: [],
  devices: [],
  hostPaths: [],
  dockerSocket: false,
  securityOptions: [],
  sysctls: [],
  registries: null,
  digestsRequired: false,
  nonRootRequired: false,
  readOnlyRequired: false,
  limits: {},
  limitsRequired: [],
  plainSecrets: 'warn',
  externalVolumes: ['*'],
  externalNetworks: ['*'],
}

export const DEFAULT_POLICY: Policy = { general: DEFAULT_RULES, stacks: {}, sockets: [] }

/** A stack, and the name of the source it comes from, where that is known. */
export interface Asking {
  stack: string
  source: string | undefined
}

/** What a stack may ask for: by the exception that says most of its name and its source, or else in general. */
export function rulesFor({ general, stacks }: Policy, asking: Asking): Rules {
  const fitting = Object.keys(stacks).filter((key) => fits(key, asking))
  const [best] = fitting.sort((a, b) => precision(b) - precision(a))
  return (best === undefined ? undefined : stacks[best]) ?? general
}

function fits(key: string, { stack, source }: Asking): boolean {
  const { from, name } = partsOf(key)
  return matches(stack, [name]) && (from === null || from === source)
}

/** A whole name says more than the beginning of one, a longer one more than a shorter, and with a source more than without. */
function precision(key: string): number {
  const { from, name } = partsOf(key)
  const length = name.endsWith('*') ? name.length - 1 : Number.MAX_SAFE_INTEGER / 4
  return length * 2 + (from === null ? 0 : 1)
}

function partsOf(key: string): { from: string | null; name: string } {
  const at = key.indexOf('/')
  return at < 0 ? { from: null, name: key } : { from: key.slice(0, at), name: key.slice(at + 1) }
}

/** Whether a word is one of these, or begins like one that ends with `*`. */
export function matches(word: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : word === pattern))
}
