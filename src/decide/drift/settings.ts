import {
  bytesText,
  capabilitiesText,
  checkValue,
  countText,
  cpusText,
  deviceText,
  EMPTY_IMAGE,
  type Field,
  type Fields,
  type FieldValue,
  folderText,
  type ImageConfig,
  listText,
  mountText,
  NONE,
  textOf,
  wordsText,
} from '../../model/fields.ts'
import { LABEL_PREFIX } from '../../model/labels.ts'
import type { ContainerSpec } from '../../model/stack.ts'
import {
  entriesOf,
  hostnameText,
  mergedCheck,
  mergedCommand,
  networkModeText,
  ownNetwork,
  swapText,
} from './defaults.ts'

/** As `FieldValue`; null where the engine chooses, so that there is nothing to compare with. */
export type WantedValue = string | null | Record<string, string | null>

export interface Setting {
  /** What Compose calls it. */
  name: string
  wanted(spec: ContainerSpec, image: ImageConfig, reference: string): WantedValue
  /** Its values may be shown to people; all others may hold a secret. */
  shown?: true
  /** The engine adds more of the kind, by its own configuration; that is no difference. */
  open?: true
}

/** How the wanted side of every comparison comes about, the image's own settings and the engine's defaults included. */
export const SETTINGS: { [Name in Field]: Setting } = {
  image: { name: 'image', shown: true, wanted: (_spec, _image, reference) => reference },
  entrypoint: { name: 'entrypoint', wanted: (spec, image) => wordsText(mergedCommand(spec, image).entrypoint) },
  command: { name: 'command', wanted: (spec, image) => wordsText(mergedCommand(spec, image).command) },
  environment: { name: 'environment', wanted: (spec, image) => ({ ...image.environment, ...spec.environment }) },
  user: { name: 'user', shown: true, wanted: (spec, image) => textOf(spec.user || image.user) },
  workingDir: {
    name: 'working_dir',
    shown: true,
    wanted: (spec, image) => folderText(spec.workingDir || image.workingDir),
  },
  hostname: { name: 'hostname', shown: true, wanted: hostnameText },
  domainname: { name: 'domainname', shown: true, wanted: (spec) => ownNetwork(spec, textOf(spec.domainname)) },
  labels: {
    name: 'labels',
    wanted: (spec, image) => entriesOf({ ...image.labels, ...spec.labels }, (key) => !key.startsWith(LABEL_PREFIX)),
  },
  healthcheck: { name: 'healthcheck', wanted: (spec, image) => checkValue(mergedCheck(spec, image)) },
  mounts: {
    name: 'volumes',
    shown: true,
    // The name of a secret's volume follows from a key that can be lost; the spec hash stands for what is in it.
    wanted: ({ mounts }) =>
      Object.fromEntries(mounts.map((m) => [m.target, 'secret' in m && m.secret ? null : mountText(m)])),
  },
  networkMode: { name: 'network_mode', shown: true, wanted: networkModeText },
  stopSignal: {
    name: 'stop_signal',
    shown: true,
    wanted: (spec, image) => spec.stopSignal || image.stopSignal || 'SIGTERM',
  },
  stopGraceMs: { name: 'stop_grace_period', shown: true, wanted: (spec) => `${Math.ceil(spec.stopGraceMs / 1000)}s` },
  init: { name: 'init', shown: true, wanted: (spec) => textOf(spec.init) },
  readOnly: { name: 'read_only', shown: true, wanted: (spec) => String(spec.readOnly ?? false) },
  capAdd: { name: 'cap_add', shown: true, wanted: (spec) => capabilitiesText(spec.capAdd) },
  capDrop: { name: 'cap_drop', shown: true, wanted: (spec) => capabilitiesText(spec.capDrop) },
  privileged: { name: 'privileged', shown: true, wanted: (spec) => String(spec.privileged ?? false) },
  devices: {
    name: 'devices',
    shown: true,
    wanted: ({ devices = [] }) => Object.fromEntries(devices.map((device) => [device.target, deviceText(device)])),
  },
  // A privileged container, and one in a namespace of the host, is exempt from labels without having asked for it.
  securityOptions: {
    name: 'security_opt',
    shown: true,
    open: true,
    wanted: ({ securityOptions = [] }) => Object.fromEntries(securityOptions.map((option) => [option, 'set'])),
  },
  pidMode: { name: 'pid', shown: true, wanted: (spec) => textOf(spec.pidMode) },
  ipcMode: { name: 'ipc', shown: true, wanted: (spec) => spec.ipcMode ?? null },
  utsMode: { name: 'uts', shown: true, wanted: (spec) => textOf(spec.utsMode) },
  usernsMode: { name: 'userns_mode', shown: true, wanted: (spec) => textOf(spec.usernsMode) },
  cgroupMode: { name: 'cgroup', shown: true, wanted: (spec) => spec.cgroupMode ?? null },
  extraHosts: { name: 'extra_hosts', shown: true, wanted: (spec) => ownNetwork(spec, listText(spec.extraHosts)) },
  groupAdd: { name: 'group_add', shown: true, wanted: (spec) => listText(spec.groupAdd) },
  dns: { name: 'dns', shown: true, wanted: (spec) => ownNetwork(spec, listText(spec.dns)) },
  dnsSearch: { name: 'dns_search', shown: true, wanted: (spec) => ownNetwork(spec, listText(spec.dnsSearch)) },
  dnsOptions: { name: 'dns_opt', shown: true, wanted: (spec) => ownNetwork(spec, listText(spec.dnsOptions)) },
  sysctls: { name: 'sysctls', shown: true, wanted: (spec) => spec.sysctls ?? {} },
  ulimits: {
    name: 'ulimits',
    shown: true,
    open: true,
    wanted: ({ ulimits = {} }) =>
      Object.fromEntries(Object.entries(ulimits).map(([name, { soft, hard }]) => [name, `${soft}:${hard}`])),
  },
  logging: {
    name: 'logging',
    open: true,
    wanted: ({ logging }) => (logging ? { ...logging.options, driver: logging.driver } : null),
  },
  shmBytes: { name: 'shm_size', shown: true, wanted: ({ shmBytes }) => (shmBytes ? bytesText(shmBytes) : null) },
  tty: { name: 'tty', shown: true, wanted: (spec) => String(spec.tty ?? false) },
  stdinOpen: { name: 'stdin_open', shown: true, wanted: (spec) => String(spec.stdinOpen ?? false) },
  oomScoreAdj: { name: 'oom_score_adj', shown: true, wanted: (spec) => String(spec.oomScoreAdj ?? 0) },
  cpus: { name: 'cpus', shown: true, wanted: (spec) => cpusText(spec.cpus) },
  cpuShares: { name: 'cpu_shares', shown: true, wanted: (spec) => countText(spec.cpuShares) },
  cpuset: { name: 'cpuset', shown: true, wanted: (spec) => textOf(spec.cpuset) },
  memoryBytes: { name: 'mem_limit', shown: true, wanted: (spec) => bytesText(spec.memoryBytes) },
  memorySwapBytes: { name: 'memswap_limit', shown: true, wanted: swapText },
  memoryReservationBytes: {
    name: 'mem_reservation',
    shown: true,
    wanted: (spec) => bytesText(spec.memoryReservationBytes),
  },
  pids: { name: 'pids_limit', shown: true, wanted: (spec) => countText(spec.pids) },
}

export type WantedFields = { [Name in Field]: WantedValue }

/** What a container of `spec`, made from `reference`, should show. */
export function wantedFields(spec: ContainerSpec, reference: string, image: ImageConfig = EMPTY_IMAGE): WantedFields {
  const byImage = known.get(spec) ?? new WeakMap<ImageConfig, WantedFields>()
  known.set(spec, byImage)
  const found = byImage.get(image)
  if (found?.image === reference) return found
  const made = Object.entries(SETTINGS).map(([field, { wanted }]) => [field, wanted(spec, image, reference)])
  const fields = Object.fromEntries(made) as WantedFields
  byImage.set(image, fields)
  return fields
}

/** A pass compares every replica with the same few specs, which never change. */
const known = new WeakMap<ContainerSpec, WeakMap<ImageConfig, WantedFields>>()

/** What an engine shows of a container that it made as it was asked to. */
export function shownFields(wanted: Partial<WantedFields>): Fields {
  const shown = Object.entries(wanted).flatMap(([field, value]): [string, FieldValue][] => {
    if (value === null) return []
    return [[field, typeof value === 'string' ? value : withoutHoles(value)]]
  })
  return Object.fromEntries(shown)
}

function withoutHoles(values: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? NONE]))
}
