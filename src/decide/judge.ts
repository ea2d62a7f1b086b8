import type { Happening } from '../model/observed.ts'
import type { Failure, StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import { forgive } from './aside.ts'
import type { Aim, Scene, TowardsRelease, Verdict } from './desired.ts'
import { isBringing } from './refusal.ts'
import { backOff } from './time.ts'
import { findVerdicts } from './verdict.ts'

/** How many failed releases are remembered for one stack. */
const QUARANTINE_SIZE = 50

/**
 * Passes judgement on what was seen. In a rollout one verdict that is not forgiven fails the release, and it is quarantined.
 * On the stable release it fails only the container: the next try waits, and nothing is rolled back any further.
 */
export function judge(scene: Scene, aim: TowardsRelease): StackRecord {
  const verdicts = findVerdicts(scene, aim)
  const [first] = verdicts
  if (!first) return scene.record
  const record = forgive(withFailedContainers(scene.record, verdicts), aim, verdicts)
  if (aim.mode === 'roll') {
    const unforgiven = verdicts.find(({ slot = '' }) => record.rollout?.aside?.[slot] === undefined)
    return unforgiven ? quarantine(record, scene, aim.release, unforgiven) : record
  }
  return { ...record, healing: backOffSlots(record, verdicts), rollout: stuck(record, aim, first) }
}

/**
 * The platform's trouble pauses everything for a while and blames nobody. It is over when a try went well: `tried` says
 * that the wait was over in the pass before. Forgotten any earlier, every failure would count as the first.
 */
export function noteTrouble(scene: Scene, aim: Aim, tried: boolean): StackRecord {
  const { record } = scene
  const failed = scene.observed.happened.find((happening) => isTrouble(happening, aim))
  if (failed?.kind === 'step-failed') {
    return { ...record, trouble: { ...backOff(record.trouble), reason: `${failed.step.resource}: ${failed.reason}` } }
  }
  return tried ? { ...record, trouble: null } : record
}

/**
 * Not for a verdict: the platform's fault, a step that only clears away, and, outside a rollout, all but a replica's own
 * start. Even where the release is to blame a step must not be repeated without a pause.
 */
function isTrouble(happening: Happening, aim: Aim): boolean {
  if (happening.kind !== 'step-failed') return false
  const { step, fault } = happening
  if (fault === 'platform') return true
  if (aim.mode === 'roll') return !isBringing(step)
  return (aim.mode !== 'back' && aim.mode !== 'mend') || (step.kind !== 'create' && step.kind !== 'start')
}

function withFailedContainers(record: StackRecord, verdicts: Verdict[]): StackRecord {
  const names = verdicts.flatMap((verdict) => verdict.container ?? [])
  return { ...record, failedContainers: [...new Set([...record.failedContainers, ...names])].sort() }
}

function quarantine(record: StackRecord, scene: Scene, { digest, stack }: Release, verdict: Verdict): StackRecord {
  const { reason, service, container } = verdict
  const data = stack.rollback === 'release' && scene.desired.stable ? record.rollout?.data : undefined
  const failure: Failure = {
    reason,
    ...(service ? { service } : {}),
    ...(container ? { container } : {}),
    ...(data ? { data } : {}),
  }
  const entries = [...Object.entries(record.quarantine), [digest, failure] as const]
  // Whatever stood in the way of this release need not stand in the way of going back.
  return { ...record, quarantine: Object.fromEntries(entries.slice(-QUARANTINE_SIZE)), trouble: null }
}

/** A try that was counted when it was announced is not counted again; a kept container that was started was not. */
function backOffSlots(record: StackRecord, verdicts: Verdict[]): StackRecord['healing'] {
  const slots = new Set(verdicts.flatMap((verdict) => verdict.slot ?? []))
  const uncounted = [...slots].filter((slot) => record.healing[slot] === undefined)
  return { ...record.healing, ...Object.fromEntries(uncounted.map((slot) => [slot, backOff(null)])) }
}

function stuck(record: StackRecord, aim: TowardsRelease, verdict: Verdict): StackRecord['rollout'] {
  return aim.mode === 'back' && record.rollout ? { ...record.rollout, stuck: verdict.reason } : record.rollout
}
