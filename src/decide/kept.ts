import { canonical } from '../model/hash.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { isPromoted, isReady, isUp } from './match.ts'
import { allSlots } from './order.ts'
import type { Slot } from './slots.ts'
import { slotName } from './step.ts'

/** A slot and the release whose version it keeps while nothing more is begun. */
export interface Kept {
  slot: Slot
  release: Release
}

/** Of every slot its own version: that of the coming release where it was begun, that of the stable one elsewhere. */
export function keptSlots(scene: Scene, { release }: TowardsRelease): Kept[] {
  const { stable } = scene.desired
  const before = stable ? allSlots(scene, stable).filter(({ service }) => service.kind === 'service') : []
  const coming = allSlots(scene, release).filter((slot) => {
    const same = before.find((other) => slotName(other) === slotName(slot))
    return hasBegun(scene.record, slot) && !(same && wantSame(same, slot))
  })
  const theirs = new Set(coming.map(slotName))
  const left = before.filter((slot) => !theirs.has(slotName(slot)) && !isServedByAnother(scene, slot))
  return [
    ...left.flatMap((slot) => (stable ? { slot, release: stable } : [])),
    ...coming.map((slot) => ({ slot, release })),
  ]
}

/** Slots that the coming release changes, and how many of them it has reached: `2 of 3`. */
export function progressOf(scene: Scene, release: Release): { reached: number; all: number } {
  const { stable } = scene.desired
  const before = stable ? allSlots(scene, stable) : []
  const changed = allSlots(scene, release)
    .filter(({ service }) => service.kind === 'service')
    .filter((slot) => !before.some((other) => slotName(other) === slotName(slot) && wantSame(other, slot)))
  const reached = new Set(scene.record.rollout?.reached)
  return { reached: changed.filter((slot) => reached.has(slotName(slot))).length, all: changed.length }
}

/** The slots whose replica of the release was promoted, those known from before included: it may have died since. */
export function reachedSlots({ record, observed, desired }: Scene, release: Release): string[] {
  const promoted = allSlots({ record, observed, desired }, release)
    .filter(({ service, current }) => service.kind === 'service' && current !== null && isPromoted(current, record))
    .map(slotName)
  return [...new Set([...(record.rollout?.reached ?? []), ...promoted])].sort()
}

/** The coming release has a container in it that is up or about to be, or had one that proved itself. */
function hasBegun({ rollout }: StackRecord, slot: Slot): boolean {
  if (rollout?.reached?.includes(slotName(slot))) return true
  return slot.current !== null && (isUp(slot.current) || slot.current.state === 'created')
}

function wantSame(one: Slot, other: Slot): boolean {
  return one.spec === other.spec && canonical(one.service.publish) === canonical(other.service.publish)
}

/** A replica of a release between the two, which was superseded, goes on serving. */
function isServedByAnother({ record }: Scene, { current, others }: Slot): boolean {
  return !(current && isUp(current)) && others.some((other) => isReady(other, record))
}
