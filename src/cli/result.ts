import type { Request, Store } from '../store/store.ts'
import { EXIT } from './exit.ts'

/** What came of a request. */
export interface Asked {
  answer: string
  /** Null when nobody waited for the end. */
  stacks: EndedStack[] | null
  /** Ctrl-C ended the wait. */
  isStopped: boolean
}

export interface EndedStack {
  stack: string
  /** `unsettled`: not ended in time. */
  outcome: 'as-asked' | 'otherwise' | 'unsettled'
  /** What is known of it at the end, for a person. */
  message: string
}

export function resultLines({ stacks }: Asked): string[] {
  return (stacks ?? []).map(({ stack, outcome, message }) => {
    return `${stack}: ${outcome === 'unsettled' ? 'not settled in time: ' : ''}${message}`
  })
}

/** For programs; see schemas/cli.schema.json. */
export function resultJson(request: Request, asked: Asked, store: Store): unknown {
  const stacks = (asked.stacks ?? []).map((ended) => {
    const { status, latest, record } = store.stack(ended.stack)
    const { sync, health } = status ?? { sync: 'Unknown', health: 'Unknown' }
    return { ...ended, sync, health, release: record.stable, commit: latest?.commit ?? null }
  })
  return { request, answer: asked.answer, outcome: outcomeOf(asked), stacks }
}

export function exitCodeOf(asked: Asked): number {
  const outcome = outcomeOf(asked)
  if (outcome === 'interrupted') return EXIT.interrupted
  return outcome === 'accepted' || outcome === 'as-asked' ? EXIT.ok : EXIT.failed
}

type Outcome = 'accepted' | 'interrupted' | EndedStack['outcome']

/** Of all stacks the worst. */
function outcomeOf({ stacks, isStopped }: Asked): Outcome {
  if (isStopped) return 'interrupted'
  if (stacks === null) return 'accepted'
  const has = (outcome: EndedStack['outcome']) => stacks.some((stack) => stack.outcome === outcome)
  return has('unsettled') ? 'unsettled' : has('otherwise') ? 'otherwise' : 'as-asked'
}
