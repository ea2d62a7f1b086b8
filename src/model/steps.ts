import type { ContainerSpec, FileSet, PublishedPort, RestartPolicy, Subnet } from './stack.ts'
import type { Entry, Listing, Lookups } from './traffic.ts'

/** Which container of the stack a step is about. */
export interface Touched {
  container: string
  /** The engine's id of a container that Docker Compose made: without it such a one is foreign and left alone. */
  adopted?: string
}

/**
 * What each kind of step needs. One step is one change on the engine, carries all it takes, and can be repeated:
 * carrying it out again when it was already done changes nothing.
 */
export interface StepArguments {
  'pull-image': { reference: string }
  'create-network': { network: string; internal: boolean; subnet?: Subnet }
  'create-volume': { volume: string }
  /** Fills a read-only volume with files of the commit, through a container of `image` that never runs. */
  'create-files': { volume: string; files: FileSet; image: string }
  create: {
    container: string
    service: string
    slot: number
    role: 'service' | 'job'
    image: string
    spec: string
    release: string
    commit: string
    config: ContainerSpec
    publish: PublishedPort[]
    /** By network: the address it keeps. The engine chooses where there is none. */
    addresses: Record<string, string>
    /** The container whose network it uses, for `networkMode: { service }`. */
    networkOf?: string
    /** The name it will bear while it is in place, for `container_name`. */
    alias?: string
    /** Ports that the gateway publishes for it. */
    ingress?: PublishedPort[]
    /** Absent where the engine alone knows names. */
    lookups?: Lookups
  }
  /** Gives a container another name of the engine's; it stays known by its own. */
  rename: Touched & { to: string }
  /** Joins a container to a network it was cut off from. */
  attach: { container: string; network: string; aliases: string[]; address?: string }
  detach: { container: string; network: string }
  /** Sets limits that somebody changed; no restart. */
  update: { container: string; limits: Limits }
  start: Touched
  /** Gives a replica that proved healthy its real restart policy. Not before: a crash loop must stay visible. */
  promote: Touched & { restart: RestartPolicy }
  /** What leads to the replica from now on: the gateway sends it requests, and its names are answered with its address. */
  admit: { container: string; listing: Listing }
  /** Nothing leads to the container any more. What it is busy with goes on. */
  withdraw: { container: string }
  /**
   * Takes the restart policy away, so that a stopped replica stays stopped, also across a reboot, and then does what
   * `withdraw` does.
   */
  drain: Touched
  stop: Touched & { graceMs: number }
  remove: Touched
  /** Leaves a mark on the engine that survives a lost database: `release` is the stable one. */
  'mark-stable': { release: string; image: string }
  'clear-mark': Record<never, never>
  /** Runs the target's gateway, or its names; does nothing where it runs. */
  'run-gateway': Record<never, never>
  'run-names': Record<never, never>
  /** Makes the names reachable in a network, at that address. */
  'join-names': { network: string; address: string }
  /** The stack's entries at the gateway, all of them. `certificates`: by name, PEM with the key, base64. */
  expose: { entries: Entry[]; certificates: Record<string, string> }
  'remove-network': { network: string }
  /** Only for volumes of files; a volume with data is never removed. */
  'remove-files': { volume: string }
}

/** What the engine can change of a container that runs. */
export type Limits = Pick<
  ContainerSpec,
  'cpus' | 'memoryBytes' | 'pids' | 'memoryReservationBytes' | 'memorySwapBytes' | 'cpuShares' | 'cpuset'
>

export type StepKind = keyof StepArguments

/** A step as data: what to do, to which resource, and the cause a person reads in plan, log and history alike. */
export type Step = {
  [Kind in StepKind]: { kind: Kind; stack: string; resource: string; because: string; args: StepArguments[Kind] }
}[StepKind]

/** Whose doing a failure is: only a replica's own behaviour fails a release; the platform's trouble pauses it. */
export type Fault = 'release' | 'platform'
