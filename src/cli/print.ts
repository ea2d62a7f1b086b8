import type { HistoryEntry } from '../store/store.ts'
import { colors } from './colors.ts'
import { tame } from './tame.ts'

type Paint = (text: string) => string

const PAINTS: Record<string, Paint> = {
  step: colors.dim,
  stable: colors.green,
  recovered: colors.green,
  'rollout-started': colors.cyan,
  'rollback-started': colors.yellow,
  'rolled-back': colors.yellow,
  'replica-failed': colors.yellow,
  paused: colors.yellow,
  cancelled: colors.yellow,
  suspended: colors.yellow,
  down: colors.yellow,
  resumed: colors.cyan,
  trouble: colors.yellow,
}

/** Bad news has no paint of its own in the table: whatever is not named there. */
function paintOf(kind: string): Paint {
  return PAINTS[kind] ?? colors.red
}

/** One event as a line: time, stack, what; the last words of a failed container below it. */
export function eventLines(at: string, { stack, kind, message, logs }: HistoryEntry): string[] {
  const time = colors.dim(at.replace(/\.\d+Z$/, 'Z'))
  const subject = colors.bold(stack === '' ? 'holdfast' : stack)
  return [`${time} ${subject} ${paintOf(kind)(message)}`, ...logs.map((line) => `    ${colors.dim(line)}`)]
}

/** What others wrote, such as a container's last words, cannot steer the terminal. */
export function print(lines: readonly string[]): void {
  const isTerminal = process.stdout.isTTY === true
  for (const line of lines) console.log(isTerminal ? line.split('\n').map(tame).join('\n') : line)
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}
