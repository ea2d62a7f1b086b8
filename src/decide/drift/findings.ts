import type { Release } from '../../model/release.ts'
import type { Scene, TowardsRelease } from '../desired.ts'
import { exitWords } from '../gate.ts'
import { isMeantFor, isReady, isUp } from '../match.ts'
import { allSlots } from '../order.ts'
import type { Slot } from '../slots.ts'
import { slotName } from '../step.ts'
import { driftWords, REPLACED_FOR } from './words.ts'

/** Everything in which the world differs from the release that runs, in words. */
export function findings(scene: Scene, { release }: TowardsRelease): string[] {
  const there = new Set(scene.observed.networks.map(({ name }) => name))
  const missing = Object.keys(release.stack.networks).filter((name) => !there.has(name))
  const slots = allSlots(scene, release).filter(({ service }) => service.kind === 'service')
  return [
    ...missing.sort().map((name) => `network ${name} is missing`),
    ...slots.flatMap((slot) => slotFindings(scene, release, slot)),
  ]
}

/** What is found, and what becomes of it. */
export function differenceWords({ stack }: Release, found: string[]): string {
  const all = found.join('; ')
  if (stack.selfHeal === 'correct') return `is being put right: ${all}`
  if (stack.selfHeal === 'off') return `runs, but ${all}; nothing is done about it, for x-holdfast.sync.selfHeal is off`
  return `runs, but ${all}; set x-holdfast.sync.selfHeal: correct, or put it right by hand`
}

function slotFindings(scene: Scene, release: Release, slot: Slot): string[] {
  const state = stateWords(scene, release, slot)
  const drift = release.stack.selfHeal === 'off' ? [] : slot.drift
  return [
    ...(state ? [`${slotName(slot)} ${state}`] : []),
    ...(drift.length > 0 ? [`${slotName(slot)}: ${driftWords(drift)}${inVain(slot, scene)}`] : []),
  ]
}

function inVain({ current }: Slot, { record }: Scene): string {
  const tried = current !== null && record.drift?.[current.name]?.cause.startsWith(REPLACED_FOR)
  return tried ? ' (also in the container that was made for it: this engine shows it otherwise)' : ''
}

/** What is the matter with the slot's replica; null when it runs, ready or on its way to be. */
function stateWords({ observed, record }: Scene, release: Release, { service, slot, current }: Slot): string | null {
  const here = observed.containers.filter(
    (c) => c.service === service.name && c.slot === slot && isMeantFor(c, release),
  )
  const shown = current ?? here.find(isUp) ?? here[0]
  if (!shown || shown.state === 'created') return 'is missing'
  if (shown.state === 'paused') return 'is paused'
  if (!isUp(shown)) return shown.state === 'exited' ? `is down: ${exitWords(shown)}` : 'is down'
  if (shown.health === 'unhealthy') return 'is unhealthy'
  return isReady(shown, record) ? null : 'is starting'
}
