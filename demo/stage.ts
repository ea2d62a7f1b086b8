import { clock } from '../src/cli/live/screen.ts'
import type { Check } from './checks.ts'
import type { Replica } from './look.ts'
import type { Screen } from './screen.ts'
import { type Cast, CHAPTERS, type ChapterName } from './story.ts'
import type { Chapter, View } from './view.ts'

/** Keeps what is shown, and shows it: as a view, or line by line. */
export interface Stage extends Pick<Cast, 'begin' | 'check'> {
  /** One line that Holdfast printed. */
  heard(line: string): void
  /** What runs now. */
  seen(replicas: Replica[]): void
  /** What was checked so far, with the chapter it belongs to. */
  checks(): StagedCheck[]
  /** Shows nothing more. */
  close(): void
}

export interface StagedCheck extends Check {
  chapter: string
}

/** A line of `holdfast run`: time, stack, what happened. */
const EVENT = /^\d{4}-\S+Z (\S+) (.+)$/
/** Below one: what a container that failed wrote last. */
const LAST_WORDS = /^ {4}\S+ \| (.+)$/

export function openStage(screen: Screen): Stage {
  const view: View = { elapsedMs: 0, chapters: Object.values(CHAPTERS).map(waiting), replicas: [], doing: [] }
  const began = performance.now()
  const checks: StagedCheck[] = []
  let now: { chapter: Chapter; since: number } | null = null
  let last = ''
  let isClosed = false
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
      }
    },
    check: (check) => void checks.push({ chapter: last, ...check }),
    checks: () => checks,
    heard(line) {
      const { stack, text } = readLine(line)
      view.doing = [...view.doing.slice(-20), { stack, text }]
      tell(`    ${stack.padEnd(8)}${text}`)
    },
    seen(replicas) {
      view.replicas = replicas
      if (!isClosed) refresh()
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
