import { LineCounter } from 'yaml'
import type { Place } from './report.ts'

/** A text of the repository whose offsets can be turned into places. */
export interface SourceText {
  file: string
  text: string
  lines: LineCounter
}

/** Longest part of a line that an excerpt shows. */
const EXCERPT_WIDTH = 120

export function sourceText(file: string, text: string): SourceText {
  return { file, text, lines: new LineCounter() }
}

/** The place of a character offset, with the line's text and a caret under it. */
export function placeAt(source: SourceText, offset: number): Place {
  const { line, col } = source.lines.linePos(offset)
  if (line < 1) return { file: source.file, line: 1, column: 1, excerpt: '' }
  return { file: source.file, line, column: col, excerpt: excerpt(lineText(source, offset), col) }
}

function lineText(source: SourceText, offset: number): string {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1
  const end = source.text.indexOf('\n', Math.max(start, offset))
  return source.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
}

function excerpt(line: string, column: number): string {
  const from = column > EXCERPT_WIDTH ? column - EXCERPT_WIDTH / 2 : 0
  const shown = line.slice(from, from + EXCERPT_WIDTH)
  const indent = shown.slice(0, column - 1 - from).replace(/[^\t]/g, ' ')
  return `${shown}\n${indent}^`
}
