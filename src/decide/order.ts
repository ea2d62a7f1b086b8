import { isSpecOf } from '../model/hash.ts'
import type { Release } from '../model/release.ts'
import type { DependencyCondition, Service } from '../model/stack.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { isUp } from './match.ts'
import { isServed, slotsOf, stateOf } from './slots.ts'

/** The services of a release by name: same input, same order. */
export function servicesOf(release: Release): Service[] {
  return Object.values(release.stack.services).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Every slot has its replica, ready and alone; of a job: it completed, or this is no rollout, which never runs it. */
export function isDone(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  const slots = slotsOf(scene, aim.release, service)
  if (service.kind === 'job') {
    return (
      aim.mode !== 'roll' ||
      slots.every((slot) => isSpecOf(scene.record.jobsDone[service.name] ?? '', service, slot.image))
    )
  }
  return slots.every((slot) => stateOf(slot, scene.record) === 'done')
}

/** A service's turn: in a rollout after what it depends on, in a rollback before it, when mending at once. */
export function isItsTurn(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  if (aim.mode === 'mend') return true
  if (aim.mode === 'back') return isItsTurnBack(scene, aim, service)
  return Object.entries(service.dependsOn).every(([name, condition]) => isMet(scene, aim, name, condition))
}

function isMet(scene: Scene, aim: TowardsRelease, name: string, condition: DependencyCondition): boolean {
  const dependency = aim.release.stack.services[name]
  if (!dependency) return true
  if (condition !== 'started') return isDone(scene, aim, dependency)
  return slotsOf(scene, aim.release, dependency).every((slot) => slot.current !== null && isUp(slot.current))
}

/**
 * Reverse order, as far as something serves. A dependency that is down goes back at once, and who depends on it
 * waits for it: a replica that needs it could not become healthy.
 */
function isItsTurnBack(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  const services = servicesOf(aim.release)
  const needs = services.filter((other) => other.kind === 'service' && service.dependsOn[other.name] !== undefined)
  if (needs.some((other) => !isServing(scene, aim, other))) return false
  if (!isServing(scene, aim, service)) return true
  const dependents = services.filter((other) => other.dependsOn[service.name] !== undefined)
  return dependents.every((other) => isDone(scene, aim, other))
}

function isServing(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  const slots = slotsOf(scene, aim.release, service)
  return slots.length === 0 || slots.some((slot) => isServed(slot, scene.record))
}
