import type { ObservedContainer } from '../model/observed.ts'
import type { Step } from '../model/steps.ts'
import { changeWords } from './change.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { cureStep } from './drift/cure.ts'
import { driftWords } from './drift/words.ts'
import { isForgotten } from './excuse.ts'
import { wasStarted } from './gate.ts'
import { isPromoted, isReady, isUp, portsCollide } from './match.ts'
import { returnName, takeName } from './naming.ts'
import { attachStep } from './reattach.ts'
import { nextName, type Slot } from './slots.ts'
import { createStep, slotName, slotOf, step, touching } from './step.ts'
import { hasArrived } from './traffic/arriving.ts'
import { drainLimitMs, inFlight, isDrained, serviceOf } from './traffic/leaving.ts'
import { isListed } from './traffic/listing.ts'
import { lookupsFor } from './traffic/lookups.ts'
import { seconds } from './words.ts'

/** Compose's own. */
const DEFAULT_GRACE_MS = 10_000

/**
 * The next step for one slot, or null when it is done or has to wait.
 * The order is the promise: create, start, prove, promote; only then drain and stop what was there, unless old and
 * new cannot overlap.
 */
export function nextSlotStep(scene: Scene, aim: TowardsRelease, slot: Slot): Step | null {
  const { current, others } = slot
  if (!current) return mayTry(scene, aim, slot) ? create(scene, aim, slot) : null
  if (slot.isStranded) return takeOff(scene, slot, current)
  const cure = cureStep(scene, slot)
  if (cure) return cure
  if (isReady(current, scene.record)) {
    if (current.restart !== slot.service.restart) return promote(scene, aim, slot, current)
    // What leads to it is set for all replicas at once: see listingSteps.
    if (!hasArrived(scene, slot)) return null
    const replaced = others[0]
    if (replaced) return retire(scene, replaced, `${current.name} is ready in its place`)
    return takeName(scene, slot) ?? returnName(scene, slot)
  }
  if (isPromoted(current, scene.record)) return revive(scene, slot, current)
  if (isUp(current)) return isForgotten(scene.record.gates[current.name], current) ? wake(scene, current) : null
  return bringUp(scene, aim, slot, current)
}

/**
 * Takes a container that is up out of service: first its restart policy and what leads to it, then its processes. Null
 * while it is busy with what reached it before.
 */
export function retire(scene: Scene, container: ObservedContainer, because: string): Step | null {
  const { stack } = scene.desired
  const resource = slotOf(container)
  if (container.restart !== 'no' || isListed(scene, container))
    return step('drain', stack, resource, because, touching(container))
  if (!isDrained(scene, container)) return null
  const graceMs = serviceOf(scene, container)?.container.stopGraceMs ?? DEFAULT_GRACE_MS
  const words = [because, ...cutWords(scene, container)].join('; ')
  return step('stop', stack, resource, words, { ...touching(container), graceMs })
}

/** A person has to be told of what was not let finish. */
function cutWords(scene: Scene, container: ObservedContainer): string[] {
  const cut = inFlight(scene, container)
  if (cut === 0) return []
  return [
    `${cut} ${cut === 1 ? 'request is' : 'requests are'} cut off after ${seconds(drainLimitMs(scene, container))}`,
  ]
}

/** Stopped now, it is started again by the next pass. */
function wake(scene: Scene, current: ObservedContainer): Step | null {
  return retire(scene, current, 'its health check is not run any more since the engine was away; it is started again')
}

/** Outside a rollout each new try of the same slot waits for its back-off; the first one is immediate. */
function mayTry(scene: Scene, aim: TowardsRelease, slot: Slot): boolean {
  return aim.mode === 'roll' || !isWaiting(scene, slot)
}

/** The back-off of the slot has not run out yet. */
function isWaiting(scene: Scene, slot: Slot): boolean {
  return (scene.record.healing[slotName(slot)]?.waitMs ?? 0) > 0
}

function create(scene: Scene, aim: TowardsRelease, slot: Slot): Step {
  const because = changeWords(scene, aim, slot)
  const lookups = lookupsFor(scene, aim.release, slot.service)
  return createStep(scene.desired.stack, aim.release, slot, nextName(scene, slot), because, lookups)
}

