import type { Fields, ImageConfig } from './fields.ts'
import type { HealthCheck, PublishedPort, RestartPolicy, Subnet } from './stack.ts'
import type { Fault, Step } from './steps.ts'
import type { Lookups, ObservedTraffic } from './traffic.ts'

/** One stack as the engine shows it now, plus what happened since the last look. */
export interface Observed {
  /** Ours, of this stack: instance, stack and name labels agree with the object. Sorted by name. */
  containers: ObservedContainer[]
  /** Of the Compose project that has the stack's name; not ours. Sorted by name. */
  compose: ObservedContainer[]
  /** Names under our prefix, and those asked for, that are taken by containers which are not ours. */
  takenNames: string[]
  /** Host ports that containers of others publish. */
  takenPorts: TakenPort[]
  networks: ObservedNetwork[]
  volumes: ObservedVolume[]
  /** Subnets that are in use on the engine, in CIDR notation: of every network, and of routes of its host where known. */
  subnets: string[]
  /** Pin references present on the engine, of those asked for. */
  images: string[]
  /** The release digest of the stable mark that the engine keeps; null when there is none. */
  stableMark: string | null
  /** Names the unbroken stretch of watching that this look belongs to: with another one something was missed. */
  watch: string
  /** Null where the target has no gateway: containers publish their ports, and the engine knows the names. */
  traffic: ObservedTraffic | null
  /** What events and failed steps told since the last look. */
  happened: Happening[]
}

export interface ObservedContainer {
  id: string
  /** Its own, by which steps and records know it. */
  name: string
  /** The engine's name for it now: its own, or the one of `container_name`. */
  actualName: string
  /** The name it may bear instead of its own. */
  alias?: string
  /** Docker Compose made it; it has no spec and no release. */
  adopted?: true
  service: string
  slot: number
  role: 'service' | 'job' | 'files'
  spec: string
  release: string
  state: 'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'removing' | 'dead'
  health: 'none' | 'starting' | 'healthy' | 'unhealthy'
  /** The check that is in force, the image's own included. */
  check?: HealthCheck
  /** Opaque: changes whenever the container was started again. Empty before the first start. */
  startedAt: string
  /** The same by the engine's clock, only to know which of two containers was started later; absent before the first. */
  startedMs?: number
  /** How often the engine restarted it by itself. */
  restarts: number
  exitCode: number
  /** Opaque: changes with every result of its health check. Empty before the first. */
  lastCheck: string
  /** What its last failed health check said, in one line of at most 300 characters; empty when none failed. */
  complaint: string
  /** The engine's own words about why it died, often empty. */
  error: string
  restart: RestartPolicy
  /** Bindings it asks for, whether it runs or not. */
  publish: PublishedPort[]
  /** Ports that it leaves to the gateway to publish. */
  ingress: PublishedPort[]
  /** Absent where only the engine knows its names, and tells it those of others. */
  lookups?: Lookups
  /** By network: the address it was created to keep. */
  addresses: Record<string, string>
  /** By network: what it is joined to now. */
  attached: Record<string, Attached>
  /** Where the engine's host reaches it now; empty while it does not run, or has no network of its own. */
  address: string
  /** Id of the container whose network it uses; empty when it has its own. */
  networkOf: string
  /** Names of the volumes it mounts, those of files included. */
  volumes: string[]
  /** What is compared with its release. */
  fields: Fields
  /** What its image brings; the same object for the same image. */
  imageConfig: ImageConfig
}

export interface Attached {
  /** Without those the engine adds by itself. */
  aliases: string[]
  /** The address it is bound to, empty when the engine chooses it. */
  address: string
}

export interface TakenPort {
  address: string
  published: number
  protocol: 'tcp' | 'udp'
  /** The container's name. */
  holder: string
}

export interface ObservedResource {
  name: string
  /** Created by this instance for this stack. */
  ours: boolean
  /** Created by another Holdfast, or for another stack: it cannot be taken over. */
  ofAnother?: true
}

export interface ObservedNetwork extends ObservedResource {
  /** Null when it has none that is known. */
  subnet: Subnet | null
}

export interface ObservedVolume extends ObservedResource {
  /** True for files of a commit, which can be made again; false for data, which cannot. */
  files: boolean
}

export type Happening =
  /**
   * The container died, became unhealthy or was restarted at some moment since the last look. `byHand`: a signal was
   * sent through the engine; what the container does then is not its own doing.
   */
  | { kind: 'interrupted'; container: string; what: string; byHand?: true }
  | { kind: 'step-failed'; step: Step; fault: Fault; reason: string }

/** What an observation must look up beside everything that carries our labels. */
export interface Query {
  stack: string
  images: string[]
  networks: string[]
  volumes: string[]
  /** Names that containers of the stack are to bear: who else bears them is told among the taken ones. */
  names?: string[]
}
