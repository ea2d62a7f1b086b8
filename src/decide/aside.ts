import type { StackRecord } from '../model/record.ts'
import type { Service } from '../model/stack.ts'
import type { TowardsRelease, Verdict } from './desired.ts'
import { slotName } from './step.ts'

/**
 * What a service's `maxFailureRatio` forgives. The rule is Swarm's: it has failed when more than that share of its slots
 * did. A forgiven slot is left as it is, what served in it goes on serving, and counts as settled; once the release is
 * stable, it is tried again.
 */
export function forgive(record: StackRecord, aim: TowardsRelease, verdicts: Verdict[]): StackRecord {
  if (aim.mode !== 'roll' || !record.rollout) return record
  const forgiven = verdicts.flatMap(({ slot, reason, ...verdict }) =>
    slot && isForgivable(record, aim, verdicts, verdict.service) ? [[slot, reason] as const] : [],
  )
  if (forgiven.length === 0) return record
  return {
    ...record,
    rollout: { ...record.rollout, aside: { ...Object.fromEntries(forgiven), ...record.rollout.aside } },
  }
}

/** The slot failed in this rollout and is left aside for the rest of it. */
export function isAside(slot: { service: { name: string }; slot: number }, record: StackRecord): boolean {
  return record.rollout?.aside?.[slotName(slot)] !== undefined
}

/** With those that failed before, and all that failed now, the service stays within its ratio. */
function isForgivable(record: StackRecord, aim: TowardsRelease, verdicts: Verdict[], name = ''): boolean {
  const service = aim.release.stack.services[name]
  if (!service || service.kind === 'job') return false
  const before = slotsOf(service).filter((slot) => record.rollout?.aside?.[slot] !== undefined)
  const now = verdicts.filter((verdict) => verdict.service === name).flatMap(({ slot }) => slot ?? [])
  return new Set([...before, ...now]).size / service.replicas <= (service.update.maxFailureRatio ?? 0)
}

function slotsOf(service: Service): string[] {
  return Array.from({ length: service.replicas }, (_, index) => slotName({ service, slot: index + 1 }))
}
