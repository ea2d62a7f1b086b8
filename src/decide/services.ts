import type { ObservedContainer } from '../model/observed.ts'
import type { Release } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import { withAddresses } from './addresses.ts'
import { isAside } from './aside.ts'
import { oldFailureSteps } from './clean.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { mayEnd } from './jobs.ts'
import { belongsTo, isPromoted, isUp } from './match.ts'
import { isDone, isItsTurn, servicesOf } from './order.ts'
import { nextSlotStep, retire } from './replace.ts'
import { isServed, type Slot, slotsOf, stateOf } from './slots.ts'
import { onceEach } from './step.ts'
import { listingSteps } from './traffic/listing.ts'

/** What changes containers now: leftovers go, and every slot whose turn it is takes at most one step. */
export function changeSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const slots = servicesOf(aim.release)
    .filter((service) => !isDone(scene, aim, service) && isItsTurn(scene, aim, service))
    .flatMap((service) => slotsInTurn(scene, aim, service))
  const replacing = slots.flatMap((slot) => nextSlotStep(scene, aim, slot) ?? [])
  const steps = [...leftoverSteps(scene, aim), ...replacing, ...listingSteps(scene)].reduce(onceEach, [])
  return withAddresses(scene, steps)
}

/** What earlier tries left behind. */
export function leftoverSteps(scene: Scene, aim: TowardsRelease): Step[] {
  return [...debrisSteps(scene, [aim.release]), ...oldFailureSteps(scene)].reduce(onceEach, [])
}

/** Containers that never proved themselves and are not wanted: left by a failed release, or by a superseded one. */
export function debrisSteps(scene: Scene, wanted: Release[]): Step[] {
  const { record } = scene
  return scene.observed.containers
    .filter((c) => c.role !== 'files' && isUp(c) && !isPromoted(c, record))
    .filter((c) => !wanted.some((release) => belongsTo(c, release)) || record.failedContainers.includes(c.name))
    .filter((c) => !mayEnd(scene, c))
    .flatMap((c) => retire(scene, c, debrisWords(c)) ?? [])
}

function debrisWords({ role }: ObservedContainer): string {
  if (role === 'job') return 'it did not end in time and its release is not wanted any more'
  return 'it never proved healthy and its release is not wanted any more'
}

/** Those already in flux, and as many pending ones as parallelism allows, the broken ones first. */
function slotsInTurn(scene: Scene, aim: TowardsRelease, service: Service): Slot[] {
  const slots = slotsOf(scene, aim.release, service).filter((slot) => !isAside(slot, scene.record))
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
