import type { ObservedContainer } from '../../model/observed.ts'
import type { StackRecord } from '../../model/record.ts'
import type { Service } from '../../model/stack.ts'
import type { Step } from '../../model/steps.ts'
import type { Aim, Scene } from '../desired.ts'
import { isReady, isUp } from '../match.ts'
import { allSlots } from '../order.ts'
import { arrivingNow } from './arriving.ts'
import { isListed } from './listing.ts'

/** It is being taken out: not before a look has shown it out does its time begin. */
const NOT_YET = -1
/** For those who looked its name up just before it was taken out. */
const LINGER_MS = 2_000
const DEFAULT_LIMIT_MS = 30_000

/** Notes ahead that nothing will lead to these containers any more: they leave. */
export function noteLeaving(record: StackRecord, steps: Step[], scene: Scene): StackRecord {
  const drained = steps.flatMap((step) => (step.kind === 'drain' ? [step.args.container] : []))
  const listed = scene.observed.containers.filter((c) => drained.includes(c.name) && isListed(scene, c))
  if (listed.length === 0) return record
  return { ...record, leaving: { ...record.leaving, ...Object.fromEntries(listed.map(({ name }) => [name, NOT_YET])) } }
}

/** Moves on for how long nothing has led to those that leave, and how far those have come that arrive. */
export function watchTraffic(scene: Scene, aim: Aim, observedMs: number): StackRecord {
  const { leaving: _leaving, unreached: _unreached, warming: _warming, ...others } = scene.record
  const leaving = leavingNow(scene, aim, observedMs)
  return {
    ...others,
    ...(Object.keys(leaving).length > 0 ? { leaving } : {}),
    ...arrivingNow(scene, aim, observedMs),
  }
}

/** What it was busy with has ended, or had its time, and so had those who looked it up before. */
export function isDrained(scene: Scene, container: ObservedContainer): boolean {
  const ms = scene.record.leaving?.[container.name]
  if (ms === undefined) return true
  return ms >= LINGER_MS && (inFlight(scene, container) === 0 || ms >= drainLimitMs(scene, container))
}

/** Requests and connections that end with it. */
export function inFlight({ observed }: Scene, { name }: ObservedContainer): number {
  return observed.traffic?.reached[name]?.inFlight ?? 0
}

/** How long it may go on with what it is busy with. */
export function drainLimitMs(scene: Scene, container: ObservedContainer): number {
  return serviceOf(scene, container)?.drainMs ?? DEFAULT_LIMIT_MS
}

/** Its service in the stable release, or else as it is wanted now or was before; undefined when no release has it. */
export function serviceOf({ desired }: Scene, { service }: ObservedContainer): Service | undefined {
  const known = [desired.stable, desired.latest, desired.previous].map((release) => release?.stack.services[service])
  return known.find((found) => found)
}

/** Containers that leave and cannot be stopped yet. */
export function busyOnes(scene: Scene): ObservedContainer[] {
  if (!scene.record.leaving) return []
  return scene.observed.containers.filter((c) => isUp(c) && !isDrained(scene, c))
}

function leavingNow(scene: Scene, aim: Aim, observedMs: number): Record<string, number> {
  const { record, observed } = scene
  const wanted = record.leaving ? currentOnes(scene, aim).map(({ name }) => name) : []
  const found = observed.containers.filter(isUp).flatMap((container): [string, number][] => {
    const { name } = container
    const ms = record.leaving?.[name]
    // A commit may want it again, before it was stopped.
    if (wanted.includes(name)) return []
    if (isListed(scene, container)) return ms === undefined ? [] : [[name, NOT_YET]]
    if (ms !== undefined) return [[name, ms === NOT_YET ? 0 : ms + observedMs]]
    return inFlight(scene, container) > 0 ? [[name, 0]] : []
  })
  return Object.fromEntries(found)
}

/** The replicas that are in place as the aim wants them; without an aim all that can be counted on. */
function currentOnes(scene: Scene, aim: Aim): ObservedContainer[] {
  const { record, observed } = scene
  // What stands in the way of what Compose ran is stopped.
  if (aim.mode === 'remove' || (aim.mode === 'hold' && record.adoption?.by === null)) return []
  if (aim.mode === 'hold') return observed.containers.filter((c) => isReady(c, record))
  return allSlots(scene, aim.release).flatMap(({ current }) => (current && isReady(current, record) ? [current] : []))
}
