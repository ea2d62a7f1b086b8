import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadAll } from '../../src/manifests/load.ts'
import type { LoadMemory } from '../../src/manifests/memory.ts'
import type { LoadOptions } from '../../src/manifests/options.ts'
import type { ListedFile } from '../../src/manifests/repository.ts'
import { bytes, SECRETS, web } from './builders.ts'

/** What is at a path of a commit. */
type Content = string | { symlink: string } | { unreadable: string }
type Commit = Readonly<Record<string, Content>>

/** Counts as encrypted, and is opened in no time. */
const SEALED = 'age-encryption.org/v1\n'
const OPTIONS: LoadOptions = {
  secrets: SECRETS,
  targets: { '': { bindRoot: '/srv' } },
  async decrypt(_path, content) {
    const text = new TextDecoder().decode(content)
    return text.startsWith(SEALED) ? bytes(text.slice(SEALED.length)) : null
  },
}

/** As a source lists it: every content has a name. */
function listed(commit: Commit): ListedFile[] {
  return Object.entries(commit).map(([path, content]) => {
    const kind = typeof content === 'object' && 'symlink' in content ? 'symlink' : 'file'
    return { path, kind, id: createHash('sha1').update(JSON.stringify(content)).digest('hex') }
  })
}

type Loaded = Awaited<ReturnType<typeof loadCommit>>

async function loadCommit(commit: Commit, memory: LoadMemory | null, options = OPTIONS, listing = listed(commit)) {
  const reads: string[] = []
  const read = async (path: string) => {
    reads.push(path)
    const content = commit[path] ?? ''
    if (typeof content === 'string') return bytes(content)
    throw new Error(JSON.stringify(content))
  }
  const { memory: next, ...loaded } = await loadAll(listing, read, options, memory)
  return { ...loaded, next, reads: reads.sort() }
}

/** What is read anew when this changes in a commit with two stacks that have little in common. */
async function readsAfter(change: Commit, options: LoadOptions = OPTIONS): Promise<string[]> {
  const commit: Commit = {
    'stacks/a/compose.yaml': web(
      'env_file: a.env\nvolumes: ["./conf:/conf:ro", "./data:/data"]\nports: ["${PORT}:80"]',
    ),
    'stacks/a/.env': 'PORT=80',
    'stacks/a/a.env': 'A=1',
    'stacks/a/conf/x': 'x',
    'stacks/b/compose.yaml': web('configs: [c]', 'configs: { c: { file: ../../common/c } }\n'),
    'common/c': 'c',
    'README.md': 'hello',
  }
  const before = await loadCommit(commit, null)
  expect(before.reads).toEqual(
    Object.keys(commit)
      .filter((path) => path !== 'README.md')
      .sort(),
  )
  const after = await loadCommit({ ...commit, ...change }, before.next, options)
  const anew = await loadCommit({ ...commit, ...change }, null, options)
  expect({ stacks: after.stacks, problems: after.problems }).toEqual({ stacks: anew.stacks, problems: anew.problems })
  return after.reads
}

const OF_A = ['stacks/a/.env', 'stacks/a/a.env', 'stacks/a/compose.yaml', 'stacks/a/conf/x']

test.each<[what: string, change: Commit, reads: string[]]>([
  ['nothing', {}, []],
  ['a file that no stack reads', { 'README.md': 'bye', 'docs/new.md': 'x' }, []],
  ['a file beside a manifest that it does not read', { 'stacks/a/notes.txt': 'x' }, []],
  ['a file of a folder that is mounted', { 'stacks/a/conf/x': 'y' }, OF_A],
  ['one more file in such a folder', { 'stacks/a/conf/y': 'y' }, [...OF_A, 'stacks/a/conf/y']],
  ['the variables', { 'stacks/a/.env': 'PORT=81' }, OF_A],
  ['variables that are encrypted', { 'stacks/a/.env': `${SEALED}PORT=81` }, OF_A],
  ['a folder of data that is committed now', { 'stacks/a/data/x': 'x' }, OF_A],
  ['a file elsewhere that one of them reads', { 'common/c': 'd' }, ['common/c', 'stacks/b/compose.yaml']],
  ['a file that Compose would merge', { 'stacks/b/compose.override.yaml': '' }, ['common/c', 'stacks/b/compose.yaml']],
  ['another stack', { 'stacks/c/compose.yaml': web('') }, ['stacks/c/compose.yaml']],
  ['a setting of the repository', { 'holdfast.yaml': 'stacks: stacks/*' }, ['holdfast.yaml']],
])('after a commit that changes %s, only what depends on it is read', async (_what, change, reads) => {
  expect(await readsAfter(change)).toEqual(reads.sort())
})

test('with other settings everything is read anew', async () => {
  expect((await readsAfter({}, { ...OPTIONS })).length).toBe(0)
  expect((await readsAfter({}, { ...OPTIONS, targets: { '': { bindRoot: '/data' } } })).length).toBe(6)
  expect((await readsAfter({}, { ...OPTIONS, targets: { ...OPTIONS.targets } })).length).toBe(6)
  expect((await readsAfter({}, { ...OPTIONS, decrypt: async () => null })).length).toBe(6)
})

test('a stack that is not read again still hears of others', async () => {
  const one: Commit = {
    'stacks/a/compose.yaml': web('ports: ["80:80"]'),
    'stacks/b/compose.yaml': web('ports: ["81:80"]'),
  }
  const before = await loadCommit(one, null)
  const two = await loadCommit({ ...one, 'stacks/b/compose.yaml': web('ports: ["80:80"]') }, before.next)
  expect(two.reads).toEqual(['stacks/b/compose.yaml'])
  expect(two.stacks.map(({ problems }) => problems.map(({ code }) => code))).toEqual([
    ['port-conflict'],
    ['port-conflict'],
  ])
  const three = await loadCommit(one, two.next)
  expect(three.stacks.map(({ problems }) => problems)).toEqual([[], []])
})

