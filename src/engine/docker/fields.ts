import type Docker from 'dockerode'
import {
  bytesText,
  capabilitiesText,
  checkValue,
  countText,
  cpusText,
  deviceText,
  type Field,
  type Fields,
  type FieldValue,
  folderText,
  listText,
  mountText,
  textOf,
  wordsText,
} from '../../model/fields.ts'
import { LABEL_PREFIX } from '../../model/labels.ts'
import type { Device } from '../../model/stack.ts'
import { checkIn, pairsIn, wordsIn } from './image-config.ts'
import { lookupsIn } from './lookups.ts'
import { mountsIn } from './mounts.ts'

/** With what the client's types lack. */
type Inspected = Docker.ContainerInspectInfo & {
  Config: { StopSignal?: string; StopTimeout?: number }
  HostConfig: { CgroupnsMode?: string }
}

/** How each compared setting is read from an inspected container; `decide/drift/settings.ts` says how it is wanted. */
const SHOWN: { [Name in Field]: (info: Inspected) => FieldValue } = {
  image: ({ Config }) => Config.Image,
  entrypoint: ({ Config }) => wordsText(wordsIn(Config.Entrypoint)),
  command: ({ Config }) => wordsText(wordsIn(Config.Cmd)),
  environment: ({ Config }) => pairsIn(Config.Env),
  user: ({ Config }) => textOf(Config.User),
  workingDir: ({ Config }) => folderText(Config.WorkingDir),
  // Where none is given the engine takes the short id.
  hostname: ({ Config, Id }) => textOf(Config.Hostname === Id.slice(0, 12) ? '' : Config.Hostname),
  domainname: ({ Config }) => textOf(Config.Domainname),
  labels: ({ Config }) =>
    Object.fromEntries(Object.entries(Config.Labels).filter(([key]) => !key.startsWith(LABEL_PREFIX))),
  healthcheck: ({ Config }) => checkValue(checkIn(Config.Healthcheck)),
  mounts: ({ HostConfig }) => Object.fromEntries(mountsIn(HostConfig).map((mount) => [mount.target, mountText(mount)])),
  networkMode: ({ HostConfig }) => networkModeText(HostConfig.NetworkMode),
  stopSignal: ({ Config }) => Config.StopSignal || 'SIGTERM',
  stopGraceMs: ({ Config }) => `${Config.StopTimeout ?? 10}s`,
  init: ({ HostConfig }) => textOf(HostConfig.Init),
  readOnly: ({ HostConfig }) => String(HostConfig.ReadonlyRootfs ?? false),
  capAdd: ({ HostConfig }) => capabilitiesText(HostConfig.CapAdd),
  capDrop: ({ HostConfig }) => capabilitiesText(HostConfig.CapDrop),
  privileged: ({ HostConfig }) => String(HostConfig.Privileged ?? false),
  devices: ({ HostConfig }) =>
    Object.fromEntries(devicesIn(HostConfig).map((device) => [device.target, deviceText(device)])),
  securityOptions: ({ HostConfig }) =>
    Object.fromEntries((HostConfig.SecurityOpt ?? []).map((option: string) => [option, 'set'])),
  pidMode: ({ HostConfig }) => textOf(HostConfig.PidMode),
  ipcMode: ({ HostConfig }) => textOf(HostConfig.IpcMode),
  utsMode: ({ HostConfig }) => textOf(HostConfig.UTSMode),
  usernsMode: ({ HostConfig }) => textOf(HostConfig.UsernsMode),
  cgroupMode: ({ HostConfig }) => textOf(HostConfig.CgroupnsMode),
  extraHosts: ({ HostConfig }) => listText(HostConfig.ExtraHosts),
  groupAdd: ({ HostConfig }) => listText(HostConfig.GroupAdd),
  dns: ({ Config, HostConfig }) => listText(isOfNames(Config.Labels, HostConfig.Dns) ? [] : HostConfig.Dns),
  dnsSearch: ({ HostConfig }) => listText(HostConfig.DnsSearch),
  dnsOptions: ({ HostConfig }) => listText(HostConfig.DnsOptions),
  sysctls: ({ HostConfig }) => HostConfig.Sysctls ?? {},
  ulimits: ({ HostConfig }) =>
    Object.fromEntries((HostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => [Name, `${Soft}:${Hard}`])),
  logging: ({ HostConfig }) => ({ ...HostConfig.LogConfig?.Config, driver: HostConfig.LogConfig?.Type ?? '' }),
  shmBytes: ({ HostConfig }) => bytesText(HostConfig.ShmSize),
  tty: ({ Config }) => String(Config.Tty),
  stdinOpen: ({ Config }) => String(Config.OpenStdin),
  oomScoreAdj: ({ HostConfig }) => String(HostConfig.OomScoreAdj ?? 0),
  cpus: ({ HostConfig }) => cpusText(cpusIn(HostConfig)),
  cpuShares: ({ HostConfig }) => countText(HostConfig.CpuShares),
  cpuset: ({ HostConfig }) => textOf(HostConfig.CpusetCpus),
  memoryBytes: ({ HostConfig }) => bytesText(HostConfig.Memory),
  memorySwapBytes: ({ HostConfig }) => bytesText(HostConfig.MemorySwap),
  memoryReservationBytes: ({ HostConfig }) => bytesText(HostConfig.MemoryReservation),
  pids: ({ HostConfig }) => countText(HostConfig.PidsLimit),
}

/** What of an image of which nothing is known cannot be told from the container's own. */
export const BY_IMAGE: Field[] = [
  'entrypoint',
  'command',
  'environment',
  'user',
  'workingDir',
  'labels',
  'healthcheck',
  'stopSignal',
]

/** Everything but `hidden`, which this engine cannot show or carry out. */
export function fieldsOf(info: Inspected, hidden: Field[]): Fields {
  const shown = Object.entries(SHOWN).filter(([field]) => !hidden.some((name) => name === field))
  return Object.fromEntries(shown.map(([field, read]) => [field, read(info)]))
}

/** It asks our names, which its manifest does not speak of. */
function isOfNames(labels: Record<string, string>, dns: string[] | undefined): boolean {
  return listText(lookupsIn(labels)?.resolvers ?? []) === listText(dns)
}

function networkModeText(mode: string | undefined): string {
  if (mode?.startsWith('container:')) return 'service'
  return mode === 'none' || mode === 'host' ? mode : 'networks'
}

function devicesIn({ Devices }: Docker.HostConfig): Device[] {
  const given: { PathOnHost: string; PathInContainer: string; CgroupPermissions: string }[] = Devices ?? []
  return given.map((device) => ({
    source: device.PathOnHost,
    target: device.PathInContainer,
    permissions: device.CgroupPermissions,
  }))
}

/** Given as a share, or by hand as a quota of a period. */
function cpusIn({ NanoCpus, CpuQuota, CpuPeriod }: Docker.HostConfig): number {
  if (NanoCpus) return NanoCpus / 1e9
  return CpuQuota && CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0
}
