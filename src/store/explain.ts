import { HoldfastError, reasonOf } from '../model/errors.ts'

/** Turns what SQLite threw into an error that says what it means and what to do. */
export function explain(error: unknown, file: string): HoldfastError {
  if (error instanceof HoldfastError) return error
  const code = codeOf(error)
  const because = { cause: error }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new HoldfastError('terminal', `The database ${file} is damaged (${reasonOf(error)}). ${REMEDY}`, because)
  }
  if (code.startsWith('SQLITE_FULL')) {
    const text = `No space left for the database ${file}. Free some; nothing that runs is touched meanwhile.`
    return new HoldfastError('retry', text, because)
  }
  if (code.startsWith('SQLITE_BUSY')) {
    const text = `The database ${file} stays locked by another process. It is tried again; end what holds it.`
    return new HoldfastError('retry', text, because)
  }
  const text = `The database ${file} cannot be used: ${reasonOf(error)}. Check that its folder exists and is writable.`
  return new HoldfastError('terminal', text, because)
}

const REMEDY =
  'Move it away, with its -wal and -shm files, and start again: nothing that runs is touched, and the stable release ' +
  'is recognised on the engine. Lost are the history, the stored releases and which releases failed before.'

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
