import { hash8, specHash } from '../model/hash.ts'
import { containerName } from '../model/labels.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Service, UpdatePolicy } from '../model/stack.ts'
import type { Scene } from './desired.ts'
import { putsRight } from './drift/cure.ts'
import { type Drift, driftOf } from './drift/drift.ts'
import { isToBeReplaced } from './drift/memory.ts'
import { wasAnnounced } from './gate.ts'
import { isSpent } from './jobs.ts'
import { imageOf, isMeantFor, isPromoted, isReady, isUp, matches } from './match.ts'
import { isNamed } from './naming.ts'
import { isCutOff, isStranded, providerName } from './sharing.ts'
import { isAdmitted } from './traffic/listing.ts'
import { isMisplaced, orderOf, type Publishing, publishingOf } from './traffic/publishing.ts'

/** One slot of a service as it stands against the release that should run in it. */
export interface Slot {
  service: Service
  slot: number
  image: string
  spec: string
  /** The container that is, or is to become, the slot's replica. */
  current: ObservedContainer | null
  /** Who publishes its ports, and how it is therefore replaced. */
  publishing: Publishing
  order: Pick<UpdatePolicy, 'order' | 'because'>
  /** Everything leads to its replica that should. */
  isAdmitted: boolean
  /** Containers that are up beside it: what it replaces, and what has to go. */
  others: ObservedContainer[]
  /** The replica whose network it uses, once that is in place; null also when it has a network of its own. */
  provider: ObservedContainer | null
  /** It uses a network of that replica's earlier run. */
  isStranded: boolean
  /** Its replica bears its name, and no other one does. */
  isNamed: boolean
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
  const known = looked.get(scene) ?? new Map<Service, Map<Release, Slot[]>>()
  looked.set(scene, known)
  const slots = known.get(service) ?? new Map<Release, Slot[]>()
  known.set(service, slots)
  const found = slots.get(release) ?? lookAt(scene, release, service)
  slots.set(release, found)
  return found
}

/** A pass asks for the same slots again and again, and a scene never changes. */
const looked = new WeakMap<Scene, Map<Service, Map<Release, Slot[]>>>()

function lookAt(scene: Scene, release: Release, service: Service): Slot[] {
  const image = imageOf(release, service)
  const spec = specHash(service, image)
  const provider = providerInPlace(scene, release, service)
  const publishing = publishingOf(scene, release, service)
  const known = { service, image, spec, provider, publishing, order: orderOf(service, publishing) }
  return Array.from({ length: service.replicas }, (_, index) => {
    const slot = index + 1
    const here = inSlot(scene, service.name, slot)
    const isDrifted = (c: ObservedContainer) =>
      isSettled(c, scene.record) && isToBeReplaced(c, service, image, scene.record)
    const joined = here.filter((c) => !isCutOff(c, provider) && !isMisplaced(scene, c, publishing))
    const sound = putsRight(release, scene.record) ? joined.filter((c) => !isDrifted(c)) : joined
    const current = pickCurrent(sound, release, scene.record)
    const others = here.filter((c) => c !== current && isUp(c))
    const stranded = current !== null && isUp(current) && isStranded(current, scene.observed, scene.record)
    const named = current !== null && isNamed(scene, service, current)
    const compared = compareAll(scene, release, service, here, current)
    const admitted = current === null || isAdmitted(scene, current)
    return { ...known, slot, current, others, isStranded: stranded, isNamed: named, isAdmitted: admitted, ...compared }
  })
}

function compareAll(
  { record, observed }: Scene,
  release: Release,
  service: Service,
  here: ObservedContainer[],
  current: ObservedContainer | null,
): Pick<Slot, 'drift' | 'cures'> {
  const image = imageOf(release, service)
  const differing = (c: ObservedContainer) => {
    const drift = driftOf(c, service, image, observed.networks)
    // One that was just started has no restart policy yet: nobody took it away.
    return wasAnnounced(record.gates[c.name]) ? drift.filter(({ cure }) => cure !== 'promote') : drift
  }
  const settled = here.filter((c) => isSettled(c, record) && isMeantFor(c, release))
  const own = current && settled.includes(current) ? differing(current) : []
  const isLive = ({ cure }: Drift) => cure === 'update' || cure === 'attach' || cure === 'detach'
  return { drift: settled.flatMap(differing), cures: putsRight(release, record) ? own.filter(isLive) : [] }
}

/** What differs in a replica that was not just started was changed since, or made by somebody else. */
function isSettled(container: ObservedContainer, record: StackRecord): boolean {
  const isProving = !isPromoted(container, record) && wasAnnounced(record.gates[container.name])
  return container.role === 'service' && isUp(container) && !isProving
}

/** The replica of the service whose network this one uses: up, and alone in its slot. */
function providerInPlace(scene: Scene, release: Release, service: Service): ObservedContainer | null {
  const name = providerName(service)
  if (name === null) return null
  const here = inSlot(scene, name, 1)
  const current = pickCurrent(here, release, scene.record)
  return current && isUp(current) && here.every((c) => c === current || !isUp(c)) ? current : null
}

function inSlot({ observed }: Scene, service: string, slot: number): ObservedContainer[] {
  return observed.containers.filter((c) => c.service === service && c.slot === slot)
}

/** How far the slot is. */
export function stateOf(slot: Slot, record: StackRecord): SlotState {
  const { current, others, service, cures } = slot
  if (current && isReady(current, record) && !slot.isStranded) {
    const isAsWanted = cures.length === 0 && current.restart === service.restart && slot.isNamed && slot.isAdmitted
    return others.length === 0 && isAsWanted ? 'done' : 'flux'
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
      !isSpent(c, record) &&
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
