import { short } from '../model/release.ts'
import type { HealthStatus, StackStatus } from '../model/status.ts'
import { chooseAim } from './aim.ts'
import type { Aim, Decision, Scene } from './desired.ts'
import { forgiveGates } from './gate.ts'
import { resume } from './requests.ts'
import { countReady, countServed } from './status.ts'

/** A suspended stack: nothing is done, time does not count, and what happens meanwhile is nobody's fault. */
export function leaveAlone(scene: Scene): Decision {
  const gates = forgiveGates(scene.record, scene.observed, true)
  const record = { ...scene.record, gates, clock: null }
  return { record, steps: [], wakeInMs: null, status: suspendedStatus({ ...scene, record }) }
}

function suspendedStatus(scene: Scene): StackStatus {
  const { desired } = scene
  const services = servicesThatShouldRun(scene)
  const words = onResume(scene, chooseAim(desired, resume(scene.record)))
  const blocked = desired.blocked ? `what git asks for cannot be taken up: ${desired.blocked}` : null
  const next = `go on with: holdfast resume ${desired.stack}`
  const message = ['suspended, nothing is done to it', words, blocked, next].filter((part) => part !== null).join('; ')
  return { sync: 'Suspended', health: healthOf(scene, services), services, message }
}

/** In the middle of a rollout a replica of either version counts. */
function servicesThatShouldRun(scene: Scene): StackStatus['services'] {
  const { rolling, stable, latest } = scene.desired
  const release = rolling ?? stable ?? latest
  if (!release) return {}
  return rolling ? countServed(scene, release) : countReady(scene, release)
}

function healthOf({ observed }: Scene, services: StackStatus['services']): HealthStatus {
  if (observed.containers.length === 0) return 'Missing'
  const counts = Object.values(services)
  if (counts.length === 0) return 'Unknown'
  return counts.every(({ ready, wanted }) => ready >= wanted) ? 'Healthy' : 'Degraded'
}

/** What resuming will do beside healing; null when nothing. */
function onResume({ record }: Scene, aim: Aim): string | null {
  if (aim.mode === 'remove') return 'its folder is gone from the repository, so that on resume it is removed'
  if (aim.mode === 'roll' || aim.mode === 'pause') {
    const name = short(aim.release.digest)
    const isUnderWay = record.rollout?.digest === aim.release.digest
    return isUnderWay ? `the rollout of release ${name} goes on on resume` : `on resume release ${name} is rolled out`
  }
  return aim.mode === 'back' ? `on resume it goes back to release ${short(aim.release.digest)}` : null
}
