import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSql } from '../../src/store/database.ts'
import { explain } from '../../src/store/explain.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { folder, KEYS, release, store } from './builders.ts'

const advice =
  /is damaged .*Move it away, .*mkdir -p -m 700 \S+\/damaged && mv \S+\/holdfast\.db\* .* nothing that runs is touched.*Lost are the history, the stored releases/s

/** Moves everything into the database file itself, out of its log. */
function checkpoint(file: string): void {
  const sql = openSql(file, 0)
  sql.all('PRAGMA wal_checkpoint(TRUNCATE)')
  sql.close()
}

test('a file that is no database is refused with what is lost and what to do; without it a new one is made', () => {
  const directory = folder()
  const file = join(directory, 'holdfast.db')
  writeFileSync(file, 'garbage'.repeat(1000))
  expect(() => openStore(directory)).toThrow(advice)
  expect(readFileSync(file, 'utf8')).toBe('garbage'.repeat(1000))
  rmSync(file)
  expect(store(directory).stacks()).toEqual([])
})

test('damage that is met later is told in the same words', () => {
  const directory = folder()
  const file = join(directory, 'holdfast.db')
  const first = openStore(directory, KEYS)
  for (let n = 0; n < 50; n += 1) first.putRelease(release({ progressDeadlineMs: n }, 'x'.repeat(2000)))
  first.close()
  checkpoint(file)
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xa5, 4096))
  expect(() => {
    const damaged = store(directory)
    damaged.release('shop', release({ progressDeadlineMs: 1 }, 'x'.repeat(2000)).digest)
  }).toThrow(advice)
})

test('C2 an empty file left by a crash at the first start is a new database', () => {
  const directory = folder()
  writeFileSync(join(directory, 'holdfast.db'), '')
  expect(store(directory).stacks()).toEqual([])
})

test('C10 a full disk loses nothing saved before, says what to do, and passes', () => {
  const file = join(folder(), 'full.db')
  const sql = openSql(file, 0)
  sql.exec('CREATE TABLE note (text TEXT)')
  sql.run('INSERT INTO note VALUES (?)', ['saved'])
  sql.all('PRAGMA max_page_count = 4')
  const write = () => sql.transaction(() => sql.run('INSERT INTO note VALUES (?)', ['x'.repeat(50_000)]))
  const error: unknown = (() => {
    try {
      return write()
    } catch (thrown) {
      return explain(thrown, file)
    }
  })()
  expect(error).toMatchObject({
    handling: 'retry',
    message: expect.stringMatching(/No space left for .*full\.db\. Free/),
  })
  sql.all('PRAGMA max_page_count = 1000')
  write()
  expect(sql.all('SELECT substr(text, 1, 5) AS text FROM note')).toEqual([{ text: 'saved' }, { text: 'xxxxx' }])
  sql.close()
})

test('a data directory that cannot be made is named', () => {
  const file = join(folder(), 'file')
  writeFileSync(file, '')
  expect(() => openStore(join(file, 'data'))).toThrow(/holdfast\.db cannot be used: .*Check that its folder exists/)
})

test('a database cut short is refused, not read halfway', () => {
  const directory = folder()
  const file = join(directory, 'holdfast.db')
  const first = openStore(directory, KEYS)
  for (let n = 0; n < 20; n += 1) first.putRelease(release({ progressDeadlineMs: n }))
  first.close()
  checkpoint(file)
  truncateSync(file, 6000)
  expect(() => store(directory).release('shop', release().digest)).toThrow(advice)
})
