import type { StackRecord } from '../model/record.ts'
import type { StackStatus } from '../model/status.ts'

/** A stack as another one that depends on it sees it. */
export interface OtherStack {
  latest: { digest: string | null; gone: boolean } | null
  record: Pick<StackRecord, 'stable' | 'quarantine'>
  status: StackStatus | null
}

/**
 * Why a release has to wait for the stacks it depends on, by the first of them that is not there; null when all are.
 * `find` gives null for a stack that does not exist.
 */
export function waitWords(dependsOn: readonly string[], find: (stack: string) => OtherStack | null): string | null {
  for (const name of dependsOn) {
    const what = missing(find(name))
    if (what !== null) return `waits for the stack ${name}, which ${what}`
  }
  return null
}

/**
 * It is there when it runs healthy and nothing newer of it is still to come. `RolledBack` will do: what was stable runs,
 * as it did before; else one bad commit there would hold up every repair here.
 */
function missing(other: OtherStack | null): string | null {
  if (other === null) return 'does not exist; add it, or take it out of x-holdfast.dependsOn'
  const { latest, record, status } = other
  if (latest?.gone) return 'is gone from the repository; bring it back, or take it out of x-holdfast.dependsOn'
  if (!latest || !status) return 'was not looked at yet'
  const { sync, health, message } = status
  if (sync === 'Suspended' || sync === 'Blocked') return `is ${sync.toLowerCase()}: ${message}`
  const isTakenUp = latest.digest !== null && (latest.digest === record.stable || latest.digest in record.quarantine)
  if (!isTakenUp) return `is not up to date: ${message}`
  const isSettled = sync === 'Synced' || sync === 'RolledBack' || sync === 'Drifted'
  return isSettled && health === 'Healthy' ? null : `is not healthy: ${message}`
}
