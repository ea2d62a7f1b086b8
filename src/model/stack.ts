import type { AppProtocol } from './traffic.ts'

/**
 * The desired side: what a manifest means once it is interpolated, checked and normalised.
 * Every duration is in milliseconds, every size in bytes, every CPU share in cores.
 */

/** One Compose file, the unit of deployment. `name` is also the prefix of everything made for it. */
export interface Stack {
  name: string
  services: Record<string, Service>
  /** By the engine's name, e.g. `shop_default`. */
  networks: Record<string, Network>
  /** By the engine's name, e.g. `shop_db-data`. Holds data: never removed by a rollout. */
  volumes: Record<string, Volume>
  /** Content from the commit, by the engine's name, which carries the content's hash. */
  files: Record<string, FileSet>
  /** Stacks that must be healthy before this one is rolled out. Sorted. */
  dependsOn: string[]
  /** Where it runs; empty for the default target. */
  target: string
  /** What happens to the whole release when one service fails. */
  rollback: 'release' | 'off'
  /** What is done about a live state that no release brought: put right, only named, or not even that. */
  selfHeal: 'correct' | 'warn' | 'off'
  /** Containers of services that a release no longer has are removed. */
  prune: boolean
  /** Longest time without any progress before a rollout fails. */
  progressDeadlineMs: number
}

export interface Service {
  name: string
  /** As written, after interpolation. The release pins it. */
  image: string
  /** `always`: ask the registry each release. `missing`: likewise, a local copy is the fallback. `never`: local only. */
  pull: 'always' | 'missing' | 'never'
  /** A job runs to completion once per release that changes it; a service runs until it is replaced. */
  kind: 'service' | 'job'
  /** A job that runs before, or after, all services of the release. */
  hook?: 'pre-deploy' | 'post-deploy'
  /** The job runs with every release; without it only when its own spec changed. */
  always?: true
  replicas: number
  /** `container_name`: the replica bears this name while it is the one in place. Not part of the spec hash. */
  containerName?: string
  /** Asked from outside whether it is healthy, for images without a shell. Not part of the spec hash. */
  probe?: Probe
  /** Everything whose change needs a new container, and so everything that enters the spec hash. */
  container: ContainerSpec
  /** Ports published on the host, by the gateway or by the container itself. Not part of the spec hash. */
  publish: PublishedPort[]
  /** Hosts and paths for which the gateway sends it requests. Sorted. */
  routes?: Route[]
  /** How long a replica may stay busy once nothing leads to it any more; 30 s when absent. */
  drainMs?: number
  dependsOn: Record<string, DependencyCondition>
  update: UpdatePolicy
  /** The engine's own restart policy once a replica is promoted; before that it is `no`. */
  restart: RestartPolicy
}

export type DependencyCondition = 'started' | 'healthy' | 'completed'

/** In the engine's own notation: `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:5`. */
export type RestartPolicy = string

export interface UpdatePolicy {
  order: 'start-first' | 'stop-first'
  /** Why old and new cannot overlap; set exactly when the order is stop-first for a technical cause. */
  because?: string
  /** How many slots may be in flux at once; 0 means all. */
  parallelism: number
  /** Share of the service's slots that may fail without failing the release; absent means none. */
  maxFailureRatio?: number
  /** How long a replica must be healthy without a break; again for all of them before the release is stable. */
  monitorMs: number
}

export interface PublishedPort {
  /** How it is spoken there, as the manifest says; absent when that is to be found out. */
  speaks?: Exclude<AppProtocol, 'auto'>
  /** The replicas are told whom they serve by the PROXY protocol, version 2. */
  proxyProtocol?: true
  /** Host address, or empty for all. */
  address: string
  published: number
  target: number
  protocol: 'tcp' | 'udp'
}

/** Requests that come to the target's shared ports for HTTP and HTTPS. */
export interface Route {
  host: string
  /** `/`, or the beginning of the paths that are meant. */
  path: string
  /** Where the replicas listen. */
  port: number
  speaks?: 'http' | 'http2'
  /** Plain HTTP without one. */
  certificate?: Certificate
  /** Plain HTTP is sent on to HTTPS. */
  redirect?: true
}

/** What a host proves itself with. */
export interface Certificate {
  /** Names it by its content: hex digits that follow from it by the key, as for secrets. */
  name: string
  /** The set of files that holds it, and where in there it is. PEM; the key may be in the same file. */
  volume: string
  certificate: string
  key?: string
}

