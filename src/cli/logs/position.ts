import type { LogLine } from '../../engine/console.ts'

/** How far a log was read: several lines may have been written at the same moment. */
export interface Position {
  /** See `LogLine`. */
  time: string
  /** So many lines of that moment. */
  lines: number
}

export function moved(before: Position | undefined, { time }: LogLine): Position {
  return { time, lines: before?.time === time ? before.lines + 1 : 1 }
}

/** Seconds since 1970, as the engine is asked with. */
export function sinceOf({ time }: Position): string {
  const nanoseconds = /\.(\d+)/.exec(time)?.[1] ?? '0'
  return `${Math.floor(Date.parse(time) / 1000)}.${nanoseconds}`
}

/** Tells of each line that comes, in turn, whether it was read before; lines are asked for from the position on. */
export function alreadyRead(position: Position | undefined): (line: LogLine) => boolean {
  let left = position?.lines ?? 0
  return ({ time }) => {
    if (position === undefined || time > position.time) return false
    if (time < position.time) return true
    left -= 1
    return left >= 0
  }
}
