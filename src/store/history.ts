import type { Retention } from '../model/retention.ts'
import type { Sql } from './database.ts'
import type { Store, StoredHistoryEntry } from './store.ts'

type Row = Omit<StoredHistoryEntry, 'logs'> & { logs: string }

/** Older entries that say of a stored release that it was stable stay beside those that `retention` counts. */
export function openHistory(sql: Sql, retention: () => Retention): Pick<Store, 'append' | 'history'> {
  return {
    append({ stack, kind, release, message, logs }) {
      const values = [new Date().toISOString(), stack, kind, release, message, JSON.stringify(logs)]
      sql.transaction(() => {
        sql.run('INSERT INTO history (at, stack, kind, release, message, logs) VALUES (?, ?, ?, ?, ?, ?)', values)
        prune(sql, stack, retention().history)
      })
    },
    history: (stack, limit) => select(sql, stack, limit).map((row) => ({ ...row, logs: JSON.parse(row.logs) })),
  }
}

function select(sql: Sql, stack: string | null, limit: number): Row[] {
  const columns = 'SELECT id, at, stack, kind, release, message, logs FROM history'
  if (stack === null) return sql.all(`${columns} ORDER BY id DESC LIMIT ?`, [limit])
  return sql.all(`${columns} WHERE stack = ? ORDER BY id DESC LIMIT ?`, [stack, limit])
}

function prune(sql: Sql, stack: string, kept: number): void {
  const newestTooMany = 'SELECT id FROM history WHERE stack = ? ORDER BY id DESC LIMIT 1 OFFSET ?'
  // A person may go back to a release that was stable, as long as it is stored.
  const wasStable = `kind IN ('stable', 'rolled-back') AND release IN (SELECT digest FROM release WHERE stack = ?)`
  const old = `DELETE FROM history WHERE stack = ? AND id <= (${newestTooMany})`
  sql.run(`${old} AND NOT (${wasStable})`, [stack, stack, kept, stack])
}
