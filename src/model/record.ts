import type { Keyed } from './release.ts'
import type { RestartPolicy } from './stack.ts'

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
  /** By job service: the digest of the release it did so for; empty when that is to be tried once more. */
  jobsDoneFor?: Record<string, string>
  /** By `<service>.<slot>`: healing with back-off. */
  healing: Record<string, Backoff>
  /** By container that uses the network of another one: that one's `startedAt` when it was started last. */
  joined?: Record<string, string>
  /** By container: what somebody changed and was put right, until it shows no difference any more. */
  drift?: Record<string, Backoff & { cause: string }>
  /** By container that is up: how long nothing has led to it any more, -1 while something may still. It is stopped once it is not busy, or had its time. */
  leaving?: Record<string, number>
  /** By container: how long the gateway has not reached it, where it reaches the one before it. */
  unreached?: Record<string, number>
  /** By container: how long it has served beside the one that it replaces. */
  warming?: Record<string, number>
  /** Set while the engine, a registry or the host stands in the way. */
  trouble: (Backoff & { reason: string }) | null
  /** A person suspended the stack: nothing at all is done to it until they resume it. */
  suspended: boolean
  /** A person paused the rollout: no further slot is begun, what runs is kept at its own version. */
  paused: boolean
  /** A person took the stack down: nothing of it runs until they resume it, whatever git asks for. */
  down?: Asked
  /** A person consented to taking the Compose project over that has the stack's name. */
  adoption?: Adoption
  /** By digest: how releases with secrets are known under another key. Last stands what git asked for last. */
  keyed?: Record<string, KnownRelease>
  /** What was named under a key that is lost, spec hashes and digests, by the name it has under the present one. */
  renamed?: Record<string, string>
  /** The moment of the last pass, to know how much time was observed since. */
  clock: Moment | null
  /** The stretch of watching that the last pass belonged to; see `Observed.watch`. */
  watch: string | null
}

/** Who asked for it and why, as far as they said. */
export interface Asked {
  by?: string
  reason?: string
}

export interface Adoption {
  /** Digest of the release that took the place of what Compose ran; null until it is stable. */
  by: string | null
  /** By engine id: Compose's containers as they were before they were touched. */
  containers: Record<string, Taken>
}

export interface Taken {
  /** The engine's name for it. */
  name: string
  restart: RestartPolicy
  /** We drained, stopped or renamed it; it is put back should the release fail. */
  touched?: true
}

export interface KnownRelease extends Keyed {
  /** By service: its spec hash. */
  specs: Record<string, string>
}

export interface Failure {
  reason: string
  /** The release did nothing wrong: a person went back to an earlier one. */
  asked?: true
  service?: string
  container?: string
  /** What it had done to data; absent when nothing, or nothing goes back. */
  data?: string[]
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
  /** By `<service>.<slot>`: slots that failed within `maxFailureRatio`, and why. They wait until the release is stable. */
  aside?: Record<string, string>
  /** What was done to data since the stable release ran, for people: going back does not undo it. */
  data?: string[]
  /** `<service>.<slot>` of those whose replica of the release was promoted, sorted; it may have died since. */
  reached?: string[]
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
  /**
   * After a break in the engine's events: its last check then, and how long no other was seen. Engines with live-restore
   * forget the health checks of containers that outlive them.
   */
  unheard?: { check: string; ms: number }
  /** It was signalled through the engine, by somebody or by the engine's own end: its end is not its own doing. */
  byHand?: true
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
    watch: null,
  }
}
