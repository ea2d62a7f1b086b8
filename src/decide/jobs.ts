import { isSpecOf } from '../model/hash.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Aim, Desired, Scene, TowardsRelease } from './desired.ts'
import { wasStarted } from './gate.ts'
import { belongsTo, imageOf, isUp, matches } from './match.ts'

/** When nothing else is known of the release a job belongs to. */
const DEFAULT_LIMIT_MS = 600_000

/** The job ended well as it is wanted now; one that runs with every release did so for this very one. */
export function hasCompleted(record: StackRecord, release: Release, service: Service): boolean {
  const done = record.jobsDone[service.name]
  // One that a newer Holdfast noted cannot be compared: rather not run again than twice.
  if (done === undefined || isSpecOf(done, service, imageOf(release, service)) === false) return false
  return !service.always || record.jobsDoneFor?.[service.name] === release.digest
}

/**
 * Jobs that ended well. The record remembers, for a container may be pruned, and one that is kept does not say whether
 * it was run for the present try: only a start that was announced counts, and counts once.
 */
export function noteJobs(record: StackRecord, { containers }: { containers: ObservedContainer[] }, aim: Aim) {
  const ended = containers.filter((c) => endedWell(c) && (isAnnounced(c, record) || isForgotten(c, record, aim)))
  if (ended.length === 0) return record
  const names = new Set(ended.map((c) => c.name))
  const gates = Object.entries(record.gates).filter(([name]) => !names.has(name))
  return {
    ...record,
    gates: Object.fromEntries(gates),
    jobsDone: { ...record.jobsDone, ...Object.fromEntries(ended.map((c) => [c.service, c.spec])) },
    jobsDoneFor: { ...record.jobsDoneFor, ...Object.fromEntries(ended.map((c) => [c.service, c.release])) },
  }
}

/** What ran once is not started again: another run has a container of its own. */
export function isSpent(container: ObservedContainer, record: StackRecord): boolean {
  return container.role === 'job' && container.state === 'exited' && record.gates[container.name] === undefined
}

/**
 * Jobs under way that no longer belong to what is wanted. They may end within their limit, for half a migration is
 * worse than a wait; no other job begins meanwhile.
 */
export function jobsLeftToEnd(scene: Scene, aim: TowardsRelease): ObservedContainer[] {
  return scene.observed.containers.filter((c) => !belongsTo(c, aim.release) && mayEnd(scene, c))
}

/** A job that runs, has not failed, and is within its limit. */
export function mayEnd({ desired, record }: Scene, container: ObservedContainer): boolean {
  if (container.role !== 'job' || !isUp(container) || record.failedContainers.includes(container.name)) return false
  return jobRanMs(record, container) < jobLimitMs(desired)
}

/** How long it has been running, as far as that was watched. */
export function jobRanMs({ gates }: StackRecord, { name }: ObservedContainer): number {
  const gate = gates[name]
  return gate ? gate.waitedMs + (gate.healthyMs ?? 0) : 0
}

function jobLimitMs({ latest, stable }: Desired): number {
  return (latest ?? stable)?.stack.progressDeadlineMs ?? DEFAULT_LIMIT_MS
}

function endedWell(container: ObservedContainer): boolean {
  return container.role === 'job' && container.state === 'exited' && container.exitCode === 0
}

function isAnnounced(container: ObservedContainer, record: StackRecord): boolean {
  return wasStarted(record.gates[container.name])
}

/** With a lost record the container that is kept is all that tells of it. */
function isForgotten(container: ObservedContainer, record: StackRecord, aim: Aim): boolean {
  if (aim.mode !== 'roll' || record.jobsDone[container.service] !== undefined) return false
  return container.startedAt !== '' && matches(container, aim.release)
}
