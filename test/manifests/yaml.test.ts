import { expect, test } from 'vitest'
import { brief, loadShop, shopOf } from './builders.ts'

const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
for (const [at, name] of [...'bcdefghi'].entries())
  bomb.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`)

test.each<[promise: string, text: string | Uint8Array, problems: string[]]>([
  ['an empty file', '', ['1:1 error wrong-type']],
  ['a list', '- a', ['1:1 error wrong-type']],
  ['broken syntax', 'services:\n  web: [a', ['2:10 error yaml-syntax']],
  ['two documents', 'services: {}\n---\nservices: {}\n', ['2:1 error yaml-documents']],
  ['a tag', 'services: !reset {}', ['1:11 error yaml-tag']],
  ['an alias without anchor', 'services: *x', ['1:11 error yaml-syntax']],
  ['an alias bomb', bomb.join('\n'), ['1:20 error yaml-limits']],
  ['an anchor that holds itself', 'a: &a { <<: *a }', ['1:7 error yaml-limits']],
  ['40 levels', `${'{a: '.repeat(40)}1${'}'.repeat(40)}`, ['1:133 error yaml-limits']],
  ['more than 1 MiB', `a: ${'x'.repeat(1024 * 1024)}`, ['0:0 error file-too-large']],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00]), ['0:0 error not-text']],
  ['no services', 'services: {}', ['1:11 error missing-key']],
  ['a key that would change the object', 'services: { __proto__: { image: "a:1" } }', ['1:13 error wrong-value']],
])('%s is an error with a position', (_promise, text, problems) => {
  const { stack, problems: found } = loadShop('x', { 'stacks/shop/compose.yaml': text })
  expect(stack).toBeNull()
  expect(brief(found)).toEqual(problems)
})

test('merge keys and aliases work, own keys win, earlier merges win over later ones', () => {
  const stack = shopOf(`
x-a: &a { image: "a:1", user: ua, stop_signal: SIGINT }
x-b: &b { image: "b:1", user: ub, hostname: hb }
services:
  web: { <<: [*a, *b], user: own }
`)
  const { image, container } = stack.services['web'] ?? {}
  expect([image, container?.user, container?.hostname, container?.stopSignal]).toEqual(['a:1', 'own', 'hb', 'SIGINT'])
})

test('problems in merged keys are shown where they are written, once', () => {
  const text = 'x-a: &a\n  imge: x\nservices:\n  a: { <<: *a, image: "a:1", healthcheck: { disable: true } }\n'
  expect(brief(loadShop(text).problems)).toEqual(['2:3 error unknown-key'])
})

test('nesting without end is refused with few words and does not exhaust the stack', () => {
  const { stack, problems } = loadShop('['.repeat(100_000))
  expect(stack).toBeNull()
  expect(problems.length).toBeLessThanOrEqual(5)
  expect(problems.length).toBeGreaterThan(0)
})
