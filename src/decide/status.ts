import type { ObservedContainer } from '../model/observed.ts'
import type { Failure } from '../model/record.ts'
import { type Release, short } from '../model/release.ts'
import type { HealthStatus, StackStatus, SyncStatus } from '../model/status.ts'
import { composeWords, isComposeServing, restoredWords, runsBeside } from './adopt-words.ts'
import { unpruned } from './clean.ts'
import { dataWords } from './data.ts'
import type { Aim, Desired, Scene, TowardsRelease } from './desired.ts'
import { downStatus } from './down.ts'
import { differenceWords, findings } from './drift/findings.ts'
import { jobsLeftToEnd } from './jobs.ts'
import { keptSlots, progressOf } from './kept.ts'
import { isReady, matches } from './match.ts'
import { servicesOf } from './order.ts'
import { isAwaiting, isRestoring } from './restore.ts'
import { isServed, type Slot, slotsOf, stateOf } from './slots.ts'
import { slotOf } from './step.ts'
import { busyOnes, inFlight } from './traffic/leaving.ts'

/** What a person is told. A rollback is never told as a success. */
export function describeStatus(scene: Scene, aim: Aim, obstacle: string | null, busy: boolean): StackStatus {
  if (aim.mode === 'pause') return pausedStatus(scene, aim, obstacle)
  if (aim.mode === 'remove' && aim.down) return downStatus(scene, aim.down, busy)
  const services = aim.mode === 'remove' || aim.mode === 'hold' ? {} : countReady(scene, aim.release)
  const health = healthOf(services, aim, scene, obstacle, busy)
  const found = aim.mode === 'mend' ? findings(scene, aim) : []
  return {
    sync: syncOf(scene, aim, obstacle, found),
    health,
    services,
    message: [messageOf(scene, aim, obstacle, found), ...unprunedWords(scene, aim)].join('; '),
  }
}

/** By service: replicas that are what `release` wants, and can be counted on. */
export function countReady(scene: Scene, release: Release): StackStatus['services'] {
  const isServing = (c: ObservedContainer) => isReady(c, scene.record) && matches(c, release)
  return count(scene, release, ({ current, others }) => [...(current ? [current] : []), ...others].some(isServing))
}

/** By service: slots in which somebody, of whatever version, can be counted on. */
export function countServed(scene: Scene, release: Release): StackStatus['services'] {
  return count(scene, release, (slot) => isServed(slot, scene.record))
}

function count(scene: Scene, release: Release, counts: (slot: Slot) => boolean): StackStatus['services'] {
  const services = servicesOf(release).filter((service) => service.kind === 'service')
  return Object.fromEntries(
    services.map((service) => {
      const ready = slotsOf(scene, release, service).filter(counts).length
      return [service.name, { ready, wanted: service.replicas }]
    }),
  )
}

function pausedStatus(scene: Scene, aim: TowardsRelease, obstacle: string | null): StackStatus {
  const { record } = scene
  const services = countServed(scene, aim.release)
  const trouble = record.trouble ? `${record.trouble.reason}; trying again by itself` : null
  const message = [obstacle ?? trouble, pauseWords(scene, aim)].filter((part) => part !== null).join('; ')
  const sync = obstacle || record.trouble ? 'Blocked' : 'OutOfSync'
  return { sync, health: pausedHealth(scene, aim, services), services, message }
}

function pausedHealth(scene: Scene, aim: TowardsRelease, services: StackStatus['services']): HealthStatus {
  const inFlux = keptSlots(scene, aim).some(({ slot }) => stateOf(slot, scene.record) === 'flux')
  if (aim.waitsFor !== undefined || inFlux) return 'Progressing'
  const isShort = Object.values(services).some(({ ready, wanted }) => ready < wanted)
  if (isShort) return scene.observed.containers.length === 0 ? 'Missing' : 'Degraded'
  return 'Healthy'
}

/** How far it came, what git asks for meanwhile, and the two ways on. */
function pauseWords(scene: Scene, { release, waitsFor }: TowardsRelease): string {
  if (waitsFor !== undefined) return `release ${short(release.digest)} ${waitsFor}`
  const { stack, latest, gone, blocked } = scene.desired
  const { reached, all } = progressOf(scene, release)
  const paused = `paused after ${reached} of ${all} ${all === 1 ? 'slot' : 'slots'}`
  const go = `go on with: holdfast resume ${stack}`
  const cancel = `holdfast cancel ${stack}`
  if (gone) return `${paused}; its folder is gone from the repository, so that on resume it is removed; ${go}`
  if (blocked) return `${paused}; what git asks for cannot be taken up: ${blocked}; ${go}, or go back with: ${cancel}`
  if (!latest || latest.digest === release.digest) return `${paused}; ${go}, or go back with: ${cancel}`
  const newer = `git asks for release ${short(latest.digest)} meanwhile, which takes its place on resume`
  return `${paused}; ${newer}; ${go}, or give it up with: ${cancel}`
}

