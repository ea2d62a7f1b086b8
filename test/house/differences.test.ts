import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = new URL('../..', import.meta.url).pathname
const text = readFileSync(join(ROOT, 'docs/differences.md'), 'utf8')
const scenarios = readFileSync(join(ROOT, 'docs/scenarios.md'), 'utf8')

/** The last cell of every row, but those of the heads. */
const rows = [...text.matchAll(/^\| .* \| ([^|]*) \|$/gm)]
  .map(([, last = '']) => last)
  .filter((last) => last !== 'held by')

it('every difference from Compose names what holds it true, and that exists', () => {
  expect(rows.length).toBeGreaterThan(20)
  for (const row of rows) {
    const held = row.split(', ')
    const missing = held.filter((one) => {
      const file = /^`(test\/.*)`$/.exec(one)?.[1]
      return file === undefined ? !scenarios.includes(`| ${one} |`) : !existsSync(join(ROOT, file))
    })
    expect(missing).toEqual([])
  }
})
