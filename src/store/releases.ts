import { manifestDigest, type Release } from '../model/release.ts'
import type { Sql } from './database.ts'
import type { StackEntry, Store } from './store.ts'

/** So many releases of a stack are kept beside those its record still names. */
const KEPT_RELEASES = 100

type Releases = Pick<Store, 'putRelease' | 'release' | 'releaseOfManifest'>

/** `entryOf` tells which releases a stack still needs. */
export function openReleases(sql: Sql, entryOf: (stack: string) => StackEntry): Releases {
  return {
    putRelease(release) {
      sql.transaction(() => {
        put(sql, release)
        prune(sql, release.stack.name, neededBy(entryOf(release.stack.name)))
      })
    },
    release: (stack, digest) =>
      parse(sql.first('SELECT release FROM release WHERE stack = ? AND digest = ?', [stack, digest])),
    releaseOfManifest: (stack, manifest) =>
      parse(
        sql.first('SELECT release FROM release WHERE stack = ? AND manifest = ? ORDER BY id DESC LIMIT 1', [
          stack,
          manifest,
        ]),
      ),
  }
}

/** Replacing gives the row a new id: a release that is made again is the newest again. */
function put(sql: Sql, release: Release): void {
  const { digest, stack } = release
  const values = [stack.name, digest, manifestDigest(stack), JSON.stringify(release)]
  sql.run('INSERT OR REPLACE INTO release (stack, digest, manifest, release) VALUES (?, ?, ?, ?)', values)
}

function prune(sql: Sql, stack: string, needed: string[]): void {
  const old = `SELECT id FROM release WHERE stack = ? ORDER BY id DESC LIMIT -1 OFFSET ${KEPT_RELEASES}`
  const marks = needed.map(() => '?').join(', ')
  sql.run(`DELETE FROM release WHERE id IN (${old}) AND digest NOT IN (${marks})`, [stack, ...needed])
}

function neededBy({ record, latest }: StackEntry): string[] {
  const { stable, previous, rollout } = record
  const digests = [stable, previous, rollout?.digest, latest?.digest]
  return digests.filter((digest) => typeof digest === 'string')
}

function parse(row: { release: string } | null): Release | null {
  return row === null ? null : JSON.parse(row.release)
}
