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
  /** What happens to the whole release when one service fails. */
  rollback: 'release' | 'off'
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
  replicas: number
  /** Everything whose change needs a new container, and so everything that enters the spec hash. */
  container: ContainerSpec
  /** Ports published on the host by the container itself. Not part of the spec hash. */
  publish: PublishedPort[]
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
  /** How long a replica must be healthy without a break; again for all of them before the release is stable. */
  monitorMs: number
}

export interface PublishedPort {
  /** Host address, or empty for all. */
  address: string
  published: number
  target: number
  protocol: 'tcp' | 'udp'
}

export interface ContainerSpec {
  entrypoint?: string[]
  command?: string[]
  environment: Record<string, string>
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
  cpus?: number
  memoryBytes?: number
  pids?: number
}

export interface HealthCheck {
  /** As the engine takes it: `['CMD', …]` or `['CMD-SHELL', …]`. */
  test: string[]
  intervalMs: number
  timeoutMs: number
  retries: number
  startPeriodMs: number
}

export type Mount =
  | { kind: 'volume'; volume: string; target: string; readOnly: boolean }
  /** One file or folder of a file set; `path` is relative to the set, empty for the whole of it. */
  | { kind: 'files'; volume: string; path: string; target: string }
  | { kind: 'tmpfs'; target: string; sizeBytes?: number }

export interface NetworkAttachment {
  /** The engine's name of the network. */
  network: string
  aliases: string[]
}

export interface Network {
  /** An external network must exist and is never created or removed. */
  external: boolean
  internal: boolean
}

export interface Volume {
  /** An external volume must exist and is never created. */
  external: boolean
}

/** Files of the commit that containers mount read-only. Paths are relative, contents base64. */
export type FileSet = Record<string, string>
