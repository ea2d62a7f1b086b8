import { resolve } from 'node:path'
import { HoldfastError } from '../model/errors.ts'
import { openSql, type Sql } from './database.ts'
import { codeOf, explain } from './explain.ts'

export interface Lock {
  release(): void
}

/** A connection that is garbage-collected is closed, and its lock with it. */
const held = new Set<Sql>()

/**
 * Makes this process the one writer of a data directory, or throws at once when another one is. The lock is the
 * operating system's, taken by SQLite on a file of its own: however the process ends, the lock ends with it. Reading
 * and leaving requests needs no lock.
 */
export function lockDirectory(directory: string): Lock {
  const lock = tryLock(directory)
  if (lock === null) throw taken(directory)
  return lock
}

/** The same; null when another process holds the lock. */
export function tryLock(directory: string): Lock | null {
  const file = resolve(directory, 'lock.db')
  const sql = open(file)
  try {
    sql.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    sql.close()
    if (codeOf(error).startsWith('SQLITE_BUSY')) return null
    throw explain(error, file)
  }
  held.add(sql)
  return {
    release() {
      if (!held.delete(sql)) return
      sql.exec('ROLLBACK')
      sql.close()
    },
  }
}

function open(file: string): Sql {
  try {
    return openSql(file, 0)
  } catch (error) {
    throw explain(error, file)
  }
}

function taken(directory: string): HoldfastError {
  const text = `Another Holdfast is running on ${resolve(directory)}.`
  const next = `Stop it first, or give this one a data directory of its own.`
  return new HoldfastError('terminal', `${text} ${next}`)
}
