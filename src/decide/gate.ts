import type { Observed, ObservedContainer } from '../model/observed.ts'
import type { Gate, StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import { isExcused, listen, noteHands } from './excuse.ts'
import { isHealthy, isPromoted, isUp } from './match.ts'
import type { Timed } from './time.ts'
import { seconds } from './words.ts'

/** Without a health check, running is all there is to wait for. */
const LIMIT_WITHOUT_CHECK_MS = 10_000
const DEFAULT_MONITOR_MS = 10_000

/** How long a replica may take to become healthy: as long as its health check needs to make up its mind. */
export function healthyLimitMs(container: ObservedContainer): number {
  const check = container.check
  if (!check) return LIMIT_WITHOUT_CHECK_MS
  return check.startPeriodMs + check.intervalMs * check.retries + check.timeoutMs
}

/** How long the replica must be healthy without a break; ten seconds where the release does not have its service. */
export function monitorMsOf({ service }: ObservedContainer, release: Release | null): number {
  return release?.stack.services[service]?.update.monitorMs ?? DEFAULT_MONITOR_MS
}

/** Moves every gate on by what was seen and by the time observed; gates of containers that are gone are dropped. */
export function watchGates(observed: Observed, release: Release | null, timed: Timed): StackRecord {
  const { record, observedMs, isWatched } = timed
  const gates: Record<string, Gate> = {}
  for (const container of observed.containers) {
    const known = record.gates[container.name] ?? unannounced(container, record)
    if (!known) continue
    const told = observed.happened.filter((h) => h.kind === 'interrupted' && h.container === container.name)
    const gate = listen(noteHands(known, told), container, timed)
    const monitorMs = monitorMsOf(container, release)
    gates[container.name] = isExcused(gate, container, isWatched)
      ? openGate(container)
      : watch(gate, container, told.length > 0, observedMs, monitorMs)
  }
  return { ...record, gates }
}

/** A gate for a start that is about to be carried out. */
export function openGate(container: { startedAt: string }): Gate {
  return { before: container.startedAt, startedAt: null, restarts: 0, healthyMs: null, waitedMs: 0, passed: false }
}

/** The gate of a replica that loses its restart policy, which showed until now that it had proved itself. */
export function passedGate({ startedAt, restarts }: ObservedContainer): Gate {
  return { before: startedAt, startedAt, restarts, healthyMs: null, waitedMs: 0, passed: true }
}

/**
 * The gates as they are while a person holds the stack: what happens to a replica that proved itself is forgotten, and
 * one that is down proves itself again when it is started. `openToo`: those that did not prove themselves yet begin anew.
 */
export function forgiveGates(record: StackRecord, { containers }: Observed, openToo = false): StackRecord['gates'] {
  const kept = Object.entries(record.gates).flatMap(([name, gate]): [string, Gate][] => {
    const container = containers.find((c) => c.name === name)
    // What a job does is its own: it must not run twice.
    if (!container || container.role === 'job') return [[name, gate]]
    if (!gate.passed) return openToo ? [] : [[name, gate]]
    const { startedAt, restarts } = container
    return isUp(container) ? [[name, { ...gate, startedAt, restarts }]] : []
  })
  return Object.fromEntries(kept)
}

/** The announced start has been carried out. */
export function wasStarted(gate: Gate | undefined): boolean {
  return gate !== undefined && gate.startedAt !== null
}

/** Its start was ours: a gate that opened for a container that ran already knows of none. */
export function wasAnnounced(gate: Gate | undefined): boolean {
  return wasStarted(gate) && gate?.before !== gate?.startedAt
}

/** Why the replica behind this gate has failed; null while it has not. */
export function gateFailure(container: ObservedContainer, gate: Gate): string | null {
  if (gate.startedAt === null || gate.passed) return null
  if (container.state === 'exited' || container.state === 'dead') return exitWords(container)
  if (isSick(container)) return `its health check failed${complaintWords(container)}`
  const limitMs = healthyLimitMs(container)
  // At the limit a replica that is healthy at last is let through; one that is not, or not any more, is too late.
  if (gate.healthyMs === null && gate.waitedMs >= limitMs && !gate.unheard) return tooLate(container, limitMs)
  return null
}

function tooLate(container: ObservedContainer, limitMs: number): string {
  return `it was not healthy within ${seconds(limitMs)}${complaintWords(container)}`
}

function complaintWords({ complaint }: ObservedContainer): string {
  return complaint === '' ? '' : `; its last check said: ${complaint}`
}

/** Its check says so while it runs: of one that is being ended the engine says unhealthy as well. */
export function isSick(container: ObservedContainer): boolean {
  return container.state === 'running' && container.health === 'unhealthy'
}

/** Why a container is no longer running, in words. */
export function exitWords(container: ObservedContainer): string {
  const detail = container.error === '' ? '' : ` (${container.error})`
  return `it exited with code ${container.exitCode}${detail}`
}

/** Runs without promotion and without a gate: the record was lost, or somebody started it. Its window begins now. */
function unannounced(container: ObservedContainer, record: StackRecord): Gate | null {
  if (!isUp(container) || isPromoted(container, record)) return null
  return { ...openGate(container), startedAt: container.startedAt, restarts: container.restarts }
}

function watch(
  gate: Gate,
  container: ObservedContainer,
  interrupted: boolean,
  elapsedMs: number,
  monitorMs: number,
): Gate {
  if (gate.startedAt === null) {
    if (container.startedAt === gate.before) return gate
    return watch(
      { ...gate, startedAt: container.startedAt, restarts: container.restarts },
      container,
      false,
      0,
      monitorMs,
    )
  }
  const again = interrupted || container.startedAt !== gate.startedAt
  const seen = { ...gate, startedAt: container.startedAt }
  if (again || !isHealthy(container)) return { ...seen, healthyMs: null, waitedMs: gate.waitedMs + elapsedMs }
  const healthyMs = gate.healthyMs === null ? 0 : gate.healthyMs + elapsedMs
  const waitedMs = gate.healthyMs === null ? gate.waitedMs + elapsedMs : gate.waitedMs
  return {
    ...seen,
    healthyMs,
    waitedMs,
    passed: gate.passed || (container.role === 'service' && healthyMs >= monitorMs && !gate.unheard),
  }
}
