import type { StackRecord } from '../model/record.ts'
import type { Step } from '../model/steps.ts'
import { withAddresses } from './addresses.ts'
import { oldFailureSteps } from './clean.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { forgiveGates } from './gate.ts'
import { judge } from './judge.ts'
import { keptSlots, reachedSlots } from './kept.ts'
import { matches } from './match.ts'
import { isItsTurn } from './order.ts'
import { prepareSteps } from './prepare.ts'
import { nextSlotStep } from './replace.ts'
import { debrisSteps } from './services.ts'
import { onceEach } from './step.ts'
import { listingSteps } from './traffic/listing.ts'
import { trafficSteps } from './traffic/prepare.ts'

/**
 * What is done although no further slot is begun: slots in flux finish, and a replica that dies is replaced by one of
 * its own version. `isFree` says of a step that no obstacle is in its way.
 */
export function pausedSteps(scene: Scene, aim: TowardsRelease, isFree: (step: Step) => boolean): Step[] {
  const next = keptSlots(scene, aim).flatMap(({ slot, release }) => {
    if (slot.service.kind === 'job' && !isItsTurn(scene, { mode: 'roll', release }, slot.service)) return []
    const step = nextSlotStep(scene, { mode: 'mend', release }, slot)
    return step && isFree(step) ? [{ step, release }] : []
  })
  const ahead = aim.waitsFor === undefined ? [] : prepareSteps(scene, { mode: 'roll', release: aim.release })
  const creating = new Set(next.flatMap(({ step, release }) => (step.kind === 'create' ? [release] : [])))
  const needed = [...creating].flatMap((release) => prepareSteps(scene, { mode: 'mend', release }))
  const preparing = [...ahead, ...needed].filter(isFree)
  if (preparing.length > 0)
    return preparing.filter((step, at) => at === preparing.findIndex((same) => isSame(same, step)))
  // Of one release alone: two that publish different ports would take turns.
  const published = aim.waitsFor === undefined ? aim.release : scene.desired.stable
  const traffic = published ? trafficSteps(scene, published) : []
  if (traffic.length > 0) return traffic
  const steps = next.map(({ step }) => step)
  const wanted = [aim.release, ...(scene.desired.stable ? [scene.desired.stable] : [])]
  const tidying = [...debrisSteps(scene, wanted), ...oldFailureSteps(scene)]
  return withAddresses(scene, [...tidying, ...steps, ...listingSteps(scene)].reduce(onceEach, []))
}

/**
 * What a slot in flux does wrong fails the release, as always. What the stable release wants as well is that one's, and
 * blames nobody: the release that is paused did not bring it.
 */
export function judgePaused(scene: Scene, aim: TowardsRelease): StackRecord {
  const { stable } = scene.desired
  if (!stable) return judge(scene, aim)
  const record = judge(scene, { mode: 'mend', release: stable })
  const containers = scene.observed.containers.filter((container) => !matches(container, stable))
  return judge({ ...scene, record, observed: { ...scene.observed, containers } }, aim)
}

/** Limits stand still, the final window does not run, and what happens to replicas that proved themselves is no fault. */
export function watchPaused(scene: Scene, { release }: TowardsRelease): StackRecord {
  const { rollout } = scene.record
  const gates = forgiveGates(scene.record, scene.observed)
  if (rollout?.digest !== release.digest) return { ...scene.record, gates }
  return { ...scene.record, gates, rollout: { ...rollout, readyMs: null, reached: reachedSlots(scene, release) } }
}

function isSame(one: Step, other: Step): boolean {
  return one.kind === other.kind && one.resource === other.resource
}
