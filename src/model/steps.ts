import type { ContainerSpec, FileSet, PublishedPort, RestartPolicy } from './stack.ts'

/**
 * What each kind of step needs. One step is one change on the engine, carries all it takes, and can be repeated:
 * carrying it out again when it was already done changes nothing.
 */
export interface StepArguments {
  'pull-image': { reference: string }
  'create-network': { network: string; internal: boolean }
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
  }
  start: { container: string }
  /** Gives a replica that proved healthy its real restart policy. Not before: a crash loop must stay visible. */
  promote: { container: string; restart: RestartPolicy }
  /** Takes the restart policy away, so that a stopped replica stays stopped, also across a reboot. */
  drain: { container: string }
  stop: { container: string; graceMs: number }
  remove: { container: string }
  /** Leaves a mark on the engine that survives a lost database: `release` is the stable one. */
  'mark-stable': { release: string; image: string }
  'clear-mark': Record<never, never>
  'remove-network': { network: string }
  /** Only for volumes of files; a volume with data is never removed. */
  'remove-files': { volume: string }
}

export type StepKind = keyof StepArguments

/** A step as data: what to do, to which resource, and the cause a person reads in plan, log and history alike. */
export type Step = {
  [Kind in StepKind]: { kind: Kind; stack: string; resource: string; because: string; args: StepArguments[Kind] }
}[StepKind]

/** Whose doing a failure is: only a replica's own behaviour fails a release; the platform's trouble pauses it. */
export type Fault = 'release' | 'platform'
