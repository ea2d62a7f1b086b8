import { expect, test } from 'vitest'
import { brief, bytes, type Files, listing, load, loadAll, loadFiles, web } from './builders.ts'

const COMPOSE = web('volumes: ["./conf:/conf:ro"]\nenv_file: ${FILE}')

test('it asks for what it must see, round by round, and for nothing else', () => {
  const files: Files = {
    'holdfast.yaml': 'stacks: { shop: apps/shop }',
    'apps/shop/compose.yaml': COMPOSE,
    'apps/shop/.env': 'FILE=web.env',
    'apps/shop/web.env': 'A=1',
    'apps/shop/conf/a': 'a',
    'apps/shop/conf/b/c': 'c',
    'apps/shop/unrelated': 'x',
  }
  const have = new Map<string, Uint8Array>()
  const rounds: string[][] = []
  for (let result = load(listing(files), have); result.needs.length > 0; result = load(listing(files), have)) {
    rounds.push(result.needs)
    for (const path of result.needs) have.set(path, bytes(files[path] ?? ''))
  }
  expect(rounds[0]).toEqual(['holdfast.yaml'])
  expect(rounds[1]).toEqual(['apps/shop/compose.yaml'])
  expect(rounds.flat().sort()).toEqual(
    Object.keys(files)
      .filter((path) => path !== 'apps/shop/unrelated')
      .sort(),
  )
  const { stacks } = load(listing(files), have)
  expect(stacks.map(({ name, folder, problems }) => ({ name, folder, problems }))).toEqual([
    { name: 'shop', folder: 'apps/shop', problems: [] },
  ])
  expect(stacks[0]?.stack?.services['web']?.container.environment).toEqual({ A: '1' })
})

test('loadAll reads every file once, and a read that fails is a problem of that stack alone', async () => {
  const files: Files = {
    'stacks/bad/compose.yaml': web('volumes: ["./big:/big:ro"]'),
    'stacks/bad/big': '',
    'stacks/good/compose.yaml': web(''),
  }
  const reads: string[] = []
  const { stacks } = await loadAll(listing(files), async (path) => {
    reads.push(path)
    if (path.endsWith('/big')) throw new Error('larger than 1 MiB')
    return bytes(files[path] ?? '')
  })
  expect(reads.sort()).toEqual(Object.keys(files).sort())
  expect(
    stacks.map(({ name, stack, problems }) => [
      name,
      stack !== null,
      problems.map(({ code, message }) => `${code}: ${message}`),
    ]),
  ).toEqual([
    ['bad', false, ['file-unreadable: `stacks/bad/big` could not be read: larger than 1 MiB']],
    ['good', true, []],
  ])
})

/** Name, and whether there is a stack, of everything found. */
function found(files: Files): string[] {
  const { stacks, problems } = loadFiles(files)
  return [
    ...stacks.map(({ name, folder, stack }) => `${name} at ${folder}${stack === null ? ' broken' : ''}`),
    ...brief(problems),
  ]
}

test.each<[promise: string, files: Files, stacks: string[]]>([
  [
    'each folder in stacks/ with a Compose file',
    {
      'stacks/b/compose.yml': web(''),
      'stacks/a/docker-compose.yaml': web(''),
      'stacks/c/readme': '',
      'stacks/d/e/compose.yaml': '',
    },
    ['a at stacks/a', 'b at stacks/b'],
  ],
  ['a lone file at the root', { 'compose.yaml': web('') }, ['main at ']],
  ['a lone file that names itself', { 'docker-compose.yml': web('', 'name: own\n') }, ['own at ']],
  [
    'stacks/ wins over the root, and says so',
    { 'compose.yaml': web(''), 'stacks/a/compose.yaml': web('') },
    ['a at stacks/a', 'compose.yaml:0:0 warning unused-file'],
  ],
  [
    'a pattern in holdfast.yaml',
    { 'holdfast.yaml': 'stacks: apps/*', 'apps/a/compose.yaml': web(''), 'stacks/b/compose.yaml': web('') },
    ['a at apps/a'],
  ],
  [
    'folders of the root',
    { 'holdfast.yaml': 'stacks: "*"', 'a/compose.yaml': web(''), 'compose.yaml': web('') },
    ['a at a'],
  ],
  [
    'a map in holdfast.yaml',
    { 'holdfast.yaml': 'stacks: { x: some/prod.yaml, y: gone }', 'some/prod.yaml': web('') },
    ['x at some', 'y at gone broken'],
  ],
  [
    'a broken holdfast.yaml is said, and finds nothing',
    { 'holdfast.yaml': 'stack: apps/*', 'stacks/a/compose.yaml': web('') },
    ['holdfast.yaml:1:1 error missing-key', 'holdfast.yaml:1:1 error unknown-key'],
  ],
  [
    "a folder whose name cannot be a stack's",
    { 'stacks/My App/compose.yaml': web('') },
    ['My App at stacks/My App broken'],
  ],
  ['nothing', { readme: '' }, []],
])('finds %s', (_promise, files, stacks) => {
  expect(found(files)).toEqual(stacks)
})

test('files that Compose would merge by itself are refused, and second files are named', () => {
  const { stacks } = loadFiles({
    'stacks/a/compose.yaml': web(''),
    'stacks/a/compose.override.yaml': '',
    'stacks/a/docker-compose.yml': '',
  })
  expect(brief(stacks[0]?.problems ?? [])).toEqual([
    'stacks/a/compose.override.yaml:0:0 error unsupported-file',
    'stacks/a/docker-compose.yml:0:0 warning two-compose-files',
  ])
})

test('one broken stack leaves the others alone', () => {
  const { stacks } = loadFiles({ 'stacks/a/compose.yaml': 'services: [', 'stacks/b/compose.yaml': web('') })
  expect(stacks.map(({ name, stack }) => [name, stack !== null])).toEqual([
    ['a', false],
    ['b', true],
  ])
})

test('a Compose file that is a symlink is refused', () => {
  const { stacks } = load([{ path: 'stacks/a/compose.yaml', kind: 'symlink' }], new Map())
  expect(stacks[0]?.problems.map(({ code }) => code)).toEqual(['symlink'])
})

test('variables come from .env, then x-holdfast.env, and never from the process', () => {
  const { stacks } = loadFiles({
    'stacks/a/compose.yaml': web(
      'environment: ["ONE=${ONE}", "TWO=${TWO}", "THREE=${PATH:-none}", "NAME=${COMPOSE_PROJECT_NAME}", TWO2]',
      'x-holdfast: { env: { TWO: "ext-${ONE}", TWO2: 2 } }\n',
    ),
    'stacks/a/.env': 'ONE=1\nTWO=file',
  })
  expect(stacks[0]?.stack?.services['web']?.container.environment).toEqual({
    ...{ ONE: '1', TWO: 'ext-1', THREE: 'none' },
    ...{ NAME: 'a', TWO2: '2' },
  })
})
