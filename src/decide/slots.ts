import { hash8, specHash } from '../model/hash.ts'
import { containerName } from '../model/labels.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Scene } from './desired.ts'
import { putsRight } from './drift/cure.ts'
import { type Drift, driftOf } from './drift/drift.ts'
import { isToBeReplaced } from './drift/memory.ts'
import { imageOf, isMeantFor, isPromoted, isReady, isUp, matches } from './match.ts'

/** One slot of a service as it stands against the release that should run in it. */
export interface Slot {
  service: Service
  slot: number
  image: string
  spec: string
  /** The container that is, or is to become, the slot's replica. */
  current: ObservedContainer | null
  /** Containers that are up beside it: what it replaces, and what has to go. */
  others: ObservedContainer[]
  /** In what its replicas differ from the release although they are of it. */
  drift: Drift[]
  /** What of that is put right on the current one, now and while it runs. */
  cures: Drift[]
}

/**
 * `done`: its replica is ready and alone. `flux`: it is being changed. `pending`: it still has to be changed.
 */
export type SlotState = 'done' | 'flux' | 'pending'

/** The slots `1…replicas` of a service. */
export function slotsOf(scene: Scene, release: Release, service: Service): Slot[] {
  const image = imageOf(release, service)
  const spec = specHash(service, image)
  return Array.from({ length: service.replicas }, (_, index) => {
    const slot = index + 1
    const here = scene.observed.containers.filter((c) => c.service === service.name && c.slot === slot)
    const isDrifted = (c: ObservedContainer) =>
      isSettled(c, scene.record) && isToBeReplaced(c, service, image, scene.record)
    const sound = putsRight(release, scene.record) ? here.filter((c) => !isDrifted(c)) : here
    const current = pickCurrent(sound, release, scene.record)
    const others = here.filter((c) => c !== current && isUp(c))
    return { service, slot, image, spec, current, others, ...compare(scene, release, service, here, current) }
  })
}

function compare(
  { record }: Scene,
  release: Release,
  service: Service,
  here: ObservedContainer[],
  current: ObservedContainer | null,
): Pick<Slot, 'drift' | 'cures'> {
  const image = imageOf(release, service)
  const settled = here.filter((c) => isSettled(c, record) && isMeantFor(c, release))
  const own = current && settled.includes(current) ? driftOf(current, service, image) : []
  const isLive = ({ cure }: Drift) => cure === 'update' || cure === 'attach' || cure === 'detach'
  return {
    drift: settled.flatMap((c) =>
      driftOf(c, service, image).filter(({ cure }) => cure !== 'promote' || !isNew(c, record)),
    ),
    cures: putsRight(release, record) ? own.filter(isLive) : [],
  }
}

/** What differs in a replica that proved itself, or that we did not start, was changed by somebody. */
function isSettled(container: ObservedContainer, record: StackRecord): boolean {
  return container.role === 'service' && isUp(container) && (isPromoted(container, record) || !isNew(container, record))
}

/** It was started to prove itself, and has no restart policy for that reason. */
function isNew({ name, restart }: ObservedContainer, { gates }: StackRecord): boolean {
  const gate = gates[name]
  return restart === 'no' && gate !== undefined && gate.before !== gate.startedAt
}

/** How far the slot is. */
export function stateOf(slot: Slot, record: StackRecord): SlotState {
  const { current, others, service, cures } = slot
  if (current && isReady(current, record)) {
    return others.length === 0 && cures.length === 0 && current.restart === service.restart ? 'done' : 'flux'
  }
  const begun = current !== null && (isUp(current) || current.state === 'created')
  return begun || others.some((other) => !isPromoted(other, record)) ? 'flux' : 'pending'
}

/** Somebody in the slot, of whatever version, can be counted on. */
export function isServed(slot: Slot, record: StackRecord): boolean {
  return [slot.current, ...slot.others].some((container) => container !== null && isReady(container, record))
}

/** A name that no container of this slot and spec has, or was seen to have. */
export function nextName(scene: Scene, slot: Slot): string {
  const parts = { stack: scene.desired.stack, service: slot.service.name, slot: slot.slot, hash8: hash8(slot.spec) }
  const prefix = containerName({ ...parts, n: 0 }).slice(0, -1)
  const names = [...scene.observed.containers.map((c) => c.name), ...scene.observed.takenNames]
  const numbers = names.filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length)) || 0)
  return containerName({ ...parts, n: Math.max(0, ...numbers) + 1 })
}

/** The best container that is what the release wants; a sick or failed one is replaced, never taken. */
function pickCurrent(here: ObservedContainer[], release: Release, record: StackRecord): ObservedContainer | null {
  const fit = here.filter(
    (c) =>
      matches(c, release) &&
      c.state !== 'removing' &&
      c.state !== 'dead' &&
      !record.failedContainers.includes(c.name) &&
      // Of one that ended the engine says unhealthy too; it is started again.
      !(isPromoted(c, record) && isUp(c) && c.health === 'unhealthy'),
  )
  const rank = (c: ObservedContainer) =>
    [isReady(c, record), isUp(c), isPromoted(c, record), c.state === 'created'].map(Number).join('')
  const best = [...fit].sort((a, b) => compareRanks(rank(b), rank(a)) || attempt(b) - attempt(a))
  return best[0] ?? null
}

function compareRanks(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The `n` at the end of a container's name. */
export function attempt(container: ObservedContainer): number {
  return Number(container.name.slice(container.name.lastIndexOf('-') + 1)) || 0
}
