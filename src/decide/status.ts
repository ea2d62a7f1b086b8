import type { Failure, StackRecord } from '../model/record.ts'
import { short } from '../model/release.ts'
import type { HealthStatus, StackStatus, SyncStatus } from '../model/status.ts'
import { dataWords } from './data.ts'
import type { Aim, Desired, Scene, TowardsRelease } from './desired.ts'
import { jobsLeftToEnd } from './jobs.ts'
import { isReady } from './match.ts'
import { servicesOf } from './order.ts'
import { slotsOf } from './slots.ts'
import { slotOf } from './step.ts'

/** What a person is told. A rollback is never told as a success. */
export function describeStatus(scene: Scene, aim: Aim, obstacle: string | null, busy: boolean): StackStatus {
  const services = aim.mode === 'remove' || aim.mode === 'hold' ? {} : countReady(scene, aim)
  const health = healthOf(services, aim, scene, busy)
  return {
    sync: syncOf(scene, aim, obstacle, health),
    health,
    services,
    message: messageOf(scene, aim, obstacle, health),
  }
}

function countReady(scene: Scene, aim: TowardsRelease): StackStatus['services'] {
  const services = servicesOf(aim.release).filter((service) => service.kind === 'service')
  return Object.fromEntries(
    services.map((service) => {
      const slots = slotsOf(scene, aim.release, service)
      const ready = slots.filter((slot) => slot.current !== null && isReady(slot.current, scene.record)).length
      return [service.name, { ready, wanted: service.replicas }]
    }),
  )
}

function healthOf(services: StackStatus['services'], aim: Aim, scene: Scene, busy: boolean): HealthStatus {
  if (aim.mode === 'remove') return 'Progressing'
  if (aim.mode === 'hold') return scene.observed.containers.length === 0 ? 'Missing' : 'Degraded'
  if (scene.record.rollout?.stuck) return 'Degraded'
  if (aim.mode !== 'mend') return 'Progressing'
  const short = Object.values(services).some(({ ready, wanted }) => ready < wanted)
  if (short) return scene.observed.containers.length === 0 ? 'Missing' : 'Degraded'
  return busy ? 'Progressing' : 'Healthy'
}

function syncOf(scene: Scene, aim: Aim, obstacle: string | null, health: HealthStatus): SyncStatus {
  const { desired, record } = scene
  if (obstacle || desired.blocked || record.trouble) return 'Blocked'
  if (aim.mode === 'remove' || aim.mode === 'roll') return 'OutOfSync'
  if (aim.mode === 'hold') return desired.latest ? 'OutOfSync' : 'Unknown'
  if (desired.latest && record.quarantine[desired.latest.digest]) return 'RolledBack'
  if (aim.mode === 'back') return 'OutOfSync'
  return health === 'Healthy' || health === 'Progressing' ? 'Synced' : 'Drifted'
}

function messageOf(scene: Scene, aim: Aim, obstacle: string | null, health: HealthStatus): string {
  const { desired, record } = scene
  if (obstacle) return obstacle
  if (record.trouble) return `${record.trouble.reason}; what runs is untouched, trying again by itself`
  if (desired.blocked) return `${desired.blocked}; the last release keeps running`
  if (aim.mode === 'remove') return 'the stack is gone from the repository and is being removed; its volumes stay'
  if (aim.mode === 'hold') return holdWords(desired, record, aim.why)
  return towardsWords(scene, aim, health)
}

function holdWords(desired: Desired, record: StackRecord, why: string): string {
  const failure = desired.latest && record.quarantine[desired.latest.digest]
  return failure && desired.latest
    ? `${failureWords(desired.latest.digest, failure)}; ${why}; ${nextMove(desired)}`
    : why
}

function towardsWords(scene: Scene, aim: TowardsRelease, health: HealthStatus): string {
  const { desired, record } = scene
  const name = short(aim.release.digest)
  const failure = desired.latest && record.quarantine[desired.latest.digest]
  if (failure && desired.latest) {
    const failed = failureWords(desired.latest.digest, failure)
    const stuck = record.rollout?.stuck
    if (stuck)
      return `${failed}; the rollback to ${name} has trouble too: ${stuck}; what is healthy is kept; ${nextMove(desired)}`
    const doing = aim.mode === 'back' ? `rolling back to ${name}` : `rolled back to ${name}`
    return [failed, doing, ...dataWords(failure.data), nextMove(desired)].join('; ')
  }
  if (aim.mode === 'roll') return [`rolling out release ${name}`, ...rollWords(scene, aim)].join('; ')
  if (aim.mode === 'back') return `returning to release ${name}`
  return health === 'Healthy' ? `release ${name} runs` : `release ${name} is being put right`
}

/** What is special about a rollout that is under way. */
function rollWords(scene: Scene, aim: TowardsRelease): string[] {
  const aside = Object.keys(scene.record.rollout?.aside ?? {})
  return [
    ...(aside.length === 0 ? [] : [`${aside.join(', ')} failed and waits until the release is stable`]),
    ...jobsLeftToEnd(scene, aim).map((job) => `waits for the job ${slotOf(job)} of a superseded release to end`),
  ]
}

function failureWords(digest: string, { reason, asked }: Failure): string {
  return `release ${short(digest)} ${asked ? 'is held back' : 'failed'}: ${reason}`
}

function nextMove(desired: Desired): string {
  return `commit a fix, or try it again with: holdfast retry ${desired.stack}`
}
