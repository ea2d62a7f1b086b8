import { schedule, validate } from 'node-cron'
import { HoldfastError } from '../model/errors.ts'

/** Five or six fields, seconds first: look at the repository twice a minute. */
export const DEFAULT_POLL = '*/30 * * * * *'

/**
 * Runs `work` by a cron expression of five or six fields, never twice at once, until the returned function is called.
 * Throws a HoldfastError for an expression that is none.
 */
export function onSchedule(expression: string, work: () => Promise<void>): () => void {
  if (!validate(expression)) {
    const text = `"${expression}" is not a cron expression. Write five fields, or six with seconds: "${DEFAULT_POLL}".`
    throw new HoldfastError('terminal', text)
  }
  // A run that was missed is made up for by the next one: every look is a full one.
  const task = schedule(expression, work, { noOverlap: true, suppressMissedWarning: true, logger: SILENT })
  return () => void task.destroy()
}

const SILENT = { info() {}, warn() {}, error() {}, debug() {} }
