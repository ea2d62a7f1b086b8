import { HoldfastError } from '../model/errors.ts'
import { manifestDigest, type Release } from '../model/release.ts'
import type { Retention } from '../model/retention.ts'
import type { Sql } from './database.ts'
import { open, type StoreKey, seal } from './seal.ts'
import type { StackEntry, Store } from './store.ts'

type Releases = Pick<Store, 'putRelease' | 'release' | 'releaseOfManifest'>

/** A row as it is stored: `release` is sealed with the key that `key` names. */
interface Row {
  stack: string
  digest: string
  key: string
  release: string
}

/**
 * `entryOf` tells which releases a stack still needs, beside those that `retention` counts. Without a key nothing can be stored, and everything stored is
 * out of reach; what was sealed with another key counts as lost, as does what is damaged.
 */
export function openReleases(
  sql: Sql,
  key: StoreKey | null,
  entryOf: (stack: string) => StackEntry,
  retention: () => Retention,
): Releases {
  if (key !== null) sealPlain(sql, key)
  const columns = 'SELECT stack, digest, key, release FROM release'
  return {
    putRelease(release) {
      if (key === null) throw new HoldfastError('bug', 'The store was opened without the key for releases.')
      sql.transaction(() => {
        put(sql, release, key)
        prune(sql, release.stack.name, neededBy(entryOf(release.stack.name)), retention().releases)
      })
    },
    release: (stack, digest) => read(sql.first<Row>(`${columns} WHERE stack = ? AND digest = ?`, [stack, digest]), key),
    releaseOfManifest: (stack, manifest) =>
      read(
        sql.first<Row>(`${columns} WHERE stack = ? AND manifest = ? ORDER BY id DESC LIMIT 1`, [stack, manifest]),
        key,
      ),
  }
}

/** Replacing gives the row a new id: a release that is made again is the newest again. */
function put(sql: Sql, release: Release, key: StoreKey): void {
  const { digest, stack } = release
  const sealed = seal(JSON.stringify(release), placeOf({ stack: stack.name, digest }), key)
  const values = [stack.name, digest, manifestDigest(stack), key.id, sealed]
  sql.run('INSERT OR REPLACE INTO release (stack, digest, manifest, key, release) VALUES (?, ?, ?, ?, ?)', values)
}

function read(row: Row | null, key: StoreKey | null): Release | null {
  if (row === null || key === null || row.key !== key.id) return null
  const text = open(row.release, placeOf(row), key)
  return text === null ? null : JSON.parse(text)
}

/** A sealed release cannot be passed off as another one. */
function placeOf({ stack, digest }: Pick<Row, 'stack' | 'digest'>): string {
  return `${stack}/${digest}`
}

/** Releases of a Holdfast that did not seal them; the file is written anew, so that nothing of them is left in it. */
function sealPlain(sql: Sql, key: StoreKey): void {
  const plain = sql.all<Row & { id: number }>("SELECT id, stack, digest, release FROM release WHERE key = ''")
  if (plain.length === 0) return
  sql.transaction(() => {
    for (const row of plain) {
      const values = [key.id, seal(row.release, placeOf(row), key), row.id]
      sql.run('UPDATE release SET key = ?, release = ? WHERE id = ?', values)
    }
  })
  sql.exec('VACUUM')
  sql.all('PRAGMA wal_checkpoint(TRUNCATE)')
}

function prune(sql: Sql, stack: string, needed: string[], kept: number): void {
  const old = 'SELECT id FROM release WHERE stack = ? ORDER BY id DESC LIMIT -1 OFFSET ?'
  const marks = needed.map(() => '?').join(', ')
  sql.run(`DELETE FROM release WHERE id IN (${old}) AND digest NOT IN (${marks})`, [stack, kept, ...needed])
}

function neededBy({ record, latest }: StackEntry): string[] {
  const { stable, previous, rollout } = record
  const digests = [stable, previous, rollout?.digest, latest?.digest]
  return digests.filter((digest) => typeof digest === 'string')
}
