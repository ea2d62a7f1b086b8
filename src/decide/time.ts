import type { Backoff, Gate, Moment, Rollout, StackRecord } from '../model/record.ts'

const FIRST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 300_000
const QUIET_RESET_MS = 600_000

/**
 * While something is awaited a pass is never further away than a second. A longer gap was not watched: a step took
 * long, the engine was away, or the machine slept. No more than this of it counts for or against a replica.
 */
const LONGEST_OBSERVED_MS = 10_000

/** The record with the clock moved on, and the time since the last pass. */
export interface Timed {
  record: StackRecord
  /** All of it. */
  elapsedMs: number
  /** What of it was watched, and so counts for health windows and limits. */
  observedMs: number
  /** The whole time was watched: no start of Holdfast and no break in the engine's events lies between. */
  isWatched: boolean
}

/**
 * Takes the time. Readings of another process run say nothing about the time between, so after a restart nothing has
 * elapsed. Then, and after a break in the engine's events, every health window and limit begins anew.
 */
export function takeTime(record: StackRecord, watch: string, now: Moment): Timed {
  const sameRun = record.clock?.run === now.run
  const isWatched = sameRun && record.watch === watch
  const elapsedMs = sameRun && record.clock ? Math.max(0, now.ms - record.clock.ms) : 0
  const counted = isWatched ? record : beginWindowsAnew(record)
  return {
    elapsedMs,
    observedMs: isWatched ? Math.min(elapsedMs, LONGEST_OBSERVED_MS) : 0,
    isWatched,
    record: {
      ...counted,
      clock: now,
      watch,
      healing: mapValues(counted.healing, (backoff) => countDown(backoff, elapsedMs)),
      ...(counted.drift
        ? { drift: mapValues(counted.drift, (one) => ({ ...one, ...countDown(one, elapsedMs) })) }
        : {}),
      trouble: counted.trouble && { ...counted.trouble, ...countDown(counted.trouble, elapsedMs) },
    },
  }
}

/** One more failure: ten seconds first, then doubling up to five minutes. */
export function backOff(before: Backoff | null | undefined): Backoff {
  const failures = (before?.failures ?? 0) + 1
  return { failures, waitMs: Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS), quietMs: 0 }
}

/** A back-off after `elapsedMs` of health; null when ten minutes of it cleared the count. */
export function quietFor(backoff: Backoff, elapsedMs: number): Backoff | null {
  const quietMs = backoff.quietMs + elapsedMs
  return quietMs >= QUIET_RESET_MS ? null : { ...backoff, quietMs }
}

function countDown(backoff: Backoff, elapsedMs: number): Backoff {
  return { ...backoff, waitMs: Math.max(0, backoff.waitMs - elapsedMs) }
}

function beginWindowsAnew(record: StackRecord): StackRecord {
  const anew = (gate: Gate): Gate => ({ ...gate, healthyMs: null, waitedMs: 0 })
  const rollout: Rollout | null = record.rollout && { ...record.rollout, readyMs: null, idleMs: 0 }
  return { ...record, gates: mapValues(record.gates, anew), rollout }
}

function mapValues<T>(values: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}
