import type { Sql } from './database.ts'
import type { Store } from './store.ts'

/** A row for each folder that a stack ever mounted. They stay when the stack is forgotten: so do the folders. */
export function openFolders(sql: Sql): Pick<Store, 'ownFolders' | 'noteFolders'> {
  return {
    ownFolders(stack) {
      const rows = sql.all<{ path: string; writable: number }>(
        'SELECT path, writable FROM folder WHERE stack = ? ORDER BY path',
        [stack],
      )
      return rows.map(({ path, writable }) => ({ path, writable: writable === 1 }))
    },
    noteFolders(stack, folders) {
      const insert = `INSERT INTO folder (stack, path, writable) VALUES (?, ?, ?)
        ON CONFLICT (stack, path) DO UPDATE SET writable = max(writable, excluded.writable)`
      sql.transaction(() => {
        for (const { path, writable } of folders) sql.run(insert, [stack, path, writable ? 1 : 0])
      })
    },
  }
}
