import type { Sql } from './database.ts'
import type { RepositoryState, Store } from './store.ts'

const UNKNOWN: RepositoryState = {
  ...{ commit: null, subject: '', meaning: null, problems: [] },
  ...{ readAt: null, error: null, failingSince: null, staleAfterMs: 900_000 },
}

interface Row {
  source: string
  state: string
}

/** One row for each source: what is known of the repository that is followed. */
export function openRepository(sql: Sql): Pick<Store, 'repository' | 'repositories' | 'saveRepository'> {
  return {
    repository: (source) => stateOf(sql.first<Row>('SELECT source, state FROM repository WHERE source = ?', [source])),
    repositories() {
      const rows = sql.all<Row>('SELECT source, state FROM repository ORDER BY source')
      return Object.fromEntries(rows.map((row) => [row.source, stateOf(row)]))
    },
    saveRepository(source, state) {
      sql.run('INSERT OR REPLACE INTO repository (source, state) VALUES (?, ?)', [source, JSON.stringify(state)])
    },
  }
}

/** A state written by an older Holdfast lacks what was added since. */
function stateOf(row: Row | null): RepositoryState {
  return row === null ? { ...UNKNOWN } : { ...UNKNOWN, ...JSON.parse(row.state) }
}
