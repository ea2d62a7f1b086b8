import type { Sql } from './database.ts'
import type { RepositoryState, Store } from './store.ts'

const UNKNOWN: RepositoryState = { commit: null, subject: '', bindRoot: null, problems: [], readAt: null, error: null }

/** One row: what is known of the repository that is followed. */
export function openRepository(sql: Sql): Pick<Store, 'repository' | 'saveRepository'> {
  return {
    repository() {
      const row = sql.first<{ state: string }>('SELECT state FROM repository WHERE id = 1')
      return row === null ? { ...UNKNOWN } : { ...UNKNOWN, ...JSON.parse(row.state) }
    },
    saveRepository(state) {
      sql.run('INSERT OR REPLACE INTO repository (id, state) VALUES (1, ?)', [JSON.stringify(state)])
    },
  }
}