test('a folder on the way to a missing file counts too', async () => {
  const commit: Commit = { 'stacks/a/compose.yaml': web('configs: [c]', 'configs: { c: { file: ./conf/c } }\n') }
  const before = await loadCommit(commit, null)
  const after = await loadCommit({ ...commit, 'stacks/a/conf': { symlink: 'x' } }, before.next)
  const codes = [before, after].map(({ stacks }) => stacks[0]?.problems.map(({ code }) => code))
  expect(codes).toEqual([['file-missing'], ['symlink']])
})

test('a file that could not be read is tried again, and files without a name for their content are not remembered', async () => {
  const commit: Commit = { 'stacks/a/compose.yaml': { unreadable: 'damaged' }, 'stacks/b/compose.yaml': web('') }
  const before = await loadCommit(commit, null)
  expect((await loadCommit(commit, before.next)).reads).toEqual(['stacks/a/compose.yaml'])
  const nameless = Object.keys(commit).map((path): ListedFile => ({ path, kind: 'file' }))
  const first = await loadCommit(commit, null, OPTIONS, nameless)
  expect((await loadCommit(commit, first.next, OPTIONS, nameless)).reads).toEqual(Object.keys(commit))
})

const MANIFESTS = [
  web(''),
  web('ports: ["80:80"]'),
  web('ports: ["${PORT:-81}:80"]\nenv_file: [{ path: web.env, required: false }]', 'x-holdfast: { dependsOn: [b] }\n'),
  web('volumes: ["./conf:/conf:ro", "./data:/data"]', 'x-holdfast: { dependsOn: [a] }\n'),
  web('configs: [c]\nsecrets: [s]', 'configs: { c: { file: ../common/c } }\nsecrets: { s: { environment: PORT } }\n'),
  web('volumes: ["../:/all:ro"]\nenv_file: ../../common/c'),
  web(
    'networks: { n: { ipv4_address: 10.0.0.9 } }',
    'networks: { n: { ipam: { config: [{ subnet: 10.0.0.0/24 }] } } }\n',
  ),
  web('x-holdfast: { routes: [{ host: a.org, port: 1 }] }'),
  web('ports: ["80:80"]\nx-holdfast: { routes: [{ host: a.org, tls: ../../common/c }, { host: b.org }] }'),
  'services: [',
]
const MANIFEST_PATHS = ['a', 'b', 'c'].flatMap((name) => [`stacks/${name}/compose.yaml`, `stacks/${name}/compose.yml`])
const OTHER_PATHS = [
  ...['a', 'b'].flatMap((name) => [`stacks/${name}/.env`, `stacks/${name}/web.env`, `stacks/${name}/conf/x`]),
  ...['stacks/a/conf', 'stacks/a/data/.gitkeep', 'stacks/a/data/x', 'stacks/common/c', 'stacks/common', 'common/c'],
  ...['stacks/b/compose.override.yaml', 'README.md'],
]
const others = fc.constantFrom<Content>(
  ...['', 'PORT=82', 'PORT=82\nB=2', `${SEALED}PORT=82`],
  { symlink: 'x' },
  { unreadable: 'damaged' },
)
const settings = fc.constantFrom('stacks: stacks/*', 'stacks: { a: stacks/a, x: stacks/b/compose.yaml }', 'stacks: [')
const edit = fc.oneof(
  fc.record({ path: fc.constantFrom(...MANIFEST_PATHS, 'compose.yaml'), content: fc.constantFrom(...MANIFESTS, null) }),
  fc.record({ path: fc.constantFrom(...OTHER_PATHS), content: fc.option(others) }),
  fc.record({ path: fc.constant('holdfast.yaml'), content: fc.option(settings, { freq: 1 }) }),
)
const MORE_OPTIONS: LoadOptions = { secrets: SECRETS }

test('whatever commits follow each other, a stack that is not read again is what reading it would give', async () => {
  const commits = fc.array(fc.record({ edits: fc.array(edit, { maxLength: 3 }), isOther: fc.boolean() }), {
    maxLength: 12,
  })
  let spared = 0
  await fc.assert(
    fc.asyncProperty(commits, async (steps) => {
      let commit: Commit = { 'stacks/a/compose.yaml': web(''), 'stacks/b/compose.yaml': MANIFESTS[3] ?? '' }
      let memory: LoadMemory | null = null
      for (const { edits, isOther } of steps) {
        const next: Record<string, Content | null> = { ...commit }
        for (const { path, content } of edits) next[path] = content
        commit = Object.fromEntries(
          Object.entries(next).flatMap(([path, content]) => (content === null ? [] : [[path, content]])),
        )
        const options = isOther ? MORE_OPTIONS : OPTIONS
        const anew: Loaded = await loadCommit(commit, null, options)
        const remembered: Loaded = await loadCommit(commit, memory, options)
        expect(remembered.stacks).toEqual(anew.stacks)
        expect(remembered.problems).toEqual(anew.problems)
        expect(anew.reads).toEqual(expect.arrayContaining(remembered.reads))
        spared += anew.reads.length - remembered.reads.length
        memory = remembered.next
      }
    }),
    { numRuns: Number(process.env['HOLDFAST_PROPERTY_RUNS'] ?? 300) },
  )
  expect(spared).toBeGreaterThan(0)
})
