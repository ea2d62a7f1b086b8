import type { ObservedContainer } from '../model/observed.ts'
import type { Failure, StackRecord } from '../model/record.ts'
import { short } from '../model/release.ts'
import type { HealthStatus, StackStatus, SyncStatus } from '../model/status.ts'
import { unpruned } from './clean.ts'
import type { Aim, Desired, Scene, TowardsRelease } from './desired.ts'
import { differenceWords, findings } from './drift/findings.ts'
import { isReady, matches } from './match.ts'
import { servicesOf } from './order.ts'
import { slotsOf } from './slots.ts'
import { slotOf } from './step.ts'

/** What a person is told. A rollback is never told as a success. */
export function describeStatus(scene: Scene, aim: Aim, obstacle: string | null, busy: boolean): StackStatus {
  const services = aim.mode === 'remove' || aim.mode === 'hold' ? {} : countReady(scene, aim)
  const health = healthOf(services, aim, scene, obstacle, busy)
  const found = aim.mode === 'mend' ? findings(scene, aim) : []
  return {
    sync: syncOf(scene, aim, obstacle, found),
    health,
    services,
    message: [messageOf(scene, aim, obstacle, found), ...unprunedWords(scene, aim)].join('; '),
  }
}

function countReady(scene: Scene, aim: TowardsRelease): StackStatus['services'] {
  const services = servicesOf(aim.release).filter((service) => service.kind === 'service')
  return Object.fromEntries(
    services.map((service) => {
      const slots = slotsOf(scene, aim.release, service)
      const isServing = (c: ObservedContainer) => isReady(c, scene.record) && matches(c, aim.release)
      const ready = slots.filter(({ current, others }) =>
        [...(current ? [current] : []), ...others].some(isServing),
      ).length
      return [service.name, { ready, wanted: service.replicas }]
    }),
  )
}

function healthOf(
  services: StackStatus['services'],
  aim: Aim,
  scene: Scene,
  obstacle: string | null,
  busy: boolean,
): HealthStatus {
  if (aim.mode === 'remove') return 'Progressing'
  if (aim.mode === 'hold') return scene.observed.containers.length === 0 ? 'Missing' : 'Degraded'
  if (scene.record.rollout?.stuck) return 'Degraded'
  if (aim.mode !== 'mend') return 'Progressing'
  const short = Object.values(services).some(({ ready, wanted }) => ready < wanted)
  // What only a person can bring back, as a lost volume, is worse than not there yet.
  if (short) return scene.observed.containers.length === 0 && obstacle === null ? 'Missing' : 'Degraded'
  return busy ? 'Progressing' : 'Healthy'
}

function syncOf(scene: Scene, aim: Aim, obstacle: string | null, found: string[]): SyncStatus {
  const { desired, record } = scene
  if (obstacle || desired.blocked || record.trouble) return 'Blocked'
  if (aim.mode === 'remove' || aim.mode === 'roll') return 'OutOfSync'
  if (aim.mode === 'hold') return desired.latest ? 'OutOfSync' : 'Unknown'
  if (desired.latest && record.quarantine[desired.latest.digest]) return 'RolledBack'
  if (aim.mode === 'back') return 'OutOfSync'
  return found.length > 0 && aim.release.stack.selfHeal !== 'off' ? 'Drifted' : 'Synced'
}

function messageOf(scene: Scene, aim: Aim, obstacle: string | null, found: string[]): string {
  const { desired, record } = scene
  if (obstacle) return obstacle
  if (record.trouble) return `${record.trouble.reason}; what runs is untouched, trying again by itself`
  if (desired.blocked) return `${desired.blocked}; the last release keeps running`
  if (aim.mode === 'remove') return 'the stack is gone from the repository and is being removed; its volumes stay'
  if (aim.mode === 'hold') return holdWords(desired, record, aim.why)
  return towardsWords(desired, record, aim, found)
}

function holdWords(desired: Desired, record: StackRecord, why: string): string {
  const failure = desired.latest && record.quarantine[desired.latest.digest]
  return failure && desired.latest
    ? `${failureWords(desired.latest.digest, failure)}; ${why}; ${nextMove(desired)}`
    : why
}

function towardsWords(desired: Desired, record: StackRecord, aim: TowardsRelease, found: string[]): string {
  const name = short(aim.release.digest)
  const failure = desired.latest && record.quarantine[desired.latest.digest]
  if (failure && desired.latest) {
    const failed = failureWords(desired.latest.digest, failure)
    const stuck = record.rollout?.stuck
    if (stuck)
      return `${failed}; the rollback to ${name} has trouble too: ${stuck}; what is healthy is kept; ${nextMove(desired)}`
    const doing = aim.mode === 'back' ? `rolling back to ${name}` : `rolled back to ${name}`
    const differing = found.length > 0 ? [differenceWords(aim.release, found)] : []
    return [failed, doing, ...differing, nextMove(desired)].join('; ')
  }
  if (aim.mode === 'roll') return `rolling out release ${name}`
  if (aim.mode === 'back') return `returning to release ${name}`
  return found.length === 0 ? `release ${name} runs` : `release ${name} ${differenceWords(aim.release, found)}`
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
