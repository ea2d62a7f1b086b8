import { capabilityOf, similarCapability } from '../capability.ts'
import { hostPath } from '../host-path.ts'
import { sizeBytes } from '../normalise/quantity.ts'
import type { Path } from '../path.ts'
import { securityOption } from '../security-option.ts'
import { registryEntry } from './image-source.ts'
import { DEFAULT_RULES, type HostFolder, type Limits, type Policy, type Rules } from './policy.ts'
import type { PolicyException, PolicyFile } from './schema.generated.ts'
import { isSysctlName } from './sysctl.ts'

/** Something in the settings' `policy` that cannot be meant, and where below it. */
export interface PolicyFault {
  path: Path
  message: string
  hint: string
}

type Faults = PolicyFault[]
type Written<Key extends keyof PolicyException> = NonNullable<PolicyException[Key]>

/**
 * The policy that a settings file of the right shape asks for. With a fault in it, it must not be used: what could not
 * be read is left out. `sockets`: where the engines' sockets lie on their hosts, as far as that is known.
 */
export function policyOf(
  file: PolicyFile = {},
  sockets: readonly string[] = [],
): { policy: Policy; faults: PolicyFault[] } {
  const faults: Faults = []
  const { stacks: exceptions = {}, ...general } = file
  const rules = { ...DEFAULT_RULES, ...rulesOf(general, [], faults) }
  const stacks = Object.entries(exceptions).map(([name, exception]) => {
    return [name, { ...rules, ...rulesOf(exception, ['stacks', name], faults) }]
  })
  return { policy: { general: rules, stacks: Object.fromEntries(stacks), sockets: spelled(sockets) }, faults }
}

/** What each key becomes. */
const READ: { [Key in keyof PolicyException]-?: (written: Written<Key>, path: Path, faults: Faults) => Rules[Key] } = {
  privileged: same,
  hostNamespaces: same,
  capabilities: (names, path, faults) => each(names, path, faults, capabilityOf, wrongCapability),
  devices: (paths, path, faults) => each(paths, path, faults, deviceOf, wrongDevice),
  hostPaths: (paths, path, faults) => each(paths, path, faults, folderOf, wrongFolder),
  dockerSocket: same,
  securityOptions: (options, path, faults) => each(options, path, faults, securityOption, wrongOption),
  sysctls: (names, path, faults) => each(names, path, faults, sysctlOf, wrongSysctl),
  registries: (names, path, faults) => each(names, path, faults, registryEntry, wrongRegistry),
  digestsRequired: same,
  nonRootRequired: same,
  readOnlyRequired: same,
  limits: limitsOf,
  limitsRequired: same,
  plainSecrets: same,
  externalVolumes: (written, path, faults) => externalOf(written, path, faults),
  externalNetworks: (written, path, faults) => externalOf(written, path, faults),
}

function rulesOf(file: PolicyException, path: Path, faults: Faults): Partial<Rules> {
  const entries = Object.entries(file).map(([key, written]) => {
    const read = READ[key as keyof PolicyException] as (written: unknown, path: Path, faults: Faults) => unknown
    return [key, read(written, [...path, key], faults)]
  })
  return Object.fromEntries(entries)
}

function same<T>(written: T): T {
  return written
}

/** The entries that can be read; all others are faults. */
function each<T>(
  entries: readonly string[],
  path: Path,
  faults: Faults,
  read: (entry: string) => T | null,
  words: (entry: string) => [message: string, hint: string],
): T[] {
  return entries.flatMap((entry, at) => {
    const value = read(entry)
    if (value !== null) return [value]
    const [message, hint] = words(entry)
    faults.push({ path: [...path, at], message, hint })
    return []
  })
}

function wrongCapability(entry: string): [string, string] {
  const similar = similarCapability(entry)
  const names = 'See capabilities(7) for their names; `ALL` stands for all of them.'
  return [`\`${entry}\` is not a capability`, similar === undefined ? names : `Did you mean \`${similar}\`?`]
}

function deviceOf(entry: string): string | null {
  return plainPath(entry.replace(/\*$/, '')) === null ? null : entry.replace(/(?<=.)\/$/, '')
}

function wrongDevice(entry: string): [string, string] {
  const hint = 'Write `/dev/net/tun`, or the beginning of paths and `*`: `/dev/ttyUSB*`. No `..`, and no `:`.'
  return [`\`${entry}\` is not the path of a device`, hint]
}

function folderOf(entry: string): HostFolder | null {
  const path = plainPath(entry.replace(/:ro$/, ''))
  return path === null ? null : { path, readOnly: entry.endsWith(':ro') }
}

function wrongFolder(entry: string): [string, string] {
  const hint = 'Write `/srv/media`, or `/srv/media:ro` for mounts that only read. No `..`, no `*`, no variables.'
  return [`\`${entry}\` is not an absolute path`, hint]
}

/** Absolute, and meaning what it says: whoever writes `/srv/../etc` here does not mean it. */
function plainPath(text: string): string | null {
  if (/[*:$]/.test(text) || text.split('/').includes('..')) return null
  return hostPath(text)
}

function wrongOption(entry: string): [string, string] {
  const hint = 'Write `apparmor=<profile>`, `label=disable`, `label=type:<type>` or `seccomp=unconfined`.'
  return [`\`${entry}\` is not a security option`, hint]
}

function sysctlOf(entry: string): string | null {
  return entry === '*' || isSysctlName(entry.replace(/\.?\*$/, '.x')) ? entry : null
}

function wrongSysctl(entry: string): [string, string] {
  return [`\`${entry}\` is not a kernel parameter`, 'Write `vm.max_map_count`, or the beginning of names and `*`.']
}

function wrongRegistry(entry: string): [string, string] {
  const hint =
    "Begin with the registry's host, as in `ghcr.io` or `registry.example.com:5000/team`; Docker's own is `docker.io`, its official images are `docker.io/library`. No tag, no `https://`, no `*`."
  return [`\`${entry}\` is not a registry or a part of one`, hint]
}

function externalOf(written: string | string[], path: Path, faults: Faults): string[] {
  if (typeof written === 'string') return written === 'allow' ? ['*'] : []
  return each(written, path, faults, nameOf, (entry) => {
    return [`\`${entry}\` is not a name`, 'Write the name on the engine, or the beginning of names and `*`.']
  })
}

function nameOf(entry: string): string | null {
  return /^(\*|[a-zA-Z0-9][a-zA-Z0-9_.-]*\*?)$/.test(entry) ? entry : null
}

function limitsOf(written: Written<'limits'>): Limits {
  const { memory, ...limits } = written
  return memory === undefined ? limits : { ...limits, memoryBytes: sizeBytes(memory) }
}

function spelled(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => hostPath(path) ?? []))].sort()
}
