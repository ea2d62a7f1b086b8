import { CommanderError } from 'commander'
import { HoldfastError } from '../model/errors.ts'

/** What the program's exit codes mean. */
export const EXIT = {
  ok: 0,
  /** A person has to act: wrong input, an invalid manifest, something that cannot be reached. */
  error: 1,
  /** `plan`: there is something to do. */
  changes: 2,
  /** `sync`, `retry`, `rollback`, `resume` and their like: it ended otherwise than asked, or not in time. */
  failed: 3,
  /** The command line itself: an unknown command or option, a missing argument. */
  usage: 64,
  /** A mistake of Holdfast's own. */
  bug: 70,
  interrupted: 130,
} as const

/** Says what went wrong, to a person in words, for a bug with its stack; gives the exit code. */
export function explainExit(error: unknown, say: (text: string) => void): number {
  // It said itself what is wrong; asking for help is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof HoldfastError && error.handling !== 'bug') {
    say(`holdfast: ${error.message}`)
    return EXIT.error
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  say(`holdfast: this is a bug in Holdfast; please report it with these lines:\n${stack}`)
  return EXIT.bug
}
