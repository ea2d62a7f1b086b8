import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SourceError } from '../../src/source/errors.ts'
import type { Source } from '../../src/source/source.ts'
import { text } from './bench.ts'
import { PLACES, REMOTE_NAMES, SECRET } from './places.ts'

const MIB = 1024 * 1024

async function failure(source: Source): Promise<SourceError> {
  const error: unknown = await source.sync().catch((thrown: unknown) => thrown)
  if (!(error instanceof SourceError)) throw new Error(`expected a SourceError, got ${String(error)}`)
  return error
}

/** Everything in a folder, as one text. */
function contentOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n')
}

test.each(REMOTE_NAMES)('%s: G6 a server that hangs is given up, one that is back is followed', async (name) => {
  const { repo, open, fail } = await PLACES[name]()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  const last = await source.sync()
  fail('hang')
  const error = await failure(open({ timeoutMs: 1_500 }))
  expect(error.message).toMatch(/no complete answer within 1\.5 s\. It is tried again/)
  expect(error.handling).toBe('retry')
  fail(null)
  const commit = await repo.commit({ 'a.yaml': 'two' }, 'two')
  expect((await source.sync()).commit).toBe(commit)
  expect(await text(last, 'a.yaml')).toBe('one')
})

test.each(REMOTE_NAMES)('%s: G6 a pack that is cut short is never taken for a whole one', async (name) => {
  const { repo, copies, open, fail } = await PLACES[name]()
  const before = await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  const last = await source.sync()
  const commit = await repo.commit({ 'a.yaml': 'two', 'b.bin': randomBytes(20_000) }, 'two')
  fail('short')
  const error = await failure(source)
  expect(error.message).toMatch(/the pack arrived incomplete or damaged .*It is tried again/)
  expect(error.handling).toBe('retry')
  expect(readdirSync(copies)).toEqual([before])
  expect(await text(last, 'a.yaml')).toBe('one')
  fail(null)
  expect((await source.sync()).commit).toBe(commit)
})

test.each(REMOTE_NAMES)('%s: G6 a server that is down is told, and what was read stays readable', async (name) => {
  const { repo, open, stop } = await PLACES[name]()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  const last = await source.sync()
  await stop()
  const error = await failure(source)
  expect(error.message).toMatch(/refuses connections|Nothing listens for SSH|hangs up|failed \(/)
  expect(error.handling).toBe('retry')
  expect(await text(last, 'a.yaml')).toBe('one')
})

test.each(REMOTE_NAMES)('%s: G9 a huge file is not even transferred, and everything beside it is', async (name) => {
  const { repo, open } = await PLACES[name]()
  await repo.commit({ 'huge.bin': randomBytes(3 * MIB), 'a.yaml': 'one' }, 'one')
  const snapshot = await open({ fileBytes: MIB, transferBytes: MIB }).sync()
  expect(await text(snapshot, 'a.yaml')).toBe('one')
  await expect(snapshot.read('huge.bin', 10 * MIB)).rejects.toThrow(/huge\.bin .* is over 1048576 bytes long; at most/)
})

test.each(REMOTE_NAMES)('%s: G9 a transfer above the limit is broken off', async (name) => {
  const { repo, open } = await PLACES[name]()
  await repo.git('config', 'uploadpack.allowFilter', 'false')
  await repo.commit({ 'huge.bin': randomBytes(3 * MIB) }, 'one')
  const error = await failure(open({ transferBytes: MIB }))
  expect(error.message).toMatch(/larger than 1048576 bytes\. Remove large files/)
  expect((await open().sync()).entries).toHaveLength(1)
})

test.each(REMOTE_NAMES)('%s: G12 a damaged copy is fetched anew at the next start', async (name) => {
  const { repo, copies, open } = await PLACES[name]()
  const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await open().sync()
  const packs = join(copies, commit, 'objects/pack')
  for (const file of readdirSync(packs)) writeFileSync(join(packs, file), 'garbage')
  expect(await text(await open().sync(), 'a.yaml')).toBe('one')
  expect(readdirSync(copies)).toEqual([commit])
})

test.each(REMOTE_NAMES)('%s: thousands of branches are listed whole', async (name) => {
  const { repo, open } = await PLACES[name]()
  const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
  const lines = Array.from({ length: 4_000 }, (_, n) => `${commit} refs/heads/feature/number-${n}-of-many`)
  writeFileSync(join(repo.path, 'packed-refs'), `${lines.sort().join('\n')}\n`)
  expect((await open({ at: { kind: 'branch', name: 'feature/number-3999-of-many' } }).sync()).commit).toBe(commit)
})

test.each(REMOTE_NAMES)('%s: no credential is kept with the copy or shown in an error', async (name) => {
  const { repo, copies, open, fail, stop } = await PLACES[name]()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  await source.sync()
  await repo.commit({ 'a.yaml': randomBytes(20_000) }, 'two')
  const errors: Error[] = []
  for (const how of ['short', 'hang'] as const) {
    fail(how)
    errors.push(await failure(open({ timeoutMs: 1_500 })))
  }
  fail(null)
  errors.push(await failure(open({ at: { kind: 'branch', name: 'none' } })))
  await stop()
  errors.push(await failure(source))
  const everything = [contentOf(copies), ...errors.map((error) => inspect(error, { depth: 20 }))].join('\n')
  const logins = ['deploy', 'x-access-token', 'way'].map((user) => btoa(`${user}:${SECRET}`))
  for (const secret of [SECRET, encodeURIComponent(SECRET), 'PRIVATE KEY', ...logins]) {
    expect(everything).not.toContain(secret)
  }
})
