import pc from 'picocolors'
import { renderView, type Span, type Tone, type View } from './view.ts'

/** Where the demo is shown: a view that changes in place on a terminal, plain lines everywhere else. */
export interface Screen {
  /** True when steps are to be printed one by one, because there is no view that shows them. */
  isPlain: boolean
  line(text: string): void
  show(view: View): void
  /** Leaves the last view where it is, and the terminal as it was. Can be called again. */
  close(): void
}

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_LINE = '\u001b[2K'
const CLEAR_BELOW = '\u001b[J'

const PAINTS: Record<Tone, (text: string) => string> = {
  plain: String,
  bold: pc.bold,
  dim: pc.dim,
  good: pc.green,
  warn: pc.yellow,
  bad: pc.red,
}

/** `environment`: a CI that pretends to be a terminal keeps lines, not frames. */
export function openScreen(output: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Screen {
  const { CI, TERM } = environment
  const isLive = output.isTTY && !CI && TERM !== 'dumb' && output.columns >= 60 && output.rows >= 24
  return isLive ? liveScreen(output) : plainScreen(output)
}

function plainScreen(output: NodeJS.WriteStream): Screen {
  return { isPlain: true, line: (text) => void output.write(`${text}\n`), show() {}, close() {} }
}

function liveScreen(output: NodeJS.WriteStream): Screen {
  let height = 0
  const back = () => (height === 0 ? '' : `\u001b[${height}A\r`)
  return {
    isPlain: false,
    line(text) {
      output.write(`${back()}${CLEAR_BELOW}${text}\n`)
      height = 0
    },
    show(view) {
      const lines = renderView(view, output.columns - 1).slice(0, output.rows - 1)
      output.write(
        `${HIDE_CURSOR}${back()}${lines.map((line) => `${CLEAR_LINE}${paint(line)}\n`).join('')}${CLEAR_BELOW}`,
      )
      height = lines.length
    },
    close() {
      height = 0
      output.write(SHOW_CURSOR)
    },
  }
}

function paint(line: Span[]): string {
  return line.map(({ text, tone }) => PAINTS[tone](text)).join('')
}
