import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../..', import.meta.url).pathname
/** Where tests run against a real engine, a real repository, real processes. */
const REAL = ['scenarios/', 'engine/', 'contract/', 'source/', 'store/', 'cli/', 'controller/', 'follow.test.ts']

describe('docs/scenarios.md', () => {
  const promised = readScenarios()

  it('has every number once', () => {
    const ids = promised.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
    expect(ids.length).toBeGreaterThan(70)
  })

  it('is held up by a test for each number, on the real thing where it does not say otherwise', () => {
    const real = new Set(numbersTested(REAL))
    const all = new Set(numbersTested(['']))
    const missing = promised.filter(({ id, model }) => !(model ? all : real).has(id)).map(({ id }) => id)
    expect(missing).toEqual([])
  })

  it('knows every number that a test carries', () => {
    const known = new Set(promised.map(({ id }) => id))
    expect(numbersTested(['']).filter((id) => !known.has(id))).toEqual([])
  })
})

const TITLE = /\b(?:it|test|describe)(?:\.each[^\n]*?)?\(\s*(['"`])(.*?)\1/g

function readScenarios(): { id: string; model: boolean }[] {
  const text = readFileSync(join(ROOT, 'docs/scenarios.md'), 'utf8')
  return [...text.matchAll(/^\| ([A-Z]\d+) \| (\*model\*)?/gm)].map(([, id = '', model]) => ({
    id,
    model: model !== undefined,
  }))
}

/** The numbers in the titles of tests below `test` whose path begins in one of these ways. */
function numbersTested(beginnings: string[]): string[] {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  const tests = files.filter(
    (file) => /\.(test|contract)\.ts$/.test(file) && beginnings.some((beginning) => file.startsWith(beginning)),
  )
  const titles = tests.flatMap((file) => [...readFileSync(join(ROOT, 'test', file), 'utf8').matchAll(TITLE)])
  return [...new Set(titles.flatMap(([, , title = '']) => title.match(/\b[A-Z]\d+\b/g) ?? []))].sort()
}
