import type { Rollout, StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Aim, Desired, Scene, TowardsRelease } from './desired.ts'
import { driftOf } from './drift/drift.ts'
import { forgetCured } from './drift/memory.ts'
import { jobsLeftToEnd } from './jobs.ts'
import { reachedSlots } from './kept.ts'
import { imageOf, isPromoted, matches } from './match.ts'
import { findObstacles } from './obstacle.ts'
import { allSlots, isDone, servicesOf } from './order.ts'
import { watchPaused } from './pause.ts'
import { stateOf } from './slots.ts'
import { slotName } from './step.ts'
import { backOff, quietFor, type Timed } from './time.ts'
import { busyOnes } from './traffic/leaving.ts'

/** Begins the rollout the aim asks for, unless it is the one under way, or has to wait for another stack. */
export function beginRollout(record: StackRecord, aim: Aim, desired: Desired): StackRecord {
  if (aim.mode === 'mend') return record
  if (aim.mode === 'remove' || aim.mode === 'hold') return { ...record, rollout: null, paused: false }
  if (record.rollout?.digest === aim.release.digest) return record
  if (record.rollout === null && aim.waitsFor !== undefined) return record
  const failed = desired.latest !== null && record.quarantine[desired.latest.digest] !== undefined
  const kind = aim.mode === 'back' && failed ? 'rollback' : 'rollout'
  const rollout: Rollout = {
    digest: aim.release.digest,
    kind,
    readyMs: null,
    idleMs: 0,
    progress: '',
    stuck: null,
    ...(record.rollout?.data ? { data: record.rollout.data } : {}),
  }
  return { ...record, rollout, paused: false }
}

/** Moves the rollout on by the time observed: how long it has been idle, how long all of it has been ready. */
export function watchRollout(scene: Scene, aim: Aim, { elapsedMs, observedMs }: Omit<Timed, 'record'>): StackRecord {
  const { record } = scene
  if (aim.mode === 'mend') return rest(scene, aim, elapsedMs)
  if (aim.mode === 'pause') return watchPaused(scene, aim)
  if (aim.mode === 'remove' || aim.mode === 'hold' || !record.rollout) return record
  const progress = fingerprint(scene)
  const moved = progress !== record.rollout.progress
  // Trouble of the platform, and what only a person can clear away, pause the limit: they are not the release's doing.
  // So does a job of a release before it that may still end.
  // And requests that a replica is still busy with have a limit of their own.
  const paused =
    record.trouble !== null ||
    findObstacles(scene, aim).length > 0 ||
    jobsLeftToEnd(scene, aim).length > 0 ||
    busyOnes(scene).length > 0
  const idleMs = moved ? 0 : record.rollout.idleMs + (paused ? 0 : observedMs)
  const readyMs = readyFor(scene, aim, record.rollout.readyMs, observedMs)
  const reached = aim.mode === 'roll' ? { reached: reachedSlots(scene, aim.release) } : {}
  return { ...record, rollout: { ...record.rollout, progress, idleMs, readyMs, ...reached } }
}

/** All of the release has been ready, without a break, for one more monitor window. */
export function isComplete(record: StackRecord, aim: TowardsRelease): boolean {
  const readyMs = record.rollout?.readyMs
  return readyMs != null && readyMs >= finalWindowMs(aim.release)
}

/** The longest monitor window of the release's services. */
export function finalWindowMs(release: Release): number {
  return Math.max(0, ...servicesOf(release).map((s) => (s.kind === 'service' ? s.update.monitorMs : 0)))
}

/** The release is stable now; the one before is kept, and what was remembered for the rollout is not. */
export function complete(record: StackRecord, { release }: TowardsRelease): StackRecord {
  const previous = record.stable === release.digest ? record.previous : record.stable
  const aside = Object.keys(record.rollout?.aside ?? {}).map((slot) => [slot, backOff(null)] as const)
  return { ...record, stable: release.digest, previous, rollout: null, healing: Object.fromEntries(aside) }
}

function readyFor(scene: Scene, aim: TowardsRelease, before: number | null, elapsedMs: number): number | null {
  if (!servicesOf(aim.release).every((service) => isDone(scene, aim, service))) return null
  if (
    before === null ||
    scene.observed.happened.some((h) => h.kind === 'interrupted' && isOf(scene, aim, h.container))
  ) {
    return 0
  }
  return before + elapsedMs
}

function isOf(scene: Scene, aim: TowardsRelease, name: string): boolean {
  return scene.observed.containers.some((c) => c.name === name && c.role === 'service' && matches(c, aim.release))
}

/** Changes with every container made, promoted or taken away, but not with a crash loop. */
function fingerprint({ observed, record }: Scene): string {
  return observed.containers
    .map((c) => `${c.name}${c.startedAt === '' ? '' : '+'}${isPromoted(c, record) ? '*' : ''}`)
    .sort()
    .join(' ')
}

/**
 * Nothing is being rolled out: gates that were passed have done their work, except where the restart policy is `no`
 * and so cannot show that the replica was promoted. Ten healthy minutes clear a slot's back-off.
 */
function rest(scene: Scene, aim: TowardsRelease, elapsedMs: number): StackRecord {
  const calm = new Set(
    allSlots(scene, aim.release)
      .filter((slot) => stateOf(slot, scene.record) === 'done')
      .map(slotName),
  )
  const healing = Object.entries(scene.record.healing).flatMap(([slot, backoff]) => {
    const rested = calm.has(slot) ? quietFor(backoff, elapsedMs) : backoff
    return rested ? [[slot, rested] as const] : []
  })
  const gates = Object.entries(scene.record.gates).filter(([name, gate]) => {
    const container = scene.observed.containers.find((c) => c.name === name)
    return !gate.passed || container?.restart === 'no'
  })
  const record = { ...scene.record, healing: Object.fromEntries(healing), gates: Object.fromEntries(gates) }
  return forgetCured(record, scene.observed, (name) => differs(scene, aim, name))
}

function differs({ observed }: Scene, { release }: TowardsRelease, name: string): boolean {
  const container = observed.containers.find((c) => c.name === name)
  const service = release.stack.services[container?.service ?? '']
  return (
    container !== undefined &&
    service !== undefined &&
    driftOf(container, service, imageOf(release, service), observed.networks).length > 0
  )
}
