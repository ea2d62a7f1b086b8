import type { Step } from '../model/steps.ts'
import { cleanSteps } from './clean.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { isReady } from './match.ts'
import { allSlots } from './order.ts'
import { leftoverSteps } from './services.ts'
import { onceEach, slotName } from './step.ts'
import { listingSteps } from './traffic/listing.ts'

/** The release runs, and what the world changed of it since is not put right. */
export function isLeftAlone({ mode, release }: TowardsRelease): boolean {
  return mode === 'mend' && release.stack.selfHeal !== 'correct'
}

/** Leftovers go all the same, but nothing that runs where nothing else serves. */
export function tidySteps(scene: Scene, aim: TowardsRelease): Step[] {
  const leftovers = [...leftoverSteps(scene, aim), ...listingSteps(scene)].reduce(onceEach, [])
  if (leftovers.length > 0) return leftovers
  const unserved = allSlots(scene, aim.release)
    .filter(({ current }) => current === null || !isReady(current, scene.record))
    .map(slotName)
  return cleanSteps(scene, aim).filter(
    ({ kind, resource }) => (kind !== 'drain' && kind !== 'stop') || !unserved.includes(resource),
  )
}
