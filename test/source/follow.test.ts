import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bench, text } from './bench.ts'
import { PLACE_NAMES, PLACES, type PlaceName, REMOTE_NAMES } from './places.ts'

/** Every promise holds wherever the repository lies. */
async function placeAt(name: PlaceName) {
  const place = await PLACES[name]()
  return { ...place, source: place.open() }
}

test.each(PLACE_NAMES)('%s: gives the commit, its subject and author, and every path sorted by kind', async (place) => {
  const { repo, source } = await placeAt(place)
  const first = await repo.commit({ 'a.yaml': 'one' }, 'Say one')
  const files = { 'z/b.sh': { executable: 'x' }, 'z/link': { symlink: '../../etc/passwd' }, dep: { submodule: first } }
  const commit = await repo.commit(files, 'Add things\n\nWith a body.')
  const snapshot = await source.sync()
  expect(snapshot).toMatchObject({ commit, subject: 'Add things', author: 'Sam Keeper' })
  expect(snapshot.entries.every(({ id }) => /^[0-9a-f]{40}$/.test(id))).toBe(true)
  expect(snapshot.entries.map(({ path, kind }) => ({ path, kind }))).toEqual([
    { path: 'a.yaml', kind: 'file' },
    { path: 'dep', kind: 'submodule' },
    { path: 'z/b.sh', kind: 'file' },
    { path: 'z/link', kind: 'symlink' },
  ])
  expect(await text(snapshot, 'a.yaml')).toBe('one')
  expect(await text(snapshot, 'z/b.sh')).toBe('x')
})

test.each(PLACE_NAMES)('%s: follows new commits, and the snapshot before stays readable', async (place) => {
  const { repo, source } = await placeAt(place)
  await repo.commit({ 'a.yaml': 'one', 'b.yaml': 'b' }, 'one')
  const before = await source.sync()
  await repo.commit({ 'a.yaml': 'two', 'b.yaml': null }, 'two')
  const after = await source.sync()
  expect(await text(after, 'a.yaml')).toBe('two')
  expect(after.entries.map((entry) => entry.path)).toEqual(['a.yaml'])
  expect(await text(before, 'a.yaml')).toBe('one')
  expect(await text(before, 'b.yaml')).toBe('b')
})

test.each(PLACE_NAMES)('%s: G1 follows a force-push backwards and sideways', async (place) => {
  const { repo, source } = await placeAt(place)
  const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.commit({ 'a.yaml': 'two' }, 'two')
  await source.sync()
  await repo.reset(one)
  expect((await source.sync()).commit).toBe(one)
  const sideways = await repo.commit({ 'a.yaml': 'other' }, 'other', { onto: one })
  expect((await source.sync()).commit).toBe(sideways)
})

test.each(PLACE_NAMES)('%s: G2 a deleted branch is named, and followed once it is back', async (place) => {
  const { repo, source } = await placeAt(place)
  const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
  const last = await source.sync()
  await repo.git('branch', 'spare', one)
  await repo.deleteBranch()
  await expect(source.sync()).rejects.toThrow(/has no branch main; it has spare\. Push the branch/)
  expect(await text(last, 'a.yaml')).toBe('one')
  const back = await repo.commit({ 'a.yaml': 'back' }, 'back', { onto: one })
  expect((await source.sync()).commit).toBe(back)
})

test.each(PLACE_NAMES)('%s: G3 follows a history that shares nothing with the one before', async (place) => {
  const { repo, source } = await placeAt(place)
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  await source.sync()
  const commit = await repo.commit({ 'new.yaml': 'n' }, 'start over', { onto: null })
  const snapshot = await source.sync()
  expect(snapshot.commit).toBe(commit)
  expect(snapshot.entries.map((entry) => entry.path)).toEqual(['new.yaml'])
})

test.each(PLACE_NAMES)(
  '%s: G5 an empty repository is named as such, and followed after its first commit',
  async (place) => {
    const { repo, source } = await placeAt(place)
    await expect(source.sync()).rejects.toThrow(/is empty\. Push a first commit to its branch main/)
    const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
    expect((await source.sync()).commit).toBe(commit)
  },
)

test.each(PLACE_NAMES)('%s: a commit without any file is followed', async (place) => {
  const { repo, source } = await placeAt(place)
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.commit({ 'a.yaml': null }, 'nothing left')
  expect((await source.sync()).entries).toEqual([])
})

test.each(PLACE_NAMES)('%s: packed references and objects are read like loose ones', async (place) => {
  const { repo, source } = await placeAt(place)
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`stacks/s${n}/compose.yaml`, `n: ${n}\n`]))
  await repo.commit(files, 'many')
  await repo.commit({ 'stacks/s7/compose.yaml': 'n: 700\n' }, 'one of them')
  await repo.git('gc', '--quiet')
  expect(await text(await source.sync(), 'stacks/s7/compose.yaml')).toBe('n: 700\n')
})

test.each(REMOTE_NAMES)('%s: an idle poll costs one request', async (place) => {
  const { repo, source, asked, resetAsked } = await placeAt(place)
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const first = await source.sync()
  for (let poll = 0; poll < 3; poll += 1) {
    resetAsked()
    expect(await source.sync()).toBe(first)
    expect(asked()).toBe(1)
  }
})

test.each(REMOTE_NAMES)('%s: after a restart nothing is transferred again', async (place) => {
  const { repo, open, asked, resetAsked } = await placeAt(place)
  const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await open().sync()
  resetAsked()
  const snapshot = await open().sync()
  expect(asked()).toBe(1)
  expect(snapshot.commit).toBe(commit)
  expect(await text(snapshot, 'a.yaml')).toBe('one')
})

test('callers that come together share one look', async () => {
  const { repo, server, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  await source.sync()
  server.resetRequests()
  const [a, b] = await Promise.all([source.sync(), source.sync()])
  expect(a).toBe(b)
  expect(server.requests()).toBe(1)
})

test('the disk holds no more than two commits, without their history', async () => {
  const { repo, copies, open } = await bench()
  const source = open()
  const commits: string[] = []
  for (let n = 0; n < 4; n += 1) {
    commits.push(await repo.commit({ 'a.yaml': String(n) }, `commit ${n}`))
    await source.sync()
  }
  expect(readdirSync(copies).sort()).toEqual(commits.slice(-2).sort())
})

test.each([
  ['a work tree', (path: string) => path],
  ['a file URL', (path: string) => `file://${path}`],
])('%s on this machine is followed', async (_name, url) => {
  const { repo, copies, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const clone = `${copies}-clone`
  await repo.git('clone', '--quiet', repo.path, clone)
  expect(await text(await open({ url: url(clone) }).sync(), 'a.yaml')).toBe('one')
})
