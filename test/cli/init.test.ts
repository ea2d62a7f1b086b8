import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Initiated, Next } from '../../src/cli/init/text.ts'
import { run } from '../support/install.ts'
import { folder } from './folder.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

const CHECK = '    healthcheck: { test: [ CMD, "true" ] }\n'
const BLOG = `services:\n  web:\n    image: web:1.0\n    env_file: web.env\n    volumes: [ ./conf:/conf:ro, data:/data ]\n${CHECK}volumes: { data: {} }\n`
const FILES = {
  'compose.yaml': `name: front-door\nservices:\n  proxy:\n    image: proxy:1.0\n${CHECK}`,
  'Blog 2/docker-compose.yml': `# what we wrote\n${BLOG}`,
  'Blog 2/web.env': 'A=1\n',
  'Blog 2/.env': 'B=2\n',
  'Blog 2/conf/a.conf': 'a',
  'Blog 2/dump.sql': 'data, which are not the repository’s',
  'tool/compose.yaml': 'services:\n  tool:\n    build: .\n',
  'deep/er/compose.yaml': 'services: {}\n',
}
/** What `init --json` prints. */
type Printed = Initiated & { next: Next[] }

const originals = (dir: string) => Object.keys(FILES).map((path) => readFileSync(join(dir, path), 'utf8'))

test('init makes a repository in place, copies what stacks need, and says what has to change first', async () => {
  const dir = folder(FILES)
  const { code, out } = await holdfast(['init', dir])
  expect(code).toBe(1)
  expect(originals(dir)).toEqual(Object.values(FILES))
  const blog = readFileSync(join(dir, 'stacks/blog2/compose.yaml'), 'utf8')
  expect(blog).toBe(`# yaml-language-server: $schema=../../.holdfast/stack.schema.json\n# what we wrote\n${BLOG}`)
  const schema = readFileSync(new URL('../../schemas/stack.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(readFileSync(join(dir, '.holdfast/stack.schema.json'), 'utf8'))).toEqual(JSON.parse(schema))
  for (const path of ['web.env', '.env', 'conf/a.conf']) expect(existsSync(join(dir, 'stacks/blog2', path))).toBe(true)
  expect(existsSync(join(dir, 'stacks/blog2/dump.sql'))).toBe(false)
  expect(parse(readFileSync(join(dir, 'holdfast.yaml'), 'utf8'))).toEqual({ stacks: 'stacks/*' })
  for (const path of ['README.md', '.gitignore', 'stacks/front-door/compose.yaml', 'stacks/tool/compose.yaml'])
    expect(out).toContain(`wrote ${path}\n`)
  expect(out).toContain('tool, from tool/compose.yaml: has errors')
  expect(out).toContain('stacks/tool/compose.yaml:4:5: error: `build`')

  writeFileSync(join(dir, 'stacks/tool/compose.yaml'), `services:\n  tool:\n    image: tool:1.0\n${CHECK}`)
  expect(await holdfast(['validate', dir])).toMatchObject({ code: 0, out: '3 stacks, 0 errors, 0 warnings\n' })
})

test('init a second time overwrites nothing', async () => {
  const dir = folder(FILES)
  await holdfast(['init', dir])
  writeFileSync(join(dir, 'stacks/blog2/compose.yaml'), 'services:\n  mine:\n    image: mine:1\n')
  writeFileSync(join(dir, 'README.md'), 'mine')
  const again = documented<Printed>('init', (await holdfast(['init', dir, '--json'])).out)
  expect(new Set(again.files.map(({ action }) => action))).toEqual(new Set(['keep']))
  expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('mine')
  expect(readFileSync(join(dir, 'stacks/blog2/compose.yaml'), 'utf8')).toContain('mine:1')
})

test('init --dry-run shows the same, and writes nothing', async () => {
  const dir = folder(FILES)
  const { code, out } = await holdfast(['init', dir, '--dry-run'])
  expect(code).toBe(1)
  expect(out).toContain('would write stacks/blog2/compose.yaml')
  expect(out).toContain('stacks/tool/compose.yaml:4:5: error: `build`')
  for (const path of ['stacks', 'holdfast.yaml', '.holdfast']) expect(existsSync(join(dir, path))).toBe(false)
})

test('init --to another folder --commit: a repository that can be followed at once, with the next commands', async () => {
  const dir = folder({ ...FILES, 'tool/compose.yaml': `services:\n  tool:\n    image: tool:1.0\n${CHECK}` })
  const to = join(folder({}), 'a new one')
  const { code, out } = await holdfast(['init', dir, '--to', to, '--commit', '--json'], { USER: 'ann' })
  expect(code).toBe(0)
  const { commit, next, stacks } = documented<Printed>('init', out)
  expect(await run('git', ['-C', to, 'rev-parse', 'main'])).toContain(commit)
  expect(await run('git', ['-C', to, 'status', '--porcelain'])).toBe('')
  expect(await run('git', ['-C', to, 'log', '--format=%an: %s'])).toBe('ann: Describe what runs\n')
  expect(existsSync(join(to, 'holdfast.yaml'))).toBe(false)
  expect(stacks.map(({ name, valid }) => [name, valid])).toEqual([
    ['blog2', true],
    ['front-door', true],
    ['tool', true],
  ])
  expect(next.map(({ command }) => command.split(' ').slice(0, 2).join(' '))).toEqual([
    'holdfast plan',
    'holdfast run',
    'holdfast adopt',
  ])
  expect(next[0]?.command).toContain(`--repo '${to}'`)
  expect((await holdfast(['render', '--repo', to])).out).toContain('name: front-door')

  const again = await holdfast(['init', dir, '--to', to, '--commit'])
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('belongs to the git repository') })
})

test('the git commands that init prints do what they say', async () => {
  const dir = folder({ 'compose.yaml': FILES['compose.yaml'], 'data/big': 'no manifest' })
  const { next } = documented<Printed>('init', (await holdfast(['init', dir, '--json'])).out)
  const command = (next[0]?.command ?? '').replaceAll(' commit ', ' -c user.name=a -c user.email=a@b commit ')
  await run('sh', ['-c', command])
  const listed = await run('git', ['-C', dir, 'ls-files'])
  expect(listed).toContain('stacks/front-door/compose.yaml')
  expect(listed).not.toContain('data/big')
})

test('an override is taken along, so that validate says it is not merged', async () => {
  const dir = folder({
    'a/compose.yaml': `services:\n  a:\n    image: a:1\n${CHECK}`,
    'a/compose.override.yaml': '{}\n',
  })
  const { code, out } = await holdfast(['init', dir])
  expect(code).toBe(1)
  expect(out).toContain('stacks/a/compose.override.yaml')
})

test.each([
  { files: { 'deep/er/compose.yaml': '' }, err: 'There is no Compose file in' },
  { files: { 'a/compose.yaml': 'name: x\n', 'b/compose.yaml': 'name: x\n' }, err: 'would both be the stack x' },
])('init refuses what it cannot begin with: $err', async ({ files, err }) => {
  expect(await holdfast(['init', folder(files as Record<string, string>)])).toMatchObject({
    code: 1,
    err: expect.stringContaining(err),
  })
})
