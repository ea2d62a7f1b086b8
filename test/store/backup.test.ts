import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { backUp } from '../../src/store/backup.ts'
import { checkDatabase } from '../../src/store/check.ts'
import { openSql } from '../../src/store/database.ts'
import { lockDirectory } from '../../src/store/lock.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts'
import { runChild } from '../support/child.ts'
import { folder, release, store } from './builders.ts'

const entry = { stack: 'shop', kind: 'stable', release: null, message: 'is stable', logs: [] }

/** A data directory with a copy as its database. */
function restored(copy: string): string {
  const directory = folder()
  writeFileSync(join(directory, 'holdfast.db'), readFileSync(copy))
  return directory
}

test('C11 a backup holds everything that was written before it, and only its owner can read it', () => {
  const directory = folder()
  const lock = lockDirectory(directory)
  onTestFinished(lock.release)
  const memory = store(directory)
  memory.putRelease(release())
  memory.append(entry)
  const copy = join(folder(), 'copy.db')
  backUp(directory, copy)
  memory.append({ ...entry, message: 'too late' })
  expect((statSync(copy).mode & 0o777).toString(8)).toBe('600')
  const again = restored(copy)
  checkDatabase(again)
  const back = store(again)
  expect(back.release('shop', release().digest)).toEqual(release())
  expect(back.history(null, 10).map(({ message }) => message)).toEqual(['is stable'])
})

test('C11 a backup while another process writes hundreds of times is whole', async () => {
  const directory = folder()
  const child = runChild(import.meta.url, './writer.ts', [directory, '0'])
  onTestFinished(child.kill)
  for (const writes of [50, 150, 250]) {
    await child.printed(writes)
    const copy = join(folder(), 'copy.db')
    backUp(directory, copy)
    const again = restored(copy)
    checkDatabase(again)
    expect(Number(store(again).stack('shop').record.stable)).toBeGreaterThanOrEqual(writes)
  }
})

test('a backup is of the schema it was found with: the Holdfast before an upgrade can use it', () => {
  const directory = folder()
  const sql = openSql(join(directory, 'holdfast.db'), 0)
  migrate(sql, '', MIGRATIONS.slice(0, 2))
  sql.close()
  const copy = join(folder(), 'copy.db')
  backUp(directory, copy)
  const copied = openSql(copy, 0)
  expect(copied.all('PRAGMA user_version')).toEqual([{ user_version: 2 }])
  copied.close()
})

test('nothing is written over, and nothing is left of a backup that cannot be made', () => {
  const directory = folder()
  store(directory).append(entry)
  const there = join(folder(), 'there')
  writeFileSync(there, 'mine')
  expect(() => backUp(directory, there)).toThrow(
    `There is a ${there} already, and nothing is written over. Name another`,
  )
  expect(readFileSync(there, 'utf8')).toBe('mine')
  expect(() => backUp(directory, join(there, 'copy'))).toThrow(/cannot be made: .* Name another file/)
  const empty = folder()
  expect(() => backUp(empty, join(empty, 'copy'))).toThrow(
    /There is no database .* Name the right directory with --data/,
  )
  expect(existsSync(join(empty, 'holdfast.db'))).toBe(false)

  const broken = join(folder(), 'data')
  mkdirSync(broken)
  writeFileSync(join(broken, 'holdfast.db'), 'garbage'.repeat(1000))
  const copy = join(folder(), 'copy')
  expect(() => backUp(broken, copy)).toThrow(/is damaged/)
  expect(existsSync(copy)).toBe(false)
})

test('a database is looked through: none, a whole one, and one with a damaged page', () => {
  const directory = folder()
  checkDatabase(directory)
  expect(existsSync(join(directory, 'holdfast.db'))).toBe(false)
  const memory = store(directory)
  for (let n = 0; n < 200; n += 1) memory.append({ ...entry, message: `${n}`.repeat(500) })
  checkDatabase(directory)
  const copy = join(folder(), 'copy.db')
  backUp(directory, copy)
  const bytes = readFileSync(copy)
  rmSync(copy)
  // The pages at the end hold rows that nobody reads at a start.
  const damaged = folder()
  writeFileSync(join(damaged, 'holdfast.db'), bytes.fill(0xa5, bytes.length - 8192))
  expect(() => checkDatabase(damaged)).toThrow(/is damaged \(.*\)\.\nMove it away/)
})
