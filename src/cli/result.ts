import { formatProblem } from '../manifests/format.ts'
import type { Problem } from '../model/problem.ts'
import type { Request, Store } from '../store/store.ts'
import { EXIT } from './exit.ts'

/** What came of a request. */
export interface Asked {
  answer: string
  /** Null when nobody waited for the end. */
  stacks: EndedStack[] | null
  /** What keeps a repository as a whole from being followed: then there may be no stack to say it of. */
  problems: Problem[]
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

export function resultLines({ stacks, problems }: Asked): string[] {
  const ended = (stacks ?? []).map(({ stack, outcome, message }) => {
    return `${stack}: ${outcome === 'unsettled' ? 'not settled in time: ' : ''}${message}`
  })
  return [...problems.map(formatProblem), ...ended]
}

/** For programs; see schemas/cli.schema.json. */
export function resultJson(request: Request, asked: Asked, store: Store): unknown {
  const stacks = (asked.stacks ?? []).map((ended) => {
    const { status, latest, record } = store.stack(ended.stack)
    const { sync, health } = status ?? { sync: 'Unknown', health: 'Unknown' }
    return { ...ended, sync, health, release: record.stable, commit: latest?.commit ?? null }
  })
  return { request, answer: asked.answer, outcome: outcomeOf(asked), problems: asked.problems, stacks }
}

export function exitCodeOf(asked: Asked): number {
  const outcome = outcomeOf(asked)
  if (outcome === 'interrupted') return EXIT.interrupted
  return outcome === 'accepted' || outcome === 'as-asked' ? EXIT.ok : EXIT.failed
}

type Outcome = 'accepted' | 'interrupted' | EndedStack['outcome']

/** Of all stacks the worst. */
function outcomeOf({ stacks, problems, isStopped }: Asked): Outcome {
  if (isStopped) return 'interrupted'
  if (problems.length > 0) return 'otherwise'
  if (stacks === null) return 'accepted'
  const has = (outcome: EndedStack['outcome']) => stacks.some((stack) => stack.outcome === outcome)
  return has('unsettled') ? 'unsettled' : has('otherwise') ? 'otherwise' : 'as-asked'
}
