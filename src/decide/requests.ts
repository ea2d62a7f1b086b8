import type { StackRecord } from '../model/record.ts'

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
  // A rollout to nowhere yet: the next pass sees that its aim is another release, and begins the rollback to that.
  const rollout = { digest: '', kind: 'rollback', readyMs: null, idleMs: 0, progress: '', stuck: null } as const
  const previous = record.stable === release ? record.previous : record.stable
  return { ...record, quarantine: others, stable: release, previous, rollout: record.rollout ?? rollout }
}
