import type { StackRecord } from '../../model/record.ts'
import type { Aim, Scene } from '../desired.ts'
import { keptSlots } from '../kept.ts'
import { isReady } from '../match.ts'
import { allSlots } from '../order.ts'
import type { Slot } from '../slots.ts'
import { isListed, unreached } from './listing.ts'

/** A replica that the gateway cannot reach for so long, where the one before it is reached, does not listen. */
export const REACH_WITHIN_MS = 30_000
/**
 * For so long a new replica and the one that it replaces serve side by side: the first requests to a program that has just
 * begun take it longest, and meanwhile the others go to the one before it.
 */
export const WARM_UP_MS = 2_000

type Arriving = Pick<StackRecord, 'unreached' | 'warming'>

/** Moves on for how long new replicas have not been reached, or have served beside those that they replace. */
export function arrivingNow(scene: Scene, aim: Aim, observedMs: number): Arriving {
  if (!scene.observed.traffic || aim.mode === 'remove' || aim.mode === 'hold') return {}
  const { record } = scene
  const slots = aim.mode === 'pause' ? keptSlots(scene, aim).map(({ slot }) => slot) : allSlots(scene, aim.release)
  const waiting = slots.flatMap(({ current, others }): [string, number][] => {
    if (!current || unreached(scene, current, others).length === 0) return []
    return [[current.name, (record.unreached?.[current.name] ?? 0) + observedMs]]
  })
  const warming = slots.flatMap((slot): [string, number][] => {
    const { current } = slot
    if (!current || !isReady(current, record) || !servesBeside(scene, slot)) return []
    const ms = record.warming?.[current.name]
    return [[current.name, ms === undefined ? 0 : ms + observedMs]]
  })
  return {
    ...(waiting.length > 0 ? { unreached: Object.fromEntries(waiting) } : {}),
    ...(warming.length > 0 ? { warming: Object.fromEntries(warming) } : {}),
  }
}

/** The replica of the slot can take all that the one before it does. */
export function hasArrived(scene: Scene, slot: Slot): boolean {
  const { current, others, isAdmitted } = slot
  if (!current || !isAdmitted || unreached(scene, current, others).length > 0) return false
  return !servesBeside(scene, slot) || (scene.record.warming?.[current.name] ?? 0) >= WARM_UP_MS
}

/** Something leads to the replica and to the one that it replaces. */
function servesBeside(scene: Scene, { current, others, isAdmitted }: Slot): boolean {
  if (!scene.observed.traffic || current === null || !isAdmitted) return false
  return (
    isListed(scene, current) &&
    unreached(scene, current, others).length === 0 &&
    others.some((other) => isListed(scene, other))
  )
}
