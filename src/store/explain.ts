import { basename, dirname } from 'node:path'
import { HoldfastError, reasonOf } from '../model/errors.ts'

/** Turns what SQLite threw into an error that says what it means and what to do. */
export function explain(error: unknown, file: string): HoldfastError {
  if (error instanceof HoldfastError) return error
  const code = codeOf(error)
  const because = { cause: error }
  if (isDamage(code)) return damaged(file, reasonOf(error), because)
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

/** Its side files go with it: what they hold is of this database, and would damage the next one. */
export function damaged(file: string, finding: string, because: { cause?: unknown } = {}): HoldfastError {
  const [folder, name] = [dirname(file), basename(file)]
  const move = `mkdir -p -m 700 ${folder}/damaged && mv ${folder}/${name}* ${folder}/damaged/`
  const text = [
    `The database ${file} is damaged (${finding}).`,
    `Move it away, with its -wal and -shm files: ${move}`,
    `Put a backup in its place if there is one (cp <backup> ${file}), and start again.`,
    'Either way nothing that runs is touched, and the stable release is recognised on the engine.',
    'Lost are the history, the stored releases and which releases failed before; with a backup, what came after it.',
  ]
  return new HoldfastError('terminal', text.join('\n'), because)
}

export function isDamage(code: string): boolean {
  return code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
