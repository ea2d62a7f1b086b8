import { expect, test } from 'vitest'
import { follow } from '../src/follow.ts'
import { assertApart } from '../src/own-folders.ts'
import type { OwnFolder } from '../src/store/store.ts'
import { bench, compose } from './controller/bench.ts'

const writable = (path: string): OwnFolder => ({ path, writable: true })
const readOnly = (path: string): OwnFolder => ({ path, writable: false })

test.each<[what: string, now: OwnFolder[], before: OwnFolder[]]>([
  ['a folder in one that is written to', [writable('/b/a/data'), readOnly('/b/a/data/in')], []],
  ['a folder in one that was written to', [readOnly('/b/a/data/in')], [writable('/b/a/data')]],
  ['one deep in it', [writable('/b/a/data/in/deep')], [writable('/b/a/data')]],
  ['one around what is there: a rollback mounts that again', [writable('/b/a')], [readOnly('/b/a/data')]],
])('%s is refused', (_, now, before) => {
  expect(() => assertApart(now, before)).toThrow(/lies in \/b\/a.*a link .* anywhere on the host/)
})

test.each<[what: string, now: OwnFolder[], before: OwnFolder[]]>([
  ['folders beside each other', [writable('/b/a/data'), writable('/b/a/data-2')], [writable('/b/a/db')]],
  ['the same one again', [writable('/b/a/data'), readOnly('/b/a/data')], [writable('/b/a/data')]],
  ['one in what is only read', [writable('/b/a/data/in')], [readOnly('/b/a/data')]],
  [
    'what is nested, but has been so and is not asked for',
    [writable('/b/a/x')],
    [writable('/b/a/y'), readOnly('/b/a/y/z')],
  ],
])('%s is fine', (_, now, before) => {
  expect(() => assertApart(now, before)).not.toThrow()
})

test('a stack that could have put a link there is blocked, whatever it did in between; others are not', async () => {
  const made = await bench()
  const parts = { ...made, load: { targets: { '': { bindRoot: '/srv/' } } } }
  const mounting = (...folders: string[]) =>
    `${compose('web:1')}    volumes: [${folders.map((folder, at) => `"${folder}:/m${at}"`).join(', ')}]\n`
  const take = async (stacks: Record<string, string | null>) => {
    const files = Object.entries(stacks).map(([name, text]) => [`stacks/${name}/compose.yaml`, text])
    await made.repo.commit(Object.fromEntries(files), 'next')
    await follow(parts)
    return Object.keys(stacks).map((name) => made.store.stack(name).latest?.blocked ?? null)
  }
  expect(await take({ a: mounting('./data'), b: compose('web:1') })).toEqual([null, null])
  const refused = expect.stringContaining('Its folder /srv/a/data/link lies in /srv/a/data, which')
  expect(await take({ a: mounting('./data/link'), b: mounting('./data/link') })).toEqual([refused, null])
  expect(await take({ a: mounting('./other') })).toEqual([null])
  expect(await take({ a: null, z: compose('web:1') })).toEqual([null, null])
  made.store.forget('a')
  expect(await take({ a: mounting('./data/link') })).toEqual([refused])
  expect(await take({ z: mounting('./x/y') })).toEqual([null])
  expect(await take({ z: mounting('./x') })).toEqual([expect.stringContaining('/srv/z/x/y lies in /srv/z/x, which')])
})
