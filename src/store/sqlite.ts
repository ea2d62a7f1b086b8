import { DEFAULT_RETENTION, type Retention } from '../model/retention.ts'
import { BUSY_MS, databaseIn, openSql, type Sql } from './database.ts'
import { explain } from './explain.ts'
import { openFolders } from './folders.ts'
import { openHistory } from './history.ts'
import { openKey } from './key.ts'
import { migrate } from './migrate.ts'
import { openReleases } from './releases.ts'
import { openRepository } from './repository.ts'
import { openRequests } from './requests.ts'
import type { StoreKey } from './seal.ts'
import { openStacks } from './stacks.ts'
import type { Store } from './store.ts'

/**
 * Opens `holdfast.db` in the data directory, makes it when there is none, and brings an older one forward. Several
 * processes may have it open; only the one with the lock should write more than requests. Every call may throw a
 * HoldfastError: `terminal` for a damaged or too new database, `retry` for a full disk. Without the key the releases
 * in it can be neither read nor written. `retention` is asked at each write.
 */
export function openStore(
  directory: string,
  key: StoreKey | null = null,
  retention: () => Retention = () => DEFAULT_RETENTION,
): Store {
  const file = databaseIn(directory)
  const sql = explained(openReady(file), file)
  const stacks = openStacks(sql)
  return {
    ...stacks,
    ...openReleases(sql, key, stacks.stack, retention),
    ...openHistory(sql, retention),
    ...openRequests(sql),
    ...openRepository(sql),
    ...openFolders(sql),
    ...openKey(sql),
    version: () => sql.first<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0,
    close: () => sql.close(),
  }
}

/** FULL: a write is on the disk when it returns, so that a power cut loses nothing that was announced. */
function openReady(file: string): Sql {
  let sql: Sql | null = null
  try {
    sql = openSql(file, BUSY_MS)
    sql.all('PRAGMA journal_mode = WAL')
    sql.exec('PRAGMA synchronous = FULL')
    migrate(sql, file)
    return sql
  } catch (error) {
    sql?.close()
    throw explain(error, file)
  }
}

/** The same database, with errors in words that help. */
function explained(sql: Sql, file: string): Sql {
  function guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw explain(error, file)
    }
  }
  return {
    run: (text, values) => guard(() => sql.run(text, values)),
    all: <Row>(text: string, values?: Parameters<Sql['all']>[1]) => guard(() => sql.all<Row>(text, values)),
    first: <Row>(text: string, values?: Parameters<Sql['all']>[1]) => guard(() => sql.first<Row>(text, values)),
    exec: (text) => guard(() => sql.exec(text)),
    transaction: (work) => guard(() => sql.transaction(work)),
    close: () => sql.close(),
  }
}