export interface ContainerSpec {
  entrypoint?: string[]
  command?: string[]
  environment: Record<string, string>
  /** Which variables of the environment hold secrets. */
  secretEnvironment?: SecretEnvironment
  user?: string
  workingDir?: string
  hostname?: string
  labels: Record<string, string>
  /** Absent: the image's own. `none`: disabled. */
  healthcheck?: HealthCheck | 'none'
  mounts: Mount[]
  networks: NetworkAttachment[]
  stopSignal?: string
  stopGraceMs: number
  init?: boolean
  readOnly?: boolean
  capDrop?: string[]
  extraHosts?: string[]
  logging?: { driver: string; options: Record<string, string> }
  /** Instead of networks: none at all, the host's own, or that of the replica of another service of the stack. */
  networkMode?: 'none' | 'host' | { service: string }
  capAdd?: string[]
  privileged?: true
  devices?: Device[]
  /** `name=value` as the engine takes them, e.g. `no-new-privileges=true`. */
  securityOptions?: string[]
  pidMode?: 'host'
  ipcMode?: 'private' | 'shareable' | 'none' | 'host'
  utsMode?: 'host'
  usernsMode?: 'host'
  cgroupMode?: 'private' | 'host'
  domainname?: string
  groupAdd?: string[]
  dns?: string[]
  dnsSearch?: string[]
  dnsOptions?: string[]
  sysctls?: Record<string, string>
  ulimits?: Record<string, { soft: number; hard: number }>
  shmBytes?: number
  tty?: boolean
  stdinOpen?: boolean
  memoryReservationBytes?: number
  /** Memory and swap together, as the engine takes it; -1 means unlimited swap. */
  memorySwapBytes?: number
  cpuShares?: number
  cpuset?: string
  oomScoreAdj?: number
  cpus?: number
  memoryBytes?: number
  pids?: number
}

/** A device of the host; both paths are absolute. */
export interface Device {
  source: string
  target: string
  /** Some of `rwm`. */
  permissions: string
}

export interface HealthCheck {
  /** As the engine takes it: `['CMD', …]` or `['CMD-SHELL', …]`. */
  test: string[]
  intervalMs: number
  timeoutMs: number
  retries: number
  startPeriodMs: number
}

/** Asked every interval; the answers count as those of a health check with the same numbers. */
export type Probe = ({ kind: 'http'; port: number; path: string; status?: number } | { kind: 'tcp'; port: number }) &
  Omit<HealthCheck, 'test'>

export type Mount =
  | { kind: 'volume'; volume: string; target: string; readOnly: boolean }
  /** One file or folder of a file set; `path` is relative to the set, empty for the whole of it. */
  | { kind: 'files'; volume: string; path: string; target: string; secret?: SecretName }
  /** A folder of the target's host, which holds data. `source` is absolute. */
  | { kind: 'bind'; source: string; target: string; readOnly: boolean }
  | { kind: 'tmpfs'; target: string; sizeBytes?: number }

/** Of which secret the files are, and by which key the name of their volume was made from the content. */
export interface SecretName {
  name: string
  /** Names the key, 8 hex digits. */
  key: string
}

/** Variables whose values nothing shows. What hashes are made of are names that follow from the values by a key. */
export interface SecretEnvironment {
  /** Names the key, 8 hex digits. */
  key: string
  /** By variable. */
  names: Record<string, string>
}

export interface NetworkAttachment {
  /** The engine's name of the network. */
  network: string
  aliases: string[]
  /** `ipv4_address`: one that the manifest fixes. */
  address?: string
}

export interface Network {
  /** An external network must exist and is never created or removed. */
  external: boolean
  internal: boolean
  /** As the manifest says; without it Holdfast takes a subnet of its pool. */
  subnet?: Subnet
}

/** In CIDR notation, e.g. `10.201.3.0/24`. */
export interface Subnet {
  subnet: string
  /** Where the engine takes the addresses from that it gives by itself. */
  range?: string
  gateway?: string
}

export interface Volume {
  /** An external volume must exist and is never created. */
  external: boolean
}

/** Files of the commit that containers mount read-only. */
export interface FileSet {
  /** By relative path, base64. */
  contents: Record<string, string>
  /** Present for a secret, and for a config that was encrypted: who may read it. */
  secret?: SecretOwner
  /** The same of other files, where the manifest says so; else everybody may read and execute them. */
  owner?: SecretOwner
}

export interface SecretOwner {
  /** As the service's `user`: `user`, `user:group` or `:group`; what is left out is the image's own. */
  user: string
  /** Of the file, e.g. 0o400. */
  mode: number
  /** Whose users and groups are meant, as written in the manifest; absent when `user` is all numbers. */
  image?: string
}
