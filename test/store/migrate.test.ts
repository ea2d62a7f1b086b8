import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyRecord } from '../../src/model/record.ts'
import { openSql } from '../../src/store/database.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { folder, store } from './builders.ts'

test('C4 an older database is brought forward with its data', () => {
  const directory = folder()
  const first = openStore(directory)
  first.save('shop', { record: { ...emptyRecord(), stable: 'r1' } })
  first.close()
  const file = join(directory, 'holdfast.db')
  const sql = openSql(file, 0)
  migrate(sql, file, [...MIGRATIONS, "ALTER TABLE stack ADD COLUMN note TEXT NOT NULL DEFAULT 'new'"])
  expect(sql.all('SELECT name, note FROM stack')).toEqual([{ name: 'shop', note: 'new' }])
  expect(sql.all('PRAGMA user_version')).toEqual([{ user_version: MIGRATIONS.length + 1 }])
  sql.close()
})

/** How rows were written by a Holdfast that knew so many steps of the schema. */
const ROWS: Record<number, string> = {
  1: `INSERT INTO stack VALUES ('shop', '{"stable":"r1"}', 'null', 'null');
      INSERT INTO history (at, stack, kind, release, message, logs) VALUES ('', 'shop', 'stable', 'r1', 'old', '[]');
      INSERT INTO request (request) VALUES ('{"kind":"sync","stack":null}');
      INSERT INTO release (stack, digest, manifest, release) VALUES ('shop', 'r1', 'm1', '{"digest":"r1"}');`,
  2: `INSERT INTO repository VALUES (1, '{"commit":"c1","subject":"old"}');`,
  3: `INSERT INTO key VALUES (1, 'k1');`,
  4: `UPDATE repository SET source = 'default';`,
}

test.each([1, 2, 3, 4])(
  'C4 a database with the first %i steps of the schema is brought forward with its data',
  (steps) => {
    const directory = folder()
    const file = join(directory, 'holdfast.db')
    const sql = openSql(file, 0)
    migrate(sql, file, MIGRATIONS.slice(0, steps))
    for (let step = 1; step <= steps; step += 1) sql.exec(ROWS[step] ?? '')
    sql.close()
    const memory = store(directory)
    expect(memory.stack('shop').record.stable).toBe('r1')
    expect(memory.history('shop', 10)).toMatchObject([{ kind: 'stable', message: 'old', logs: [] }])
    expect(memory.requests()).toEqual([{ id: 1, request: { kind: 'sync', stack: null } }])
    expect(memory.release('shop', 'r1')).toEqual({ digest: 'r1' })
    expect(memory.repository('default').commit).toBe(steps < 2 ? null : 'c1')
    expect(memory.keyId()).toBe(steps < 3 ? null : 'k1')
  },
)

test('every older schema is tried above', () => {
  expect(Object.keys(ROWS)).toHaveLength(MIGRATIONS.length - 1)
})

test('C4 a database of version 0, before any schema, becomes a current one', () => {
  const directory = folder()
  const sql = openSql(join(directory, 'holdfast.db'), 0)
  sql.exec('CREATE TABLE somebodys (thing TEXT)')
  sql.close()
  const memory = store(directory)
  memory.save('shop', {})
  expect(memory.stacks()).toEqual(['shop'])
})

test('C4 a record written before a field existed gets that field empty', () => {
  const directory = folder()
  openStore(directory).close()
  const sql = openSql(join(directory, 'holdfast.db'), 0)
  sql.run("INSERT INTO stack (name, record, latest, status) VALUES ('shop', ?, 'null', 'null')", ['{"stable":"r1"}'])
  sql.close()
  expect(store(directory).stack('shop').record).toEqual({ ...emptyRecord(), stable: 'r1' })
})

test('a step that fails leaves the database as it was', () => {
  const file = join(folder(), 'holdfast.db')
  const sql = openSql(file, 0)
  expect(() => migrate(sql, file, ['CREATE TABLE one (a TEXT)', 'CREATE TABLE two (oops'])).toThrow()
  expect(sql.all('SELECT name FROM sqlite_master')).toEqual([])
  expect(sql.all('PRAGMA user_version')).toEqual([{ user_version: 0 }])
  sql.close()
})

test('a database of a newer Holdfast is refused and left alone', () => {
  const directory = folder()
  openStore(directory).close()
  const sql = openSql(join(directory, 'holdfast.db'), 0)
  sql.exec('PRAGMA user_version = 99')
  expect(() => openStore(directory)).toThrow(
    /holdfast\.db was written by a newer Holdfast \(schema 99, this one knows \d+\)\. Start the newer/,
  )
  expect(sql.all('PRAGMA user_version')).toEqual([{ user_version: 99 }])
  sql.close()
})
