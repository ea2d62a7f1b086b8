import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keysOf } from '../../src/model/keys.ts'
import { manifestDigest } from '../../src/model/release.ts'
import { openSql } from '../../src/store/database.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts'
import { open, seal } from '../../src/store/seal.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { folder, KEYS, release, stack, store } from './builders.ts'

const OTHER = keysOf('7a'.repeat(32))
const CANARY = 'canary-in-the-coal-mine'
const secretive = release({
  files: {
    'shop_secret-1': { contents: { s: Buffer.from(CANARY).toString('base64') }, secret: { user: '', mode: 0o400 } },
  },
  progressDeadlineMs: 77_777,
})

/** Everything that lies in the data directory, side files of the database included. */
function everything(directory: string): string {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n')
}

function isFound(directory: string): boolean[] {
  return [CANARY, Buffer.from(CANARY).toString('base64'), '77777'].map((text) => everything(directory).includes(text))
}

test('a release is read as it was stored, and nothing of it lies readable in the files', () => {
  const directory = folder()
  const memory = store(directory)
  memory.putRelease(secretive)
  expect(memory.release('shop', secretive.digest)).toEqual(secretive)
  expect(isFound(directory)).toEqual([false, false, false])
  expect(everything(directory)).toContain(secretive.digest)
})

test('C5 with another key a release counts as lost, and is there again with the old one', () => {
  const directory = folder()
  store(directory).putRelease(secretive)
  const changed = store(directory, OTHER)
  expect(changed.release('shop', secretive.digest)).toBeNull()
  expect(changed.releaseOfManifest('shop', manifestDigest(secretive.stack))).toBeNull()
  changed.putRelease(release())
  expect(changed.release('shop', release().digest)).toEqual(release())
  expect(store(directory).release('shop', secretive.digest)).toEqual(secretive)
  changed.putRelease(secretive)
  expect(changed.release('shop', secretive.digest)).toEqual(secretive)
})

test('C5 a row that is damaged, or was put in the place of another one, counts as lost', () => {
  const directory = folder()
  const memory = store(directory)
  memory.putRelease(secretive)
  memory.putRelease(release())
  const sql = openSql(join(directory, 'holdfast.db'), 0)
  sql.run('UPDATE release SET release = (SELECT release FROM release WHERE digest = ?)', [release().digest])
  expect(memory.release('shop', secretive.digest)).toBeNull()
  expect(memory.release('shop', release().digest)).toEqual(release())
  for (const damage of ['', 'AAAA', '{}', 'A'.repeat(200)]) {
    sql.run('UPDATE release SET release = ?', [damage])
    expect(memory.release('shop', release().digest)).toBeNull()
  }
  sql.close()
})

test('without a key nothing can be read or written, and nothing is harmed', () => {
  const directory = folder()
  store(directory).putRelease(secretive)
  const looking = openStore(directory)
  expect(looking.release('shop', secretive.digest)).toBeNull()
  expect(() => looking.putRelease(secretive)).toThrow(/without the key/)
  looking.close()
  expect(store(directory).release('shop', secretive.digest)).toEqual(secretive)
})

test('C4 releases that an older Holdfast stored as they are, are sealed, and nothing of them is left in the files', () => {
  const directory = folder()
  const file = join(directory, 'holdfast.db')
  const sql = openSql(file, 0)
  sql.all('PRAGMA journal_mode = WAL')
  migrate(sql, file, MIGRATIONS.slice(0, 2))
  const columns = 'INSERT INTO release (stack, digest, manifest, release) VALUES (?, ?, ?, ?)'
  sql.run(columns, ['shop', secretive.digest, manifestDigest(stack()), JSON.stringify(secretive)])
  sql.run(columns, ['shop', 'gone', 'gone', JSON.stringify(secretive)])
  sql.run("DELETE FROM release WHERE digest = 'gone'")
  sql.close()
  expect(isFound(directory)).toEqual([false, true, true])
  const memory = store(directory)
  expect(memory.release('shop', secretive.digest)).toEqual(secretive)
  expect(isFound(directory)).toEqual([false, false, false])
})

test('the key that was noted last is remembered', () => {
  const directory = folder()
  expect(store(directory).keyId()).toBeNull()
  store(directory).saveKeyId(KEYS.id)
  store(directory).saveKeyId(OTHER.id)
  expect(store(directory).keyId()).toBe(OTHER.id)
})

test('what is sealed opens with its key and as itself only, and never looks the same twice', () => {
  const sealed = seal('text with ümlaut', 'shop/1', KEYS)
  expect(open(sealed, 'shop/1', KEYS)).toBe('text with ümlaut')
  expect(open(sealed, 'shop/2', KEYS)).toBeNull()
  expect(open(sealed, 'shop/1', OTHER)).toBeNull()
  expect(seal('text with ümlaut', 'shop/1', KEYS)).not.toBe(sealed)
})
