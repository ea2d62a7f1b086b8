import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { ENGINE_RULES, REGISTRY_RULES, type Rule } from '../../src/engine/docker/rules.ts'

const DOC = new URL('../../docs/rollouts.md', import.meta.url)

/** The rows of the table under a heading, as `name fault`, in their order: the first match wins. */
async function rowsUnder(head: string): Promise<string[]> {
  const lines = (await readFile(DOC, 'utf8')).split('\n')
  const from = lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2
  const rows = lines.slice(from, lines.indexOf('', from))
  return rows.map((row) => row.replace(/^\| `(\S+)` \|.*\| (\S+) \|$/, '$1 $2'))
}

const asRows = (rules: Rule[]) => rules.map(({ name, fault }) => `${name} ${fault}`)

it('the docs name every kind of failure that is told apart, and whose fault it is', async () => {
  expect(await rowsUnder('an engine says')).toEqual(asRows(ENGINE_RULES))
  expect(await rowsUnder('a pull says')).toEqual(asRows(REGISTRY_RULES))
})
