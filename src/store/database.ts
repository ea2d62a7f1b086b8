import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'libsql'

/** How long to wait for another process's write. */
export const BUSY_MS = 5_000

/** Where the database of a data directory lies. */
export function databaseIn(directory: string): string {
  return resolve(directory, 'holdfast.db')
}

/** What a column may hold here. */
type Value = string | number | null

/** A SQLite database with the few calls the store needs. Parameters go in as one list. */
export interface Sql {
  run(sql: string, values?: Value[]): { lastInsertRowid: number }
  all<Row>(sql: string, values?: Value[]): Row[]
  first<Row>(sql: string, values?: Value[]): Row | null
  exec(sql: string): void
  /** Writes nothing at all when `work` throws. Other writers wait from its start, so what it reads stays true. */
  transaction<T>(work: () => T): T
  close(): void
}

/** Opens or makes a database file that only its owner may read. `busyMs`: how long to wait for another writer. */
export function openSql(file: string, busyMs: number): Sql {
  makePrivate(file)
  const database = new Database(file, { timeout: busyMs })
  const prepared = new Map<string, Database.Statement>()
  function statement(sql: string): Database.Statement {
    const known = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, known)
    return known
  }
  function all<Row>(sql: string, values: Value[] = []): Row[] {
    return statement(sql).all(values) as Row[]
  }
  return {
    run: (sql, values = []) => ({ lastInsertRowid: Number(statement(sql).run(values).lastInsertRowid) }),
    all,
    first: <Row>(sql: string, values: Value[] = []) => all<Row>(sql, values)[0] ?? null,
    exec: (sql) => void database.exec(sql),
    transaction: (work) => inTransaction(database, work),
    close() {
      prepared.clear()
      database.close()
    },
  }
}

/** SQLite itself rolls back after some errors, a full disk among them; a second time would hide the first error. */
function inTransaction<T>(database: Database.Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * SQLite gives its side files the mode of the database, so setting it before the first open is enough. A file that is
 * there is not opened: closing it again would take away every lock that this process holds on it (fcntl's rule).
 */
function makePrivate(file: string): void {
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (existsSync(file)) chmodSync(file, 0o600)
  else closeSync(openSync(file, 'a', 0o600))
}
