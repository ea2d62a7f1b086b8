import type { ContainerSpec, Device } from '../../model/stack.ts'
import { capabilityOf, similarCapability } from '../capability.ts'
import { hostPath } from '../host-path.ts'
import type { Path } from '../path.ts'
import type { DeviceFile } from '../schema.generated.ts'
import { securityOption } from '../security-option.ts'
import { display } from '../shape.ts'
import { present, type ServiceContext } from './context.ts'

type Privileges = Pick<
  ContainerSpec,
  | 'privileged'
  | 'capAdd'
  | 'devices'
  | 'securityOptions'
  | 'pidMode'
  | 'ipcMode'
  | 'utsMode'
  | 'usernsMode'
  | 'cgroupMode'
>

/** Something that a list of the file asks for, in its one spelling, and where it stands. */
export interface Placed<T> {
  value: T
  path: Path
}

/** What the service may do to its host, and sees of it. The policy decides whether it may ask for it. */
export function privilegesOf(context: ServiceContext): Privileges {
  const { file } = context
  refuseHostnameOfHost(context)
  return present<Privileges>({
    privileged: file.privileged || undefined,
    capAdd: sorted(capabilitiesOf(context)),
    devices: listed(devicesOf(context)),
    securityOptions: sorted(securityOptionsOf(context)),
    pidMode: file.pid,
    ipcMode: file.ipc,
    utsMode: file.uts,
    usernsMode: file.userns_mode,
    cgroupMode: file.cgroup,
  })
}

export function capabilitiesOf(context: ServiceContext): Placed<string>[] {
  return entriesOf('cap_add', context.file.cap_add, capabilityOf, context, (text) => {
    const similar = similarCapability(text)
    const hint = similar === undefined ? 'See capabilities(7) for their names.' : `Did you mean \`${similar}\`?`
    return ['a capability', hint]
  })
}

export function securityOptionsOf(context: ServiceContext): Placed<string>[] {
  return entriesOf('security_opt', context.file.security_opt, securityOption, context, () => [
    'a security option that this version knows',
    'Write `no-new-privileges:true`, `apparmor=<profile>`, `label=disable`, `label=type:<type>` or `seccomp=unconfined`.',
  ])
}

export function devicesOf(context: ServiceContext): Placed<Device>[] {
  return entriesOf('devices', context.file.devices, deviceOf, context, () => [
    'a device',
    'Write `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`.',
  ])
}

function deviceOf(entry: DeviceFile): Device | null {
  const { source, target = source, permissions = 'rwm' } = typeof entry === 'string' ? shortForm(entry) : entry
  const [host, container] = [hostPath(source), hostPath(target)]
  if (host === null || container === null || !/^[rwm]{1,3}$/.test(permissions)) return null
  return { source: host, target: container, permissions }
}

/** `source`, `source:permissions`, `source:target` or all three, as Docker tells them apart. */
function shortForm(text: string) {
  const [source = '', second, third, ...rest] = text.split(':')
  if (rest.length > 0) return { source: '' }
  if (second === undefined) return { source }
  if (third !== undefined) return { source, target: second, permissions: third }
  return second.startsWith('/') ? { source, target: second } : { source, permissions: second }
}

/** The entries that can be read; all others are reported. */
function entriesOf<Entry, T>(
  key: 'cap_add' | 'security_opt' | 'devices',
  entries: readonly Entry[] | undefined,
  read: (entry: Entry) => T | null,
  { manifest, report, path: service }: ServiceContext,
  words: (text: string) => [what: string, hint: string],
): Placed<T>[] {
  return (entries ?? []).flatMap((entry, at) => {
    const path = [...service, key, at]
    const value = read(entry)
    if (value !== null) return [{ value, path }]
    const [what, hint] = words(String(entry))
    report.error(manifest.at(path), 'wrong-value', `${display(manifest, path)} is not ${what}`, hint)
    return []
  })
}

/** The engine refuses to rename the host. */
function refuseHostnameOfHost({ file, manifest, report, path }: ServiceContext): void {
  if (file.uts !== 'host' || (file.hostname === undefined && file.domainname === undefined)) return
  const key = file.hostname === undefined ? 'domainname' : 'hostname'
  const hint = 'Remove one of the two: with `uts: host` the container has the name of the host.'
  report.error(manifest.keyAt([...path, key]), 'conflicting-keys', `\`${key}\` does not go with \`uts: host\``, hint)
}

function sorted(placed: Placed<string>[]): string[] | undefined {
  return listed(placed)?.sort()
}

/** Each once; absent when there are none. */
function listed<T>(placed: Placed<T>[]): T[] | undefined {
  const values = [...new Map(placed.map(({ value }) => [JSON.stringify(value), value])).values()]
  return values.length === 0 ? undefined : values
}
