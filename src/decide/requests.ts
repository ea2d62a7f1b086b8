import type { Asked, Rollout, StackRecord } from '../model/record.ts'

/** The next pass sees that its aim is another release, and begins the way to that. */
const TO_NOWHERE: Rollout = { digest: '', kind: 'rollback', readyMs: null, idleMs: 0, progress: '', stuck: null }

/** A person asks for a quarantined release to be tried once more, with the jobs that run with every release. */
export function retry(record: StackRecord, digest: string): StackRecord {
  const { [digest]: _cleared, ...quarantine } = record.quarantine
  const doneFor = Object.entries(record.jobsDoneFor ?? {}).map(([job, of]) => [job, of === digest ? '' : of])
  return { ...record, quarantine, ...(record.jobsDoneFor ? { jobsDoneFor: Object.fromEntries(doneFor) } : {}) }
}

/**
 * A person asks to go back to `release`, which was stable once. Git's release is quarantined, or the next pass would
 * bring it in again.
 */
export function rollbackTo(record: StackRecord, release: string, latest: string | null): StackRecord {
  const asked = { reason: 'a person went back to an earlier one', asked: true } as const
  const quarantine =
    latest === null || latest === release
      ? record.quarantine
      : { ...record.quarantine, [latest]: record.quarantine[latest] ?? asked }
  const { [release]: _trusted, ...others } = quarantine
  const previous = record.stable === release ? record.previous : record.stable
  return {
    ...record,
    quarantine: others,
    stable: release,
    previous,
    rollout: record.rollout ?? TO_NOWHERE,
    paused: false,
  }
}

/** Nothing at all is done to the stack any more, whatever git asks for and whatever happens to it. */
export function suspend(record: StackRecord): StackRecord {
  return { ...record, suspended: true }
}

/** Everything but data is taken away, and nothing comes back by itself; what held the stack until now does not. */
export function takeDown(record: StackRecord, asked: Asked): StackRecord {
  return { ...record, down: asked, suspended: false, paused: false, rollout: null, healing: {}, trouble: null }
}

/** The rollout under way begins no further slot. */
export function pause(record: StackRecord): StackRecord {
  return { ...record, paused: true }
}

/** Ends whatever holds the stack; the time of a suspension counts for nothing. */
export function resume({ down, ...record }: StackRecord): StackRecord {
  // What was down comes back as a release does: in order, and gated. Mended, everything would start at once.
  const rollout = down && record.stable !== null ? TO_NOWHERE : record.rollout
  const clock = record.suspended ? null : record.clock
  return { ...record, suspended: false, paused: false, rollout, clock }
}

/** The release that is being rolled out is quarantined, and so the stack goes back to the stable one. */
export function cancel(record: StackRecord, reason: string): StackRecord {
  const digest = rollingOut(record)
  if (digest === null) return record
  return {
    ...record,
    quarantine: { ...record.quarantine, [digest]: { reason, asked: true } },
    paused: false,
    trouble: null,
  }
}

/** Digest of the release that is being rolled out; null when none is, or the stack is on its way back. */
export function rollingOut({ rollout, stable }: StackRecord): string | null {
  return rollout?.kind === 'rollout' && rollout.digest !== stable ? rollout.digest : null
}
