import type { Observed, ObservedContainer } from '../../model/observed.ts'
import type { StackRecord } from '../../model/record.ts'
import type { Service } from '../../model/stack.ts'
import type { Step } from '../../model/steps.ts'
import type { Aim } from '../desired.ts'
import { backOff } from '../time.ts'
import { lastingDrift } from './drift.ts'
import { replaceWords } from './words.ts'

/**
 * The container needs another one in its place. Not again where the one that was made for that differs in the same way:
 * then the engine shows it otherwise than it was asked for, and no replacement helps.
 */
export function isToBeReplaced(
  container: ObservedContainer,
  service: Service,
  image: string,
  { drift }: StackRecord,
): boolean {
  const differing = lastingDrift(container, service, image)
  return differing.length > 0 && drift?.[container.name]?.cause !== replaceWords(differing)
}

/** Writes ahead what is put right, and why: what shows the same again was put right in vain. */
export function noteCures(record: StackRecord, steps: Step[], aim: Aim): StackRecord {
  if (aim.mode !== 'mend') return record
  const tries = steps.flatMap((step) => {
    if (step.kind !== 'update' && step.kind !== 'attach' && step.kind !== 'detach' && step.kind !== 'create') return []
    const before = record.drift?.[step.args.container]
    const again = before?.cause === step.because ? before : null
    return [[step.args.container, { ...backOff(again), cause: step.because }] as const]
  })
  return tries.length === 0 ? record : { ...record, drift: { ...record.drift, ...Object.fromEntries(tries) } }
}

/** A container that shows no difference any more, or is gone, was put right. */
export function forgetCured(record: StackRecord, observed: Observed, differs: (name: string) => boolean): StackRecord {
  const { drift, ...others } = record
  if (drift === undefined) return record
  const open = Object.entries(drift).filter(([name]) => {
    const container = observed.containers.find((c) => c.name === name)
    return container !== undefined && (container.restart === 'no' || differs(name))
  })
  return open.length === 0 ? others : { ...others, drift: Object.fromEntries(open) }
}
