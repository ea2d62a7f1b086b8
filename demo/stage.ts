import { clock } from '../src/cli/live/screen.ts'
import type { Check } from './checks.ts'
import { type Counted, nothingCounted } from './client.ts'
import type { Replica } from './look.ts'
import type { Screen } from './screen.ts'
import { type Cast, CHAPTERS, type ChapterName } from './story.ts'
import { type Chapter, countedWords, type View } from './view.ts'

/** Keeps what is shown, and shows it: as a view, or line by line. */
export interface Stage extends Pick<Cast, 'begin' | 'check'> {
  /** One line that Holdfast printed. */
  heard(line: string): void
  /** What runs now, and what the client has seen. */
  seen(replicas: Replica[], counted: Counted): void
  /** What was checked so far, with the chapter it belongs to. */
  checks(): StagedCheck[]
  /** Shows nothing more. */
  close(): void
}

export interface StagedCheck extends Check {
  chapter: string
}

/** Where there is no view, how often is told what the client has seen. */
const COUNT_EVERY_MS = 5_000

/** A line of `holdfast run`: time, stack, what happened. */
const EVENT = /^\d{4}-\S+Z (\S+) (.+)$/
/** Below one: what a container that failed wrote last. */
const LAST_WORDS = /^ {4}\S+ \| (.+)$/

export function openStage(screen: Screen): Stage {
  const view: View = {
    elapsedMs: 0,
    chapters: Object.values(CHAPTERS).map(waiting),
    replicas: [],
    counted: nothingCounted(),
    doing: [],
  }
  const began = performance.now()
  const checks: StagedCheck[] = []
  let now: { chapter: Chapter; since: number } | null = null
  let last = ''
  let isClosed = false
  let told = 0
  const refresh = () => {
    view.elapsedMs = performance.now() - began
    if (now) now.chapter.ms = performance.now() - now.since
    screen.show(view)
  }
  const tell = (text: string) => {
    if (isClosed) return
    if (screen.isPlain) screen.line(`${clock(performance.now() - began)}  ${text}`)
    else refresh()
  }
  /** As a line only where there is no view, which has it all the time. */
  const count = () => {
    told = performance.now()
    if (screen.isPlain && view.counted.requests > 0) tell(`    client  ${countedWords(view.counted)}`)
  }
  return {
    begin(name, commit) {
      const chapter = chapterOf(view, name)
      Object.assign(chapter, { commit, state: 'now' })
      now = { chapter, since: performance.now() }
      last = chapter.title
      tell(commit === null ? chapter.title : `commit ${commit.slice(0, 7)}  ${chapter.title}`)
      return (state, outcome) => {
        chapter.ms = performance.now() - (now?.since ?? began)
        now = null
        Object.assign(chapter, { state, outcome })
        tell(`= ${chapter.title}: ${outcome}, ${(chapter.ms / 1000).toFixed(1)} s`)
        count()
      }
    },
    check: (check) => void checks.push({ chapter: last, ...check }),
    checks: () => checks,
    heard(line) {
      const { stack, text } = readLine(line)
      view.doing = [...view.doing.slice(-20), { stack, text }]
      tell(`    ${stack.padEnd(8)}${text}`)
    },
    seen(replicas, counted) {
      Object.assign(view, { replicas, counted })
      if (isClosed) return
      refresh()
      if (counted.requests > 0 && performance.now() - told > COUNT_EVERY_MS) count()
    },
    close() {
      isClosed = true
    },
  }
}

function readLine(line: string): { stack: string; text: string } {
  const [, stack, text] = EVENT.exec(line) ?? []
  if (stack !== undefined && text !== undefined) return { stack, text }
  const [, words] = LAST_WORDS.exec(line) ?? []
  return { stack: '', text: words === undefined ? line : `its log said: ${words}` }
}

function waiting(title: string): Chapter {
  return { commit: null, title, state: 'waiting', outcome: '', ms: 0 }
}

function chapterOf(view: View, name: ChapterName): Chapter {
  const chapter = view.chapters.find(({ title }) => title === CHAPTERS[name])
  if (chapter === undefined) throw new Error(`There is no chapter ${name}.`)
  return chapter
}
