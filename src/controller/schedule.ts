import { schedule, validate } from 'node-cron'
import { HoldfastError } from '../model/errors.ts'

/** Throws a HoldfastError for an expression that is none. */
export function assertSchedule(expression: string): void {
  if (validate(expression)) return
  const text = `"${expression}" is not a cron expression. Write five fields, or six with seconds: "*/30 * * * * *".`
  throw new HoldfastError('terminal', text)
}

/**
 * Runs `work` by a cron expression of five or six fields, never twice at once, until the returned function is called.
 * Throws a HoldfastError for an expression that is none.
 */
export function onSchedule(expression: string, work: () => Promise<void>): () => void {
  assertSchedule(expression)
  // A run that was missed is made up for by the next one: every look is a full one.
  const task = schedule(expression, work, { noOverlap: true, suppressMissedWarning: true, logger: SILENT })
  return () => void task.destroy()
}

const SILENT = { info() {}, warn() {}, error() {}, debug() {} }
