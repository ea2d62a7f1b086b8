import type { Sql } from './database.ts'
import type { Store } from './store.ts'

/** One row: which key the stored releases were last sealed with. */
export function openKey(sql: Sql): Pick<Store, 'keyId' | 'saveKeyId'> {
  return {
    keyId: () => sql.first<{ key: string }>('SELECT key FROM key WHERE id = 1')?.key ?? null,
    saveKeyId(key) {
      sql.run('INSERT OR REPLACE INTO key (id, key) VALUES (1, ?)', [key])
    },
  }
}
