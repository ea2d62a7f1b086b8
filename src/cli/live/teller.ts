import type { Store, StoredHistoryEntry } from '../../store/store.ts'
import { eventLines, print } from '../print.ts'
import { plain, tame } from '../tame.ts'
import { isLive, openScreen } from './screen.ts'
import { viewLines } from './view.ts'

/** Tells what happens while somebody waits, whoever does it: it reads the store. */
export interface Teller {
  line(text: string): void
  /** Tells what is left, and no more. */
  end(): void
}

export interface Watched {
  store: Store
  /** Null: all of them. */
  stack: string | null
}

/** A view that is drawn in place, a line for each step, only what was answered, or nothing at all. */
export type Manner = 'view' | 'lines' | 'answers' | 'nothing'

const LOOK_EVERY_MS = 100
const STEPS_SHOWN = 4
const LEAST_ROWS = 12

/** On a terminal a view, lines elsewhere. */
export function mannerOf(output: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): 'view' | 'lines' {
  return isLive(output, environment, LEAST_ROWS) ? 'view' : 'lines'
}

export function openTeller(manner: Manner, watched: Watched): Teller {
  if (manner === 'view') return viewTeller(watched)
  if (manner === 'lines') return lineTeller(watched)
  return { line: (text) => print(manner === 'answers' ? [text] : []), end() {} }
}

function lineTeller(watched: Watched): Teller {
  const news = openNews(watched)
  const tell = () => print(news().flatMap((entry) => eventLines(entry.at, entry)))
  const timer = every(LOOK_EVERY_MS, tell)
  return {
    // In the order in which it happened.
    line(text) {
      tell()
      print([text])
    },
    end: once(() => {
      clearInterval(timer)
      tell()
    }),
  }
}

/** Steps are seen in the view as long as they are new; what matters beyond that stays above it. */
function viewTeller({ store, stack }: Watched): Teller {
  const news = openNews({ store, stack })
  const screen = openScreen(process.stdout)
  const began = performance.now()
  let steps: { stack: string; text: string }[] = []

  function tell(): void {
    const entries = news()
    const lasting = entries.filter(({ kind }) => kind !== 'step')
    for (const line of lasting.flatMap((entry) => eventLines(entry.at, entry))) screen.line(tame(line))
    const taken = entries
      .filter(({ kind }) => kind === 'step')
      .map((step) => ({ stack: step.stack, text: plain(step.message) }))
    steps = [...steps, ...taken].slice(-STEPS_SHOWN)
  }

  function draw(): void {
    tell()
    const names = store.stacks().filter((name) => stack === null || name === stack)
    const stacks = names.map((name) => ({ name, status: store.stack(name).status }))
    screen.show(viewLines({ elapsedMs: performance.now() - began, stacks, steps }))
  }

  const timer = every(LOOK_EVERY_MS, draw)
  return {
    line: (text) => screen.line(text),
    end: once(() => {
      clearInterval(timer)
      tell()
      screen.clear()
      screen.close()
    }),
  }
}

/** A store that cannot be read at this moment is read at the next. */
function every(ms: number, look: () => void): NodeJS.Timeout {
  return setInterval(() => {
    try {
      look()
    } catch {
      // Whoever waits meets the same trouble, and tells of it should it last.
    }
  }, ms)
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}

/** Gives what was added to the history since the last time, oldest first. */
function openNews({ store, stack }: Watched): () => StoredHistoryEntry[] {
  let last = store.history(null, 1)[0]?.id ?? 0
  return () => {
    const newest = store.history(null, 1)[0]?.id ?? last
    const fresh = newest > last ? store.history(null, newest - last).filter(({ id }) => id > last) : []
    last = newest
    return fresh.reverse().filter((entry) => stack === null || entry.stack === stack || entry.stack === '')
  }
}
