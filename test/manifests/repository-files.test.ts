import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { formatProblem } from '../../src/manifests/format.ts'
import { loadAll } from '../../src/manifests/load.ts'
import type { ListedFile } from '../../src/manifests/repository.ts'
import { UNSUPPORTED } from '../../src/manifests/unsupported.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SAMPLE = join(ROOT, 'sample-repo')

async function listFolder(folder: string): Promise<ListedFile[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile())
  return files.map((entry) => ({ path: relative(folder, join(entry.parentPath, entry.name)), kind: 'file' }))
}

test('the sample repository has no problem, not even a warning', async () => {
  const { stacks, problems } = await loadAll(await listFolder(SAMPLE), (path) => readFile(join(SAMPLE, path)))
  expect([...problems, ...stacks.flatMap((stack) => stack.problems)].map(formatProblem)).toEqual([])
  expect(stacks.map(({ name, stack }) => [name, Object.keys(stack?.services ?? {})])).toEqual([
    ['shop', ['web', 'migrate', 'db']],
    ['site', ['web']],
    ['worker', ['worker']],
  ])
  const [shop, site] = stacks.map(({ stack }) => stack?.services)
  expect([shop?.['web']?.update.order, shop?.['migrate']?.kind, site?.['web']?.update.order]).toEqual([
    'start-first',
    'job',
    'start-first',
  ])
})

test('the generated schema is up to date', async () => {
  const script = join(ROOT, 'scripts/generate.ts')
  await promisify(execFile)('npx', ['--no-install', 'tsx', script, '--check'], { cwd: ROOT })
})

test('the manual names every problem code and every supported key', async () => {
  const manual = await readFile(join(ROOT, 'docs/manifests.md'), 'utf8')
  const codes = await readFile(join(ROOT, 'src/manifests/codes.ts'), 'utf8')
  const schema = JSON.parse(await readFile(join(ROOT, 'schemas/stack.schema.json'), 'utf8'))
  const words = [...[...codes.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code), ...keysOf(schema)]
  expect(words.filter((word) => !manual.includes(`\`${word}\``))).toEqual([])
})

test('no key is both supported and refused', async () => {
  const schema = JSON.parse(await readFile(join(ROOT, 'schemas/stack.schema.json'), 'utf8'))
  const supported = new Set([
    ...Object.keys(schema.properties),
    ...Object.keys(schema.$defs.service.properties).map((key) => `services.*.${key}`),
  ])
  expect(Object.keys(UNSUPPORTED).filter((key) => supported.has(key))).toEqual([])
})

test('every key of the schema carries a description', async () => {
  const schema: unknown = JSON.parse(await readFile(join(ROOT, 'schemas/stack.schema.json'), 'utf8'))
  expect(undescribed(schema, '')).toEqual([])
})

/** Keys of services and below, by their names. */
function keysOf(value: unknown): string[] {
  return members(value).flatMap(([key, member]) => [
    ...(key === 'properties' ? members(member).map(([name]) => name) : []),
    ...keysOf(member),
  ])
}

function undescribed(value: unknown, path: string): string[] {
  return members(value).flatMap(([key, member]) => {
    const missing = key === 'properties' ? members(member).filter(([, one]) => !isDescribed(one)) : []
    return [...missing.map(([name]) => `${path}.${name}`), ...undescribed(member, `${path}.${key}`)]
  })
}

/** A bare reference is described where it points to. */
function isDescribed(value: unknown): boolean {
  return members(value).some(([key]) => key === 'description' || key === '$ref')
}

function members(value: unknown): [string, unknown][] {
  return value !== null && typeof value === 'object' ? Object.entries(value) : []
}
