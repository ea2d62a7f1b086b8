import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bench, text } from './bench.ts'

/** The pack of the one copy in the folder. */
function packOf(copies: string): string {
  const [commit = ''] = readdirSync(copies)
  const folder = join(copies, commit, 'objects/pack')
  const pack = readdirSync(folder).find((name) => name.endsWith('.pack')) ?? ''
  return join(folder, pack)
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
  writeFileSync(file, bytes)
}

const damages: [string, (pack: string) => void][] = [
  ['a flipped byte', (pack) => flipByte(pack, 40)],
  ['an empty pack', (pack) => writeFileSync(pack, '')],
  ['half a pack', (pack) => writeFileSync(pack, readFileSync(pack).subarray(0, 60))],
  ['no pack', (pack) => rmSync(pack)],
  ['no index', (pack) => rmSync(pack.replace(/pack$/, 'idx'))],
  ['a garbled index', (pack) => writeFileSync(pack.replace(/pack$/, 'idx'), 'garbage')],
]

const strangers: [string, (copy: string) => void][] = [
  ['a file in its place', (copy) => replace(copy, () => writeFileSync(copy, 'x'))],
  ['a folder without anything in its place', (copy) => replace(copy, () => mkdirSync(copy))],
  ['a link that leads nowhere in its place', (copy) => replace(copy, () => symlinkSync('/no/such/copy', copy))],
  ['a link to itself in its place', (copy) => replace(copy, () => symlinkSync(copy, copy))],
  ['folders in place of its files', (copy) => replace(join(copy, 'HEAD'), () => mkdirSync(join(copy, 'HEAD')))],
]

function replace(path: string, make: () => void): void {
  rmSync(path, { recursive: true })
  make()
}

test.each(strangers)('G12 %s: a copy that cannot be read is fetched afresh on start', async (_name, spoil) => {
  const { repo, copies, open } = await bench()
  const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await open().sync()
  spoil(join(copies, commit))
  expect(await text(await open().sync(), 'a.yaml')).toBe('one')
  expect(readdirSync(copies)).toEqual([commit])
})

test('G12 a place for copies that is none is named, and used once it is one', async () => {
  const { repo, copies, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  writeFileSync(copies, 'x')
  const source = open()
  await expect(source.sync()).rejects.toThrow(/copies.*Check free space and rights of the folder; it is tried again/)
  rmSync(copies)
  expect((await source.sync()).subject).toBe('one')
})

test.each(damages)('G12 %s in the local copy: fetched afresh on start, and swapped', async (_name, damage) => {
  const { repo, copies, open } = await bench()
  const commit = await repo.commit({ 'a.yaml': 'one', 'b.yaml': 'two' }, 'one')
  await open().sync()
  damage(packOf(copies))
  const snapshot = await open().sync()
  expect(snapshot.commit).toBe(commit)
  expect(await text(snapshot, 'a.yaml')).toBe('one')
  expect(readdirSync(copies)).toEqual([commit])
})

test('G12 damage that is met while reading is mended by the next look, without a new commit', async () => {
  const { repo, copies, open } = await bench()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  const snapshot = await source.sync()
  rmSync(packOf(copies))
  vi.advanceTimersByTime(5_000)
  const reads = /a\.yaml .* damaged\. The next look at the repository reads it afresh/
  await expect(snapshot.read('a.yaml', 100)).rejects.toThrow(reads)
  expect(await text(await source.sync(), 'a.yaml')).toBe('one')
  expect(await text(snapshot, 'a.yaml')).toBe('one')
})

test('leftovers of a fetch that a crash cut short are removed', async () => {
  const { repo, copies, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  await source.sync()
  writeFileSync(join(copies, 'fetching-abc'), 'half')
  const commit = await repo.commit({ 'a.yaml': 'two' }, 'two')
  await source.sync()
  expect(readdirSync(copies)).not.toContain('fetching-abc')
  expect(readdirSync(copies)).toContain(commit)
})

test('G13 an index that passes other content off under the name of a file is not believed', async () => {
  const { repo, open } = await bench()
  await repo.commit({ 'a.yaml': 'one', 'b.yaml': 'two', 'c.yaml': 'three' }, 'one')
  await repo.git('gc', '--quiet')
  const folder = join(repo.path, 'objects/pack')
  const index = join(folder, readdirSync(folder).find((name) => name.endsWith('.idx')) ?? '')
  const [one = '', two = ''] = await Promise.all(['a', 'b'].map((name) => repo.git('rev-parse', `main:${name}.yaml`)))
  chmodSync(index, 0o644)
  writeFileSync(index, withSwappedOffsets(readFileSync(index), one, two))
  const snapshot = await open({ url: repo.path }).sync()
  await expect(snapshot.read('a.yaml', 100)).rejects.toThrow(/its objects are damaged/)
  expect(await text(snapshot, 'c.yaml')).toBe('three')
})

/** An index of version 2: head, 256 counts, then for all objects names, checksums and places. */
function withSwappedOffsets(index: Buffer, one: string, two: string): Buffer {
  const count = index.readUInt32BE(8 + 255 * 4)
  const names = 8 + 256 * 4
  const place = (name: string) => {
    const at = (index.indexOf(name, names, 'hex') - names) / 20
    return names + count * 24 + at * 4
  }
  const copy = Buffer.from(index)
  index.copy(copy, place(one), place(two), place(two) + 4)
  index.copy(copy, place(two), place(one), place(one) + 4)
  return copy
}

const localDamages: [string, (object: string) => void][] = [
  ['a missing commit', (object) => rmSync(object)],
  ['a garbled commit', (object) => writeFileSync(object, 'garbage')],
]

test.each(localDamages)('%s in a repository on this machine names the remedy', async (_name, damage) => {
  const { repo, open } = await bench()
  const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
  const object = join(repo.path, 'objects', commit.slice(0, 2), commit.slice(2))
  chmodSync(object, 0o644)
  damage(object)
  await expect(open({ url: repo.path }).sync()).rejects.toThrow(/cannot read objects of commit .* Run git fsck in it/)
})

test('a tree with names that lead out of the repository is refused as a whole', async () => {
  const { repo, open } = await bench()
  const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
  const [entry] = (await repo.git('ls-tree', commit)).split('\n')
  const [blob = ''] = /[0-9a-f]{40}/.exec(entry ?? '') ?? []
  const tree = Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(blob, 'hex')])
  const file = join(repo.path, 'tree.bin')
  writeFileSync(file, tree)
  const oid = await repo.git('hash-object', '-w', '--literally', '-t', 'tree', file)
  const author = ['-c', 'user.name=x', '-c', 'user.email=x@example.org']
  await repo.reset(await repo.git(...author, 'commit-tree', oid, '-m', 'evil'))
  await expect(open({ url: repo.path }).sync()).rejects.toThrow(
    /it holds an unsafe name .*"\.\.".* in the commit's tree/,
  )
})
