import { expect, test } from 'vitest'
import {
  foundOf,
  joinedTo,
  type NamesFiles,
  readNames,
  renderNames,
  withFound,
  withoutNetwork,
} from '../../src/traffic/names.ts'

const WEB = { stack: 'shop', container: 'shop-web-0-1a2b3c4d-1', address: '10.201.0.3', names: ['web', 'api'] }
const BLOG = { stack: 'blog', container: 'blog-web-0-1a2b3c4d-1', address: '10.201.0.9', names: [] }

/** As it is read. */
function shown(files: NamesFiles): string {
  const lines = ([address, text]: [string, string]) =>
    text.split('\n').flatMap((line) => (line ? `${address} ${line}` : []))
  return Object.entries(files)
    .map(([address, file]) => [address, renderNames(file)] as [string, string])
    .flatMap(lines)
    .map((line) => `${line}\n`)
    .join('')
}

test('a file says the network, whose each line is, and nothing of what has no name', () => {
  expect(renderNames({ network: 'shop_default', found: [WEB, BLOG] })).toBe(
    [
      '# network shop_default',
      '# found {"stack":"blog","container":"blog-web-0-1a2b3c4d-1","address":"10.201.0.9","names":[]}',
      '# found {"stack":"shop","container":"shop-web-0-1a2b3c4d-1","address":"10.201.0.3","names":["web","api"]}',
      '10.201.0.3 web api',
      '',
    ].join('\n'),
  )
})

test('a name that is none cannot bring a line of its own', () => {
  const forged = { ...WEB, names: ['web', 'a b', 'x\n10.0.0.1 bank.example.com', '#'] }
  const text = renderNames({ network: 'n', found: [forged] })
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['10.201.0.3 web', ''])
  expect(readNames(shown({ '10.1.0.2': { network: 'n', found: [forged] } }))['10.1.0.2']).toEqual({
    network: 'n',
    found: [forged],
    isIntact: true,
  })
})

test('what was written is read back, in whatever order the containers were listed', () => {
  const files = { '10.1.0.2': { network: 'a', found: [WEB, BLOG] }, '10.2.0.2': { network: 'b', found: [] } }
  expect(readNames(shown(files))).toEqual({
    '10.1.0.2': { network: 'a', found: [BLOG, WEB], isIntact: true },
    '10.2.0.2': { network: 'b', found: [], isIntact: true },
  })
  expect(readNames('')).toEqual({})
})

test.each([
  ['an address', (text: string) => text.replace('10.201.0.3 web', '10.201.0.4 web')],
  ['a further line', (text: string) => `${text}10.1.0.2 10.201.0.5 web\n`],
  ['a line less', (text: string) => text.replace(/^.* web api\n/m, '')],
  ['a comment that is none of ours', (text: string) => text.replace('# found {', '# found ')],
  ['the header', (text: string) => text.replace('# network a', '# a')],
])('a file in which somebody changed %s is not intact', (_, change) => {
  const text = shown({ '10.1.0.2': { network: 'a', found: [WEB] } })
  expect(readNames(change(text))['10.1.0.2']?.isIntact).toBe(false)
})

test('a container is listed as it is told last, by network, and the others of its network stay', () => {
  const files = { '10.1.0.2': { network: 'a', found: [BLOG] }, '10.2.0.2': { network: 'b', found: [] } }
  const one = { stack: 'shop', container: 'c' }
  const first = withFound(files, one, { a: { address: '10.1.0.9', names: ['web'] } })
  expect(foundOf(first.files, 'shop')).toEqual({ c: { a: { address: '10.1.0.9', names: ['web'] } } })
  const next = withFound(first.files, one, { b: { address: '10.2.0.9', names: ['web'] } })
  expect(foundOf(next.files, 'shop')).toEqual({ c: { b: { address: '10.2.0.9', names: ['web'] } } })
  expect(withFound(next.files, one, null).files).toEqual(files)
  expect(foundOf(next.files, 'blog')).toEqual(foundOf(files, 'blog'))
})

test('a container of the same name in another stack is another one', () => {
  const files = { '10.1.0.2': { network: 'a', found: [WEB] } }
  expect(withFound(files, { ...WEB, stack: 'other' }, null).files).toEqual(files)
})

test('what is to be found in a network that is not joined is told', () => {
  expect(withFound({}, WEB, { a: { address: '10.1.0.9', names: [] } })).toEqual({ files: {}, missing: ['a'] })
})

test('a network that is joined at another address keeps what is found in it, and one that is left loses it', () => {
  const files = { '10.1.0.2': { network: 'a', found: [WEB] }, '10.2.0.2': { network: 'b', found: [BLOG] } }
  expect(joinedTo(files, 'a', '10.1.0.7')).toEqual({
    '10.1.0.7': { network: 'a', found: [WEB] },
    '10.2.0.2': { network: 'b', found: [BLOG] },
  })
  expect(withoutNetwork(files, 'a')).toEqual({ '10.2.0.2': { network: 'b', found: [BLOG] } })
})
