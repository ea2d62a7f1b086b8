import { HoldfastError } from '../model/errors.ts'

/**
 * A repository that could not be followed, or a file in it that could not be read. `retry`: later may be enough.
 * `terminal`: somebody must act; looking again is still right, because the repair is often made on the other side.
 * The text names repository, branch and next action, and holds no credentials.
 */
export class SourceError extends HoldfastError {
  constructor(handling: 'terminal' | 'retry', message: string, options?: { cause?: unknown }) {
    super(handling, message, options)
    this.name = 'SourceError'
  }
}
