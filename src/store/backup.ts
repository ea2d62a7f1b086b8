import { closeSync, existsSync, fsyncSync, openSync, unlinkSync } from 'node:fs'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import { BUSY_MS, databaseIn, openSql } from './database.ts'
import { codeOf, explain, isDamage } from './explain.ts'

/**
 * Writes a consistent copy of a data directory's database into a new file that only its owner can read, while others
 * read and write it. The copy has the schema it was found with. Throws a HoldfastError when there is no database, when
 * the file is there already, or when it cannot be written; nothing is left of it then.
 */
export function backUp(directory: string, file: string): void {
  const database = databaseIn(directory)
  if (!existsSync(database)) {
    const text = `There is no database ${database}: Holdfast has not run here.`
    throw new HoldfastError('terminal', `${text} Name the right directory with --data.`)
  }
  makeNew(file)
  try {
    copy(database, file)
  } catch (error) {
    unlinkSync(file)
    throw explain(error, isDamage(codeOf(error)) ? database : file)
  }
}

/** An empty file is one that SQLite writes into; it keeps the mode. */
function makeNew(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    const text = isThere ? `There is a ${file} already, and nothing is written over.` : cannotMake(file, cause)
    throw new HoldfastError('terminal', `${text} Name another file.`, { cause })
  }
}

function cannotMake(file: string, cause: unknown): string {
  return `The backup ${file} cannot be made: ${reasonOf(cause)}.`
}

/** SQLite leaves it to the operating system when a copy reaches the disk. */
function copy(database: string, file: string): void {
  const sql = openSql(database, BUSY_MS)
  try {
    sql.run('VACUUM INTO ?', [file])
  } finally {
    sql.close()
  }
  const opened = openSync(file, 'r')
  fsyncSync(opened)
  closeSync(opened)
}
