import type { LogLine } from '../../console.ts'
import type { Frame } from './frames.ts'

/** A line without an end is given in pieces of this size. */
const LONGEST_LINE = 1024 * 1024
const NEWLINE = 0x0a
const RETURN = 0x0d

/** Gives the lines that are whole after one more frame. */
export interface Lines {
  take(frame: Frame): LogLine[]
  /** What was begun and has no end. */
  rest(): LogLine[]
}

interface Begun {
  time: string
  pieces: Buffer[]
  bytes: number
}

/**
 * Each frame is one piece of a line with its time before it: the engine cuts lines of more than 16 KiB, and only the
 * last piece has an end.
 */
export function framedLines(): Lines {
  const begun = new Map<Frame['stream'], Begun>()

  function finish(stream: Frame['stream'], { time, pieces }: Begun): LogLine {
    begun.delete(stream)
    return { stream, time, text: withoutEnd(Buffer.concat(pieces)) }
  }

  return {
    take({ stream, payload }) {
      const { time, text } = timed(payload)
      const line = begun.get(stream) ?? { time, pieces: [], bytes: 0 }
      line.pieces.push(text)
      line.bytes += text.length
      begun.set(stream, line)
      return text.at(-1) === NEWLINE || line.bytes >= LONGEST_LINE ? [finish(stream, line)] : []
    },
    rest: () => [...begun].map(([stream, line]) => finish(stream, line)),
  }
}

/** With a terminal the stream is cut anywhere, and each line begins with its time. */
export function rawLines(): Lines {
  let rest: Buffer = Buffer.alloc(0)
  const lineOf = (bytes: Buffer): LogLine => {
    const { time, text } = timed(bytes)
    return { stream: 'stdout', time, text: withoutEnd(text) }
  }
  return {
    take({ payload }) {
      const bytes = rest.length === 0 ? payload : Buffer.concat([rest, payload])
      const lines: LogLine[] = []
      let from = 0
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
        lines.push(lineOf(bytes.subarray(from, end + 1)))
        from = end + 1
      }
      rest = bytes.subarray(from)
      if (rest.length < LONGEST_LINE) return lines
      const long = lineOf(rest)
      rest = Buffer.alloc(0)
      return [...lines, long]
    },
    rest: () => (rest.length === 0 ? [] : [lineOf(rest)]),
  }
}

function timed(bytes: Buffer): { time: string; text: Buffer } {
  const space = bytes.indexOf(' ')
  return { time: bytes.toString('latin1', 0, Math.max(0, space)), text: bytes.subarray(space + 1) }
}

/** Programs with a terminal end their lines with a carriage return as well. */
function withoutEnd(text: Buffer): Buffer {
  const end = text.at(-1) === NEWLINE ? text.length - 1 : text.length
  return text.subarray(0, end < text.length && text[end - 1] === RETURN ? end - 1 : end)
}
