import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openObjects } from '../../../src/source/objects.ts'
import { BadPack } from '../../../src/source/pack/bad-pack.ts'
import { indexPack } from '../../../src/source/pack/index-pack.ts'
import { readIndex } from '../../../src/source/pack/pack-index.ts'
import { createRepo, type Repo } from '../../support/git-repo.ts'
import { execute } from '../../support/signing.ts'
import { temporaryFolder } from '../../support/temporary.ts'

function folder(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  return made.path
}

/** Texts that grow and change a little from commit to commit, and bytes that nothing can be made smaller from. */
async function grownRepo(place: string): Promise<Repo> {
  const repo = await createRepo(join(place, 'repo.git'))
  const lines = Array.from({ length: 400 }, (_, n) => `line ${n} ${createHash('sha1').update(String(n)).digest('hex')}`)
  for (let round = 0; round < 12; round++) {
    lines[round * 7] = `changed in ${round}`
    lines.splice(round * 11, 1)
    const files = {
      'a.txt': lines.join('\n'),
      [`dir/${round}.txt`]: lines.slice(round).join('\n'),
      'b.bin': randomBytes(100_000),
    }
    await repo.commit({ ...files, empty: '' }, `round ${round}`)
  }
  return repo
}

/** One pack of everything, as git makes it with these options; alone in a folder. */
async function packed(repo: Repo, options: string[]): Promise<string> {
  const objects = await repo.git('rev-list', '--objects', '--all')
  const ids = objects.replace(/ .*$/gm, '')
  const place = folder()
  const pack = ['pack-objects', '-q', '--window=20', '--depth=50', ...options, join(place, 'pack')]
  await execute('git', pack, { env: { GIT_DIR: repo.path }, input: `${ids}\n` })
  return join(place, readdirSync(place).find((name) => name.endsWith('.pack')) ?? '')
}

test.each([
  ['deltas that name their base by its place', ['--delta-base-offset']],
  ['deltas that name their base by its id', []],
])('an index of a pack is the one that git writes: %s', async (_name, options) => {
  const pack = await packed(await grownRepo(folder()), options)
  const copy = join(folder(), 'copy.pack')
  copyFileSync(pack, copy)
  await indexPack(copy)
  const index = readFileSync(copy.replace('.pack', '.idx'))
  expect(index.equals(readFileSync(pack.replace('.pack', '.idx')))).toBe(true)
})

test.each([
  ['packed', ['repack', '-adfq', '--depth=50', '--window=20']],
  ['in several packs', ['repack', '-dfq', '--max-pack-size=1m']],
  ['unpacked', ['count-objects']],
])('every object of a repository is read as git reads it: %s', async (_name, command) => {
  const repo = await grownRepo(folder())
  await repo.git('config', 'pack.packSizeLimit', '1m')
  if (command[0] === 'count-objects') await unpack(repo)
  else await repo.git(...command)
  const listed = await repo.git('cat-file', '--batch-all-objects', '--batch-check')
  const objects = openObjects(repo.path)
  expect(listed.split('\n').length).toBeGreaterThan(60)
  for (const line of listed.split('\n')) {
    const [id = '', kind, size] = line.split(' ')
    const content = await objects.read(id, kind as 'blob')
    expect([line, content.byteLength]).toEqual([line, Number(size)])
    expect([null, Number(size)]).toContain(objects.sizeOf(id))
  }
  await expect(objects.read('0'.repeat(40), 'blob')).rejects.toThrow(/there is no object 0000/)
})

async function unpack(repo: Repo): Promise<void> {
  const pack = await packed(repo, [])
  const packs = join(repo.path, 'objects/pack')
  for (const name of readdirSync(packs)) writeFileSync(join(packs, `${name}.off`), '')
  await execute('sh', ['-c', `rm -f ${packs}/*; git unpack-objects -q < ${pack}`], { env: { GIT_DIR: repo.path } })
}

interface Part {
  type: number
  content: Buffer
  base?: string
}

/** A pack made by hand. */
function packOf(parts: Part[]): Buffer {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  head.writeUInt32BE(parts.length, 8)
  const bytes = Buffer.concat([
    head,
    ...parts.flatMap(({ type, content, base = '' }) => [
      Buffer.from([(type << 4) | (content.length & 15) | 0x80, content.length >> 4]),
      Buffer.from(base, 'hex'),
      deflateSync(content),
    ]),
  ])
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()])
}

function blobId(content: string): string {
  return createHash('sha1').update(`blob ${content.length}\0${content}`).digest('hex')
}