function promote(scene: Scene, aim: TowardsRelease, slot: Slot, current: ObservedContainer): Step {
  const args = { container: current.name, restart: slot.service.restart }
  return step('promote', scene.desired.stack, slotName(slot), promoteWords(scene, aim, slot, current), args)
}

function promoteWords({ record }: Scene, { mode }: TowardsRelease, slot: Slot, current: ObservedContainer): string {
  const changed = slot.drift.filter(({ cure }) => cure === 'promote')
  if (mode === 'mend' && changed.length > 0) return `${driftWords(changed)}, changed by somebody`
  if (isPromoted(current, record) && current.restart !== 'no') return 'its restart policy changed'
  return `healthy for ${seconds(slot.service.update.monitorMs)} without a break`
}

/** A replica that proved itself once and is down, or frozen by hand. */
function revive(scene: Scene, slot: Slot, current: ObservedContainer): Step | null {
  if (current.state === 'running' || current.state === 'restarting') return null
  if (isWaiting(scene, slot)) return null
  const { stack } = scene.desired
  if (current.state === 'paused') {
    if (isListed(scene, current)) return null
    const args = { container: current.name, graceMs: slot.service.container.stopGraceMs }
    return step('stop', stack, slotName(slot), 'it was paused by somebody', args)
  }
  return makeReady(scene, slot) ?? step('start', stack, slotName(slot), 'it was down', { container: current.name })
}

/** Stops a replica whose network leads nowhere; its next start joins the one that is there now. */
function takeOff(scene: Scene, slot: Slot, current: ObservedContainer): Step | null {
  if (isWaiting(scene, slot)) return null
  const args = { container: current.name, graceMs: slot.service.container.stopGraceMs }
  const because = `shares the network of ${slot.provider?.service}, which was started again`
  return step('stop', scene.desired.stack, slotName(slot), because, args)
}

/** Starts the slot's container once nothing stands in its way. */
function bringUp(scene: Scene, aim: TowardsRelease, slot: Slot, current: ObservedContainer): Step | null {
  // Started as announced, yet down: its gate fails it, and the verdict on that is not this function's.
  if (wasStarted(scene.record.gates[current.name])) return null
  if (current.state === 'exited' && !mayTry(scene, aim, slot)) return null
  const blocker = blockers(scene, slot)[0]
  if (blocker) return retire(scene, blocker, makeRoomWords(scene, slot, blocker))
  const starting = step('start', scene.desired.stack, slotName(slot), startWords(slot, current), {
    container: current.name,
  })
  return makeReady(scene, slot) ?? starting
}

/** What a container needs before it is started: its name, and the networks that were made anew since it was created. */
function makeReady(scene: Scene, slot: Slot): Step | null {
  return takeName(scene, slot) ?? attachStep(scene, slot)
}

function startWords(slot: Slot, current: ObservedContainer): string {
  if (current.state === 'exited') return 'it was kept for this'
  const replaced = slot.others[0]
  return replaced ? `beside ${replaced.name}, which serves until this one is ready` : 'nothing else runs in its slot'
}

/** What must be down before the slot's container may start. */
function blockers(scene: Scene, slot: Slot): ObservedContainer[] {
  const stopFirst = slot.order.order === 'stop-first'
  const inSlot = stopFirst ? slot.others : slot.others.filter((other) => other !== servingBeside(scene, slot))
  const holdingPorts = scene.observed.containers.filter(
    (c) => c !== slot.current && isUp(c) && !slot.others.includes(c) && portsCollide(c.publish, slot.publishing.own),
  )
  return [...inSlot, ...holdingPorts]
}

/** The one container that goes on serving while the new one proves itself: a third one would be beyond the surge. */
function servingBeside(scene: Scene, slot: Slot): ObservedContainer | undefined {
  const promoted = slot.others.filter((other) => isPromoted(other, scene.record))
  return promoted.find((other) => isReady(other, scene.record)) ?? promoted[0]
}

function makeRoomWords(scene: Scene, slot: Slot, blocker: ObservedContainer): string {
  if (!isPromoted(blocker, scene.record)) return 'it did not prove healthy and is not wanted any more'
  if (slot.order.order === 'start-first' && slot.others.includes(blocker)) return 'another one serves beside it'
  const cause = slot.order.because
  return cause ? `brief downtime: ${slot.service.name} ${cause}` : 'brief downtime: the order is stop-first'
}
