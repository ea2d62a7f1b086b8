import type { Release } from '../model/release.ts'
import type { DependencyCondition, Service } from '../model/stack.ts'
import { isAside } from './aside.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { hasCompleted, jobsLeftToEnd } from './jobs.ts'
import { isUp } from './match.ts'
import { providerName } from './sharing.ts'
import { isServed, type Slot, slotsOf, stateOf } from './slots.ts'

/** The services of a release by name: same input, same order. */
export function servicesOf(release: Release): Service[] {
  return Object.values(release.stack.services).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** All slots of a release, in the order of `servicesOf`. */
export function allSlots(scene: Scene, release: Release): Slot[] {
  return servicesOf(release).flatMap((service) => slotsOf(scene, release, service))
}

/**
 * Every slot has its replica, ready and alone, or is left aside; of a job: it completed, or this is no rollout, and
 * nothing but a rollout runs a job.
 */
export function isDone(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  if (service.kind === 'job') return aim.mode !== 'roll' || hasCompleted(scene.record, aim.release, service)
  const isSettled = (slot: Slot) => isAside(slot, scene.record) || stateOf(slot, scene.record) === 'done'
  return slotsOf(scene, aim.release, service).every(isSettled)
}

/** A service's turn: in a rollout after what it depends on, in a rollback before it, when mending at once. */
export function isItsTurn(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  if (waitsForJob(scene, aim, service)) return false
  if (!isNetworkThere(scene, aim, service)) return false
  if (aim.mode === 'mend') return true
  if (aim.mode === 'back') return isItsTurnBack(scene, aim, service)
  return (
    inStages(aim.release, service, -1).every((other) => isDone(scene, aim, other)) &&
    !inStages(aim.release, service, 1).some((other) => isUnderWay(scene, other)) &&
    Object.entries(service.dependsOn).every(([name, condition]) => isMet(scene, aim, name, condition))
  )
}

/** Two jobs of different releases never run side by side. */
function waitsForJob(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  return jobsLeftToEnd(scene, aim).some((job) => service.kind === 'job' || job.service === service.name)
}

/** Hooks stand before and after everything else: the services of stages before (-1) or after (1) that of `service`. */
function inStages(release: Release, service: Service, side: -1 | 1): Service[] {
  return servicesOf(release).filter((other) => Math.sign(stageOf(other) - stageOf(service)) === side)
}

/** A job that a superseded release began, and that is wanted as it is. */
function isUnderWay({ observed }: Scene, { kind, name }: Service): boolean {
  return kind === 'job' && observed.containers.some((c) => c.role === 'job' && c.service === name && isUp(c))
}

function stageOf({ hook }: Service): number {
  return hook === 'pre-deploy' ? 0 : hook === 'post-deploy' ? 2 : 1
}

/** Where it uses the network of another replica, that one is in place. */
function isNetworkThere(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  if (providerName(service) === null) return true
  return slotsOf(scene, aim.release, service).every(({ provider }) => provider !== null)
}

function isMet(scene: Scene, aim: TowardsRelease, name: string, condition: DependencyCondition): boolean {
  const dependency = aim.release.stack.services[name]
  if (!dependency || isDone(scene, aim, dependency)) return true
  if (condition !== 'started') return false
  const isStarted = (slot: Slot) => isAside(slot, scene.record) || (slot.current !== null && isUp(slot.current))
  return slotsOf(scene, aim.release, dependency).every(isStarted)
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
  // One that uses the network of another replica can only follow it, and so nobody waits for it.
  const dependents = services.filter(
    (other) => other.dependsOn[service.name] !== undefined && providerName(other) === null,
  )
  return dependents.every((other) => isDone(scene, aim, other))
}

function isServing(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  const slots = slotsOf(scene, aim.release, service)
  return slots.length === 0 || slots.some((slot) => isServed(slot, scene.record))
}
