import { setTimeout as sleep } from 'node:timers/promises'
import type { StackEntry, Store } from '../store/store.ts'

/** `good`: what was asked for runs. `bad`: it ended otherwise, and nothing more happens by itself soon. */
type Outcome = 'busy' | 'good' | 'bad'

/** What the store tells of a stack, going by the last pass. */
function outcomeOf({ latest, record, status }: StackEntry): Outcome {
  if (record.down && status) return status.health === 'Progressing' ? 'busy' : 'bad'
  if (latest?.blocked) return 'bad'
  if (!latest || !status || status.sync === 'Unknown') return 'busy'
  if (record.rollout?.stuck) return 'bad'
  if (record.suspended) return 'bad'
  if (record.paused) return status.health === 'Progressing' ? 'busy' : 'bad'
  if (latest.gone || record.rollout || status.health === 'Progressing') return 'busy'
  if (latest.digest !== null && record.quarantine[latest.digest]) return 'bad'
  // What runs beside it by somebody's hand is named, and is theirs to end.
  const isIn = status.sync === 'Synced' || (status.sync === 'Drifted' && latest.digest === record.stable)
  return isIn && status.health === 'Healthy' ? 'good' : 'busy'
}

export interface Ended {
  stack: string
  outcome: Outcome
  /** What is known of it at the end, for a person. */
  message: string
}

export interface WaitOptions {
  limitMs: number
  /** Resolves when no pass is under way in this process. */
  idle(): Promise<void>
  isStopped(): boolean
  /** Nothing else moves meanwhile: a stack that waits for another one waits in vain. */
  isAlone: boolean
}

const LOOK_EVERY_MS = 100
/** What stands in the way so long is for a person to look at. */
const BLOCKED_FOR_MS = 30_000

/** Waits until every one of the stacks has ended, well or not, or the limit is reached. */
export async function untilSettled(stacks: string[], store: Store, options: WaitOptions): Promise<Ended[]> {
  const began = performance.now()
  const blockedSince = new Map<string, number>()
  for (;;) {
    await options.idle()
    const ended = stacks.map((stack) => lookAt(stack, store, blockedSince, options))
    const isOver = performance.now() - began > options.limitMs || options.isStopped()
    if (isOver || ended.every(({ outcome }) => outcome !== 'busy')) return ended
    await sleep(LOOK_EVERY_MS)
  }
}

function lookAt(stack: string, store: Store, blockedSince: Map<string, number>, { isAlone }: WaitOptions): Ended {
  if (!store.stacks().includes(stack)) return { stack, outcome: 'good', message: 'removed' }
  const entry = store.stack(stack)
  const status = entry.status
  const message = entry.latest?.blocked ?? status?.message ?? 'not looked at yet'
  const since = blockedSince.get(stack) ?? performance.now()
  const isBlocked = status?.sync === 'Blocked' || (isAlone && isWaiting(entry))
  if (isBlocked) blockedSince.set(stack, since)
  else blockedSince.delete(stack)
  const isStuck = isBlocked && performance.now() - since > BLOCKED_FOR_MS
  return { stack, outcome: isStuck ? 'bad' : outcomeOf(entry), message }
}

/** For another stack: its release is to come, and its rollout has not begun. */
function isWaiting({ latest, record, status }: StackEntry): boolean {
  return status?.sync === 'OutOfSync' && record.rollout === null && latest?.gone === false
}
