import pc from 'picocolors'

export type Tone = 'plain' | 'bold' | 'dim' | 'good' | 'warn' | 'bad'

export interface Span {
  text: string
  tone: Tone
}

/** The lower part of a terminal, which is drawn anew in place, and lines above it that stay. */
export interface Screen {
  line(text: string): void
  /** Lines that are wider than the terminal are cut, and those that are too many left out. */
  show(lines: Span[][]): void
  /** Takes the last view away. */
  clear(): void
  /** Leaves what is there where it is, and the terminal as it was. Can be called again. */
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

/** A terminal where something can be drawn in place; a CI that pretends to be one keeps lines, not frames. */
export function isLive(output: NodeJS.WriteStream, { CI, TERM }: NodeJS.ProcessEnv, rows: number): boolean {
  return output.isTTY === true && !CI && TERM !== 'dumb' && output.columns >= 60 && output.rows >= rows
}

export function openScreen(output: NodeJS.WriteStream): Screen {
  let height = 0
  const back = () => (height === 0 ? '' : `\u001b[${height}A\r`)
  function above(text: string): void {
    output.write(`${back()}${CLEAR_BELOW}${text}`)
    height = 0
  }
  return {
    line: (text) => above(`${text}\n`),
    show(view) {
      const lines = view.map((line) => clip(line, output.columns - 1)).slice(0, output.rows - 1)
      const drawn = lines.map((line) => `${CLEAR_LINE}${paint(line)}\n`).join('')
      output.write(`${HIDE_CURSOR}${back()}${drawn}${CLEAR_BELOW}`)
      height = lines.length
    },
    clear: () => above(''),
    close() {
      height = 0
      output.write(SHOW_CURSOR)
    },
  }
}

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone }
}

/** `1:05` */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Cuts a line: one that wraps would break the redrawing in place. */
export function clip(line: Span[], width: number): Span[] {
  let left = width
  return line.flatMap(({ text, tone }) => {
    const kept = text.length <= left ? text : `${text.slice(0, Math.max(left - 1, 0))}${left > 0 ? '…' : ''}`
    left -= kept.length
    return kept === '' ? [] : [span(kept, tone)]
  })
}

function paint(line: Span[]): string {
  return line.map(({ text, tone }) => PAINTS[tone](text)).join('')
}
