import { randomBytes } from 'node:crypto'
import { chmodSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bench, text } from './bench.ts'

const MIB = 1024 * 1024

test('G9 symbolic links, submodules and missing files are refused by name; the file beside them is read', async () => {
  const { repo, open } = await bench()
  const first = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.commit({ link: { symlink: 'a.yaml' }, dep: { submodule: first } }, 'two')
  const snapshot = await open().sync()
  await expect(snapshot.read('link', 100)).rejects.toThrow(/^link in http.* is a symbolic link, which is not followed/)
  await expect(snapshot.read('dep', 100)).rejects.toThrow(/^dep in http.* is a submodule, which is not followed/)
  await expect(snapshot.read('gone', 100)).rejects.toThrow(/^There is no gone in http.* at [0-9a-f]{8}\. Commit it/)
  expect(await text(snapshot, 'a.yaml')).toBe('one')
})

test('G9 an LFS pointer is refused: it is not the file', async () => {
  const { repo, open } = await bench()
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`
  await repo.commit({ 'big.bin': pointer }, 'one')
  await expect((await open().sync()).read('big.bin', 10_000)).rejects.toThrow(/Git LFS pointer/)
})

test.each(['http', 'local'])('G9 %s: a file above the caller’s limit is refused', async (place) => {
  const { repo, open } = await bench()
  await repo.commit({ 'a.yaml': 'x'.repeat(101) }, 'one')
  const snapshot = await open(place === 'local' ? { url: repo.path } : {}).sync()
  await expect(snapshot.read('a.yaml', 100)).rejects.toThrow(/is 101 bytes long; at most 100 are read/)
  expect((await snapshot.read('a.yaml', 101)).byteLength).toBe(101)
})

test('G9 a huge file is not even transferred, and everything beside it is', async () => {
  const { repo, open } = await bench()
  await repo.commit({ 'huge.bin': randomBytes(3 * MIB), 'a.yaml': 'one' }, 'one')
  const snapshot = await open({ fileBytes: MIB, transferBytes: MIB }).sync()
  expect(await text(snapshot, 'a.yaml')).toBe('one')
  await expect(snapshot.read('huge.bin', 10 * MIB)).rejects.toThrow(/huge\.bin .* is over 1048576 bytes long; at most/)
})

test('G9 a server that cannot leave files out is followed all the same, and the caller’s limit holds', async () => {
  const { repo, open } = await bench()
  await repo.git('config', 'uploadpack.allowFilter', 'false')
  await repo.commit({ 'large.bin': randomBytes(5_000) }, 'one')
  const snapshot = await open({ fileBytes: 1_000 }).sync()
  expect((await snapshot.read('large.bin', 10_000)).byteLength).toBe(5_000)
  await expect(snapshot.read('large.bin', 4_000)).rejects.toThrow(/is 5000 bytes long; at most 4000 are read/)
})

test('G9 a huge file in a repository on this machine is refused before it is unpacked', async () => {
  const { repo, open } = await bench()
  await repo.commit({ 'huge.bin': randomBytes(50_000) }, 'one')
  const blob = await repo.git('rev-parse', 'main:huge.bin')
  const snapshot = await open({ url: repo.path }).sync()
  const object = join(repo.path, 'objects', blob.slice(0, 2), blob.slice(2))
  chmodSync(object, 0o644)
  truncateSync(object, 200)
  await expect(snapshot.read('huge.bin', 49_999)).rejects.toThrow(/is 50000 bytes long; at most 49999 are read/)
  await expect(snapshot.read('huge.bin', 50_000)).rejects.toThrow(/damaged/)
})
