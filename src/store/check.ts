import { existsSync } from 'node:fs'
import { BUSY_MS, databaseIn, openSql } from './database.ts'
import { damaged, explain } from './explain.ts'

/**
 * Looks the database of a data directory through, all of it: what lies in a damaged page would else be found out only
 * when it is needed. Throws a HoldfastError that says what is lost and what to do. Where there is none, none is made.
 */
export function checkDatabase(directory: string): void {
  const file = databaseIn(directory)
  if (!existsSync(file)) return
  const finding = firstFinding(file)
  if (finding !== null) throw damaged(file, finding)
}

function firstFinding(file: string): string | null {
  try {
    const sql = openSql(file, BUSY_MS)
    try {
      const found = sql.first<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check ?? 'ok'
      return found === 'ok' ? null : (found.trim().split('\n').at(-1) ?? found)
    } finally {
      sql.close()
    }
  } catch (error) {
    throw explain(error, file)
  }
}
