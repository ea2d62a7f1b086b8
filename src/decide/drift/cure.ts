import type { StackRecord } from '../../model/record.ts'
import type { Release } from '../../model/release.ts'
import type { Step } from '../../model/steps.ts'
import type { Scene } from '../desired.ts'
import type { Slot } from '../slots.ts'
import { slotName, step } from '../step.ts'
import { attachmentsOf } from './attachments.ts'
import type { Drift } from './drift.ts'
import { limitsOf } from './limits.ts'
import { driftWords } from './words.ts'

/** What somebody changed is put right now. A rollout does its own work first. */
export function putsRight(release: Release, record: StackRecord): boolean {
  return release.stack.selfHeal === 'correct' && record.rollout === null
}

/** Puts right what can be changed of a replica that runs. What came back at once waits longer each time. */
export function cureStep(scene: Scene, slot: Slot): Step | null {
  const { current, cures } = slot
  if (current?.state !== 'running') return null
  const limits = cures.filter(({ cure }) => cure === 'update')
  const steps = [
    ...(limits.length > 0 ? [updateStep(scene, slot, current.name, limits)] : []),
    ...cures.flatMap((drift) => networkStep(scene, slot, current.name, drift)),
  ]
  const before = scene.record.drift?.[current.name]
  return steps.find(({ because }) => because !== before?.cause || before.waitMs === 0) ?? null
}

function updateStep({ desired }: Scene, slot: Slot, container: string, drift: Drift[]): Step {
  const limits = limitsOf(slot.service.container)
  return step('update', desired.stack, slotName(slot), causeOf(drift), { container, limits })
}

/** A network that is gone itself is made anew before anything joins it. */
function networkStep({ desired, observed }: Scene, slot: Slot, container: string, drift: Drift): Step[] {
  const network = drift.field.replace(/^networks\./, '')
  const named = [desired.stack, slotName(slot), causeOf([drift])] as const
  if (drift.cure === 'detach') return [step('detach', ...named, { container, network })]
  const wanted = slot.current && attachmentsOf(slot.current, slot.service, observed.networks)?.[network]
  if (drift.cure !== 'attach' || !wanted || !observed.networks.some(({ name }) => name === network)) return []
  const { aliases, address } = wanted
  return [step('attach', ...named, { container, network, aliases, ...(address === '' ? {} : { address }) })]
}

function causeOf(drift: Drift[]): string {
  return `${driftWords(drift)}, changed by somebody`
}
