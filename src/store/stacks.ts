import { emptyRecord } from '../model/record.ts'
import type { Sql } from './database.ts'
import type { StackEntry, Store } from './store.ts'

interface Row {
  record: string
  latest: string
  status: string
}

type Stacks = Pick<Store, 'stacks' | 'stack' | 'save' | 'forget'>

export function openStacks(sql: Sql): Stacks {
  return {
    stacks: () => sql.all<{ name: string }>('SELECT name FROM stack ORDER BY name').map((row) => row.name),
    stack: (name) => read(sql, name),
    save(name, change) {
      sql.transaction(() => write(sql, name, { ...read(sql, name), ...change }))
    },
    forget(name) {
      sql.transaction(() => {
        sql.run('DELETE FROM stack WHERE name = ?', [name])
        sql.run('DELETE FROM release WHERE stack = ?', [name])
      })
    },
  }
}

/** A record written by an older Holdfast lacks what was added since; that starts empty. */
function read(sql: Sql, name: string): StackEntry {
  const row = sql.first<Row>('SELECT record, latest, status FROM stack WHERE name = ?', [name])
  if (row === null) return { record: emptyRecord(), latest: null, status: null }
  return {
    record: { ...emptyRecord(), ...JSON.parse(row.record) },
    latest: JSON.parse(row.latest),
    status: JSON.parse(row.status),
  }
}

function write(sql: Sql, name: string, entry: StackEntry): void {
  const values = [entry.record, entry.latest, entry.status].map((part) => JSON.stringify(part))
  sql.run('INSERT OR REPLACE INTO stack (name, record, latest, status) VALUES (?, ?, ?, ?)', [name, ...values])
}
