/**
 * What `decide` must remember and the engine cannot show. Small, plain JSON, saved before the steps it announces.
 * Durations are observed elapsed milliseconds: a clock that jumps or a Holdfast that was down moves none of them.
 */
export interface StackRecord {
  /** Digest of the last release whose rollout completed; the only thing a rollback goes back to. */
  stable: string | null
  /** The stable release before that; its stopped containers are kept. */
  previous: string | null
  /** Quarantine: releases that failed, by digest, not tried again until the digest changes or a person asks. */
  quarantine: Record<string, Failure>
  rollout: Rollout | null
  /** By container name: how far its health window has come. */
  gates: Record<string, Gate>
  /** Containers that failed a gate; never started again, kept for inspection until the next stable release. */
  failedContainers: string[]
  /** By job service: the spec hash that last completed with exit code 0. */
  jobsDone: Record<string, string>
  /** By `<service>.<slot>`: healing with back-off. */
  healing: Record<string, Backoff>
  /** By container: what somebody changed and was put right, until it shows no difference any more. */
  drift?: Record<string, Backoff & { cause: string }>
  /** Set while the engine, a registry or the host stands in the way. */
  trouble: (Backoff & { reason: string }) | null
  /** A person suspended the stack: nothing at all is done to it until they resume it. */
  suspended: boolean
  /** A person paused the rollout: no further slot is begun, what runs is kept at its own version. */
  paused: boolean
  /** The moment of the last pass, to know how much time was observed since. */
  clock: Moment | null
}

export interface Failure {
  reason: string
  /** The release did nothing wrong: a person went back to an earlier one. */
  asked?: true
  service?: string
  container?: string
}

export interface Rollout {
  digest: string
  /** A rollback goes to the stable release because a newer one failed. */
  kind: 'rollout' | 'rollback'
  /** How long everything has been ready without a break; null while something is not. */
  readyMs: number | null
  /** Since the last progress. */
  idleMs: number
  /** What progress is measured by: changes whenever something moved. */
  progress: string
  /** Set when a rollback failed as well: it is not rolled back again. */
  stuck: string | null
}

export interface Gate {
  /** The container's `startedAt` when its start was announced: the same value still there means it was not started. */
  before: string
  /** Its `startedAt` once it runs, null until then; another value later means it was started again. */
  startedAt: string | null
  /** How often the engine had restarted it when its gate opened; more of them later are of this rollout. */
  restarts: number
  /** Healthy without a break for so long; null while it is not healthy. */
  healthyMs: number | null
  /** Time spent not healthy since the gate opened; its limit fails the replica. */
  waitedMs: number
  passed: boolean
}

export interface Backoff {
  failures: number
  /** Observed time left before the next try. */
  waitMs: number
  /** Observed healthy time since the last failure; ten minutes clear the count. */
  quietMs: number
}

/** Time as `decide` sees it: a monotonic clock that belongs to one run of the process. */
export interface Moment {
  /** Names the process run; readings of different runs cannot be compared. */
  run: string
  /** Monotonic milliseconds within the run. */
  ms: number
}

export function emptyRecord(): StackRecord {
  return {
    stable: null,
    previous: null,
    quarantine: {},
    rollout: null,
    gates: {},
    failedContainers: [],
    jobsDone: {},
    healing: {},
    trouble: null,
    suspended: false,
    paused: false,
    clock: null,
  }
}
