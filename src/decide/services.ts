import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { isUp } from './match.ts'
import { isDone, isItsTurn, servicesOf } from './order.ts'
import { nextSlotStep, retire } from './replace.ts'
import { isServed, type Slot, slotsOf, stateOf } from './slots.ts'

/** At most one step for each slot whose turn it is. */
export function serviceSteps(scene: Scene, aim: TowardsRelease): Step[] {
  return servicesOf(aim.release)
    .filter((service) => !isDone(scene, aim, service) && isItsTurn(scene, aim, service))
    .flatMap((service) => slotsInTurn(scene, aim, service))
    .flatMap((slot) => nextSlotStep(scene, aim, slot) ?? [])
    .reduce(onceEach, [])
}

/** Containers that never proved themselves and have no place in the release, left by one that was superseded. */
export function debrisSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const { services } = aim.release.stack
  return scene.observed.containers
    .filter((c) => c.role === 'service' && isUp(c) && c.restart === 'no' && !scene.record.gates[c.name]?.passed)
    .filter((c) => c.slot > (services[c.service]?.replicas ?? 0))
    .map((c) => retire(scene, c, 'it never proved healthy and its release is not wanted any more'))
}

/** Those already in flux, and as many pending ones as parallelism allows, the broken ones first. */
function slotsInTurn(scene: Scene, aim: TowardsRelease, service: Service): Slot[] {
  const slots = slotsOf(scene, aim.release, service)
  const inState = (state: string) => slots.filter((slot) => stateOf(slot, scene.record) === state)
  const flux = inState('flux')
  const isEmpty = (slot: Slot) => slot.others.length === 0
  const pending = inState('pending')
  // Where nothing runs there is nothing to lose: such a slot waits for no other.
  const empty = pending.filter(isEmpty)
  const broken = pending.filter((slot) => !isEmpty(slot) && !isServed(slot, scene.record))
  const serving = pending.filter((slot) => !isEmpty(slot) && isServed(slot, scene.record))
  const parallelism = service.update.parallelism === 0 ? slots.length : service.update.parallelism
  const room = Math.max(0, parallelism - flux.length - empty.length)
  return [...flux, ...empty, ...[...broken, ...serving].slice(0, room)]
}

/** Two slots may ask for the same container to make room; it is told once. */
function onceEach(steps: Step[], next: Step): Step[] {
  const same = (a: Step) => JSON.stringify(a.args) === JSON.stringify(next.args) && a.kind === next.kind
  return steps.some(same) ? steps : [...steps, next]
}
