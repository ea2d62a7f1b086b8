import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SOURCE_VARIABLES } from '../../src/settings/flags.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The names of every key that an object schema and those within it have. */
function keysOf(schema: object): string[] {
  const { properties = {}, $defs = {} } = schema as { properties?: object; $defs?: Record<string, object> }
  return [...Object.keys(properties), ...Object.values($defs).flatMap(keysOf)]
}

test('docs/settings.md names every key and every variable', () => {
  const guide = read('docs/settings.md')
  const keys = keysOf(JSON.parse(read('schemas/settings.schema.json')))
  expect(keys.filter((key) => !guide.includes(`\`${key}\``))).toEqual([])
  const variables = Object.keys(SOURCE_VARIABLES).filter((name) => !name.endsWith('_FILE') || guide.includes(name))
  expect(variables.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
})

test('docs/policy.md names every key, and every code of what is not allowed', () => {
  const guide = read('docs/policy.md')
  const codes = [...read('src/manifests/codes.ts').matchAll(/'(policy-[a-z-]+)'/g)].map(([, code = '']) => code)
  expect(codes.length).toBeGreaterThan(10)
  const words = [...keysOf(JSON.parse(read('schemas/policy.schema.json'))), ...codes]
  expect(words.filter((word) => !guide.includes(`\`${word}\``))).toEqual([])
})
