import type { Sql } from './database.ts'
import type { Store } from './store.ts'

/** So many answers wait to be fetched; older ones are dropped. */
const KEPT_ANSWERS = 1000

/** The way from a command to the running Holdfast and back. */
export function openRequests(sql: Sql): Pick<Store, 'ask' | 'requests' | 'answer' | 'answerOf'> {
  return {
    ask(request) {
      return sql.transaction(() => {
        const id = sql.run('INSERT INTO request (request) VALUES (?)', [JSON.stringify(request)]).lastInsertRowid
        sql.run('DELETE FROM request WHERE answer IS NOT NULL AND id <= ?', [id - KEPT_ANSWERS])
        return id
      })
    },
    requests() {
      const rows = sql.all<{ id: number; request: string }>(
        'SELECT id, request FROM request WHERE answer IS NULL ORDER BY id',
      )
      return rows.map(({ id, request }) => ({ id, request: JSON.parse(request) }))
    },
    answer(id, answer) {
      sql.run('UPDATE request SET answer = ? WHERE id = ?', [answer, id])
    },
    answerOf: (id) =>
      sql.first<{ answer: string | null }>('SELECT answer FROM request WHERE id = ?', [id])?.answer ?? null,
  }
}