function healthOf(
  services: StackStatus['services'],
  aim: Aim,
  scene: Scene,
  obstacle: string | null,
  busy: boolean,
): HealthStatus {
  if (aim.mode === 'remove') return 'Progressing'
  if (aim.mode === 'hold') return heldHealth(scene, busy)
  if (scene.record.rollout?.stuck) return 'Degraded'
  if (aim.mode !== 'mend') return 'Progressing'
  const short = Object.values(services).some(({ ready, wanted }) => ready < wanted)
  // What only a person can bring back, as a lost volume, is worse than not there yet.
  if (short) return scene.observed.containers.length === 0 && obstacle === null ? 'Missing' : 'Degraded'
  return busy ? 'Progressing' : 'Healthy'
}

/** Nothing of ours can be counted on; what Compose ran may. */
function heldHealth(scene: Scene, busy: boolean): HealthStatus {
  if (scene.observed.containers.length === 0) return 'Missing'
  if (isRestoring(scene) && (busy || isAwaiting(scene))) return 'Progressing'
  return isComposeServing(scene) ? 'Healthy' : 'Degraded'
}

function syncOf(scene: Scene, aim: Aim, obstacle: string | null, found: string[]): SyncStatus {
  const { desired, record } = scene
  if (obstacle || desired.blocked || record.trouble) return 'Blocked'
  if (aim.mode === 'remove' || aim.mode === 'roll') return 'OutOfSync'
  if (aim.mode === 'hold') return desired.latest ? 'OutOfSync' : 'Unknown'
  if (desired.latest && record.quarantine[desired.latest.digest]) return 'RolledBack'
  if (aim.mode === 'back') return 'OutOfSync'
  if (runsBeside(scene, aim)) return 'Drifted'
  return found.length > 0 && aim.release.stack.selfHeal !== 'off' ? 'Drifted' : 'Synced'
}

function messageOf(scene: Scene, aim: Aim, obstacle: string | null, found: string[]): string {
  const { desired, record } = scene
  if (obstacle) return obstacle
  if (record.trouble) return `${record.trouble.reason}; what runs is untouched, trying again by itself`
  if (desired.blocked) return `${desired.blocked}; the last release keeps running`
  if (aim.mode === 'remove') return 'the stack is gone from the repository and is being removed; its volumes stay'
  if (aim.mode === 'hold') return holdWords(scene, aim.why)
  return [towardsWords(scene, aim, found), ...composeWords(scene, aim)].join('; ')
}

function holdWords(scene: Scene, why: string): string {
  const { desired, record } = scene
  const failure = desired.latest && record.quarantine[desired.latest.digest]
  return failure && desired.latest
    ? `${[failureWords(desired.latest.digest, failure), why, ...restoredWords(scene), nextMove(desired)].join('; ')}`
    : why
}

function towardsWords(scene: Scene, aim: TowardsRelease, found: string[]): string {
  const { desired, record } = scene
  const name = short(aim.release.digest)
  const failure = desired.latest && record.quarantine[desired.latest.digest]
  if (failure && desired.latest) {
    const failed = failureWords(desired.latest.digest, failure)
    const stuck = record.rollout?.stuck
    if (stuck)
      return `${failed}; the rollback to ${name} has trouble too: ${stuck}; what is healthy is kept; ${nextMove(desired)}`
    const doing = aim.mode === 'back' ? `rolling back to ${name}` : `rolled back to ${name}`
    const differing = found.length > 0 ? [differenceWords(aim.release, found)] : []
    return [failed, doing, ...dataWords(failure.data), ...differing, nextMove(desired)].join('; ')
  }
  if (aim.mode === 'roll') return [`rolling out release ${name}`, ...rollWords(scene, aim)].join('; ')
  if (aim.mode === 'back') return `returning to release ${name}`
  return found.length === 0 ? `release ${name} runs` : `release ${name} ${differenceWords(aim.release, found)}`
}

/** What is special about a rollout that is under way. */
function rollWords(scene: Scene, aim: TowardsRelease): string[] {
  const aside = Object.keys(scene.record.rollout?.aside ?? {})
  return [
    ...(aside.length === 0 ? [] : [`${aside.join(', ')} failed and waits until the release is stable`]),
    ...busyOnes(scene).flatMap((c) => busyWords(scene, c)),
    ...jobsLeftToEnd(scene, aim).map((job) => `waits for the job ${slotOf(job)} of a superseded release to end`),
  ]
}

function busyWords(scene: Scene, container: ObservedContainer): string[] {
  const count = inFlight(scene, container)
  if (count === 0) return []
  return [`${container.name} finishes ${count === 1 ? 'one request' : `${count} requests`} before it is stopped`]
}

function failureWords(digest: string, { reason, asked }: Failure): string {
  return `release ${short(digest)} ${asked ? 'is held back' : 'failed'}: ${reason}`
}

function nextMove(desired: Desired): string {
  return `commit a fix, or try it again with: holdfast retry ${desired.stack}`
}

function unprunedWords(scene: Scene, aim: Aim): string[] {
  if (aim.mode !== 'mend') return []
  const names = unpruned(scene, aim.release).map(slotOf)
  return names.length === 0 ? [] : [`left running, for x-holdfast.sync.prune is false: ${names.join(', ')}`]
}
