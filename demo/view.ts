import { clip, clock, type Span, span } from '../src/cli/live/screen.ts'
import type { Counted } from './client.ts'
import type { Replica } from './look.ts'

/** One part of the story: most begin with a commit. */
export interface Chapter {
  /** 40 digits; null before it is made, and for a part that has none. */
  commit: string | null
  title: string
  state: 'waiting' | 'now' | 'good' | 'undone' | 'failed'
  /** How it ended, in a few words; empty before. */
  outcome: string
  ms: number
}

export interface View {
  /** Since the demo began. */
  elapsedMs: number
  chapters: Chapter[]
  replicas: Replica[]
  counted: Counted
  /** What Holdfast said last, oldest first. */
  doing: { stack: string; text: string }[]
}

const MARKS: Record<Chapter['state'], Span> = {
  waiting: span('·', 'dim'),
  now: span('▸', 'bold'),
  good: span('✓', 'good'),
  undone: span('↩', 'warn'),
  failed: span('✗', 'bad'),
}

const DOTS: Record<Replica['health'], Span> = {
  healthy: span('●', 'good'),
  starting: span('◐', 'warn'),
  unhealthy: span('✗', 'bad'),
  running: span('○', 'warn'),
  stopped: span('-', 'dim'),
}

const STEPS_SHOWN = 5

/** The whole live view, at most `width` columns; the same number of lines while services and chapters are the same. */
export function renderView(view: View, width: number): Span[][] {
  const doing = view.doing.slice(-STEPS_SHOWN)
  const spare: Span[][] = Array.from({ length: STEPS_SHOWN - doing.length }, () => [])
  const lines = [
    headLine(view, width),
    [],
    [span('  git', 'dim')],
    ...view.chapters.map(chapterLine),
    [],
    [span('  running   ● healthy  ◐ starting  ✗ unhealthy', 'dim')],
    ...serviceLines(view.replicas),
    [],
    clientLine(view.counted),
    [],
    [span('  Holdfast', 'dim')],
    ...doing.map(stepLine),
    ...spare,
  ]
  return lines.map((line) => clip(line, width))
}

function headLine({ elapsedMs }: View, width: number): Span[] {
  const name = '  Holdfast demo'
  return [span(name, 'bold'), span(clock(elapsedMs).padStart(Math.min(width, 80) - name.length), 'dim')]
}

function clientLine({ requests, failures, answers, trouble }: Counted): Span[] {
  return [
    span('  client    ', 'dim'),
    span(`requests ${requests}, `, requests === 0 ? 'dim' : 'bold'),
    span(`failures ${failures}`, failures > 0 ? 'bad' : requests === 0 ? 'dim' : 'good'),
    span(`    ${trouble || answersWords(answers)}`, 'dim'),
  ]
}

/** `requests 812, failures 0; answered by 1.0: 300, 1.1: 512` */
export function countedWords({ requests, failures, answers, trouble }: Counted): string {
  const words = [`requests ${requests}, failures ${failures}`, answersWords(answers), trouble]
  return words.filter((word) => word !== '').join('; ')
}

function answersWords(answers: Counted['answers']): string {
  const versions = Object.entries(answers).map(([version, count]) => `${version}: ${count}`)
  return versions.length === 0 ? '' : `answered by ${versions.join(', ')}`
}

function chapterLine({ commit, title, state, outcome, ms }: Chapter): Span[] {
  const tone = state === 'waiting' ? 'dim' : state === 'now' ? 'bold' : 'plain'
  return [
    span('    ', 'plain'),
    MARKS[state],
    span(` ${(commit ?? '').slice(0, 7).padEnd(7)}  `, 'dim'),
    span(title.padEnd(28), tone),
    span(`  ${outcome.padEnd(22)}`, MARKS[state].tone),
    span(state === 'waiting' ? '' : `${(ms / 1000).toFixed(1)} s`.padStart(7), 'dim'),
  ]
}

function serviceLines(replicas: Replica[]): Span[][] {
  const services = groups(replicas, ({ stack, service }) => `${stack}/${service}`)
  return services.map(([name, members]) => {
    const slots = groups(members, ({ slot }) => String(slot)).map(([, slot]) => slot)
    const cells = slots.flatMap((slot) => [...slotCell(slot), span('   ', 'plain')])
    return [span(`    ${name.padEnd(15)}`, 'plain'), ...cells.slice(0, -1)]
  })
}

/** What a slot holds, old beside new; what stopped is shown only where nothing runs. */
function slotCell(members: Replica[]): Span[] {
  const up = members.filter(({ health }) => health !== 'stopped')
  const shown = up.length > 0 ? up : members.slice(-1)
  return shown.flatMap((replica, index) => [
    span(index === 0 ? '' : ' → ', 'dim'),
    DOTS[replica.health],
    span(` ${versionOf(replica)}`, replica.health === 'stopped' ? 'dim' : 'plain'),
  ])
}

/** In the order of their first members. */
function groups(replicas: Replica[], keyOf: (replica: Replica) => string): [string, Replica[]][] {
  const keys = [...new Set(replicas.map(keyOf))]
  return keys.map((key) => [key, replicas.filter((replica) => keyOf(replica) === key)])
}

/** `1.1` of `sample/shop:1.1` */
function versionOf({ image }: Replica): string {
  return image.slice(image.indexOf(':') + 1).slice(0, 12)
}

function stepLine({ stack, text }: View['doing'][number]): Span[] {
  return [span(`    ${stack.padEnd(8)}`, 'dim'), span(text, 'plain')]
}