/** Turns a base of 5 bytes into itself with one more. */
function adding(letter: string, size = 5): Buffer {
  return Buffer.from([size, size + 1, 0b10010000, size, 1, letter.charCodeAt(0)])
}

test('a base may come after what is made from it, in any order', async () => {
  const file = join(folder(), 'x.pack')
  const parts: Part[] = [
    { type: 7, base: blobId('hello!'), content: adding('?', 6) },
    { type: 7, base: blobId('hello'), content: adding('!') },
    { type: 3, content: Buffer.from('hello') },
  ]
  for (const order of [parts, parts.toReversed(), [parts[1], parts[0], parts[2]]]) {
    writeFileSync(file, packOf(order.filter((part) => part !== undefined)))
    await indexPack(file)
    const index = readIndex(file.replace('.pack', '.idx'))
    for (const text of ['hello', 'hello!', 'hello!?']) expect(index.placeOf(blobId(text))).toEqual(expect.any(Number))
  }
  writeFileSync(file, packOf(parts.slice(0, 2)))
  await expect(indexPack(file)).rejects.toThrow(/lacks what its deltas are made from/)
})

test.each<[what: string, delta: number[]]>([
  ['of another base', [4, 6, 0b10010000, 5, 1, 33]],
  ['that reaches behind its base', [5, 6, 0b10010001, 1, 5, 1, 33]],
  ['that reaches behind itself', [5, 6, 0b10010000, 5, 2, 33]],
  ['that makes too little', [5, 7, 0b10010000, 5, 1, 33]],
  ['that makes too much', [5, 5, 0b10010000, 5, 1, 33]],
  ['with an instruction that is none', [5, 6, 0, 33]],
  ['without an end', [0x85]],
  ['that ends within an instruction', [5, 6, 0b10010000]],
])('a delta %s is refused', async (_what, delta) => {
  const file = join(folder(), 'x.pack')
  const parts = [
    { type: 3, content: Buffer.from('hello') },
    { type: 7, base: blobId('hello'), content: Buffer.from(delta) },
  ]
  writeFileSync(file, packOf(parts))
  await expect(indexPack(file)).rejects.toThrow(BadPack)
})

test('a pack that was changed anywhere is refused, also when its checksum was made to fit', async () => {
  const original = readFileSync(await packed(await grownRepo(folder()), ['--delta-base-offset']))
  const small = packOf([
    { type: 3, content: Buffer.from('hello') },
    { type: 7, base: blobId('hello'), content: adding('!') },
    { type: 3, content: Buffer.from('x'.repeat(200)) },
  ])
  const file = join(folder(), 'x.pack')
  const damage = fc.record({
    at: fc.nat(),
    to: fc.integer({ min: 1, max: 255 }),
    cut: fc.boolean(),
    isMended: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(original, small), damage, async (pack, { at, to, cut, isMended }) => {
      const place = at % (pack.length - 20)
      const bytes = Buffer.from(cut ? Buffer.concat([pack.subarray(0, place), pack.subarray(-20)]) : pack)
      if (!cut) bytes.writeUInt8(bytes.readUInt8(place) ^ to, place)
      if (isMended)
        createHash('sha1')
          .update(bytes.subarray(0, -20))
          .digest()
          .copy(bytes, bytes.length - 20)
      writeFileSync(file, bytes)
      const error: unknown = await indexPack(file).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      // What changed without harm, like the level of a compression, makes a good pack.
      if (error !== null || !isMended) expect(error).toBeInstanceOf(BadPack)
    }),
    { numRuns: 300 },
  )
})

test('an index that was changed anywhere never makes more than an error', async () => {
  const repo = await grownRepo(folder())
  await repo.git('repack', '-adfq')
  const packs = join(repo.path, 'objects/pack')
  const index = join(packs, readdirSync(packs).find((name) => name.endsWith('.idx')) ?? '')
  const original = readFileSync(index)
  const ids = (await repo.git('cat-file', '--batch-all-objects', '--batch-check'))
    .split('\n')
    .map((line) => line.split(' '))
  await execute('chmod', ['644', index])
  await fc.assert(
    fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, to) => {
      const bytes = Buffer.from(original)
      bytes.writeUInt8(bytes.readUInt8(at) ^ to, at)
      writeFileSync(index, bytes)
      const objects = openObjects(repo.path)
      for (const [id = '', kind, size] of ids.slice(0, 20)) {
        const content = await objects.read(id, kind as 'blob').catch(() => null)
        expect([null, Number(size)]).toContain(content?.byteLength ?? null)
      }
    }),
    { numRuns: 60 },
  )
})
