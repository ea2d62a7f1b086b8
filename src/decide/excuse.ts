import type { Happening, ObservedContainer } from '../model/observed.ts'
import type { Gate } from '../model/record.ts'
import type { Timed } from './time.ts'

/** Exit codes of a process that SIGKILL or SIGTERM ended. */
const KILLED = new Set([137, 143])

/** Beyond the time in which a check must have spoken. */
const PATIENCE_MS = 2_000

/** Somebody sent it a signal through the engine. */
export function noteHands(gate: Gate, told: Happening[]): Gate {
  return told.some((h) => h.kind === 'interrupted' && h.byHand) ? { ...gate, byHand: true } : gate
}

/**
 * Only a replica's own behaviour speaks against it. It ended while nobody watched (the engine, the host or Holdfast
 * was down), or after a signal that somebody sent: it is started once more, and its window begins anew.
 */
export function isExcused(gate: Gate, container: ObservedContainer, isWatched: boolean): boolean {
  const ended = container.state === 'exited' && container.startedAt !== (gate.startedAt === null ? gate.before : '')
  if (!ended) return false
  // A job that ended by itself has done its work, well or badly, and is not run again for that.
  if (container.role === 'job' && !KILLED.has(container.exitCode)) return false
  return !isWatched || gate.byHand === true
}

/** After a break in the engine's events a health counts only once its check was heard again. */
export function listen(gate: Gate, container: ObservedContainer, { isWatched, observedMs }: Timed): Gate {
  const { unheard, ...heard } = gate
  if (!container.check || container.state !== 'running') return heard
  if (!isWatched) return { ...heard, unheard: { check: container.lastCheck, ms: 0 } }
  if (!unheard || unheard.check !== container.lastCheck) return heard
  return { ...heard, unheard: { ...unheard, ms: unheard.ms + observedMs } }
}

/** The engine does not run its health check any more; only another start makes it. */
export function isForgotten(gate: Gate | undefined, { check }: ObservedContainer): boolean {
  if (!check || !gate?.unheard) return false
  return gate.unheard.ms >= check.intervalMs + check.timeoutMs + PATIENCE_MS
}
