import type { Fault } from './steps.ts'

/** How an error is handled: a person must act, trying again later helps, or it is our own mistake. */
export type Handling = 'terminal' | 'retry' | 'bug'

/** An error with a text that says what happened, to what, and what to do next. */
export class HoldfastError extends Error {
  readonly handling: Handling
  constructor(handling: Handling, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'HoldfastError'
    this.handling = handling
  }
}

/** A step that the engine refused or could not carry out. */
export class StepFailed extends HoldfastError {
  readonly fault: Fault
  constructor(fault: Fault, message: string, options?: { cause?: unknown }) {
    super(fault === 'platform' ? 'retry' : 'terminal', message, options)
    this.name = 'StepFailed'
    this.fault = fault
  }
}

/** The text of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
