import { expect, test } from 'vitest'
import { problemsOf, saidOf, shopOf, web } from './builders.ts'

/** `x-holdfast` of the stack, at line 5. */
function extension(text: string): string {
  return `x-holdfast: ${text}\n`
}

test('sync, target and dependsOn reach the model', () => {
  const file = web('', extension('{ target: edge-1, sync: { selfHeal: warn, prune: false } }'))
  expect(shopOf(file)).toMatchObject({ target: 'edge-1', selfHeal: 'warn', prune: false, dependsOn: [] })
})

test.each([
  ['off', 'off'],
  ['"off"', 'off'],
  ['false', 'off'],
  ['correct', 'correct'],
])('selfHeal: %s is %s', (written, meant) => {
  expect(shopOf(web('', extension(`{ sync: { selfHeal: ${written} } }`))).selfHeal).toBe(meant)
})

test.each<[promise: string, text: string, problems: string[]]>([
  ['selfHeal that is none', '{ sync: { selfHeal: maybe } }', ['5:33 error wrong-value']],
  ['prune that is none', '{ sync: { prune: 3 } }', ['5:30 error wrong-type']],
  ['target that is no name', '{ target: "Edge 1" }', ['5:23 error wrong-value']],
  ['retry, which is a command', '{ sync: { retry: 3 } }', ['5:23 error unsupported-key']],
  ['stack that does not exist', '{ dependsOn: [nope] }', ['5:27 error unresolved-reference']],
  ['waiting for itself', '{ dependsOn: [shop] }', ['5:27 error dependency-cycle']],
  ['a list that is none', '{ dependsOn: db }', ['5:26 error wrong-type']],
  ['entries that are none', '{ dependsOn: [3] }', ['5:27 error wrong-type']],
])('%s', (_promise, text, problems) => {
  expect(problemsOf('', extension(text))).toEqual(problems)
})

test('stacks may wait for others of the repository, broken ones too, each once and sorted', () => {
  const file = web('', extension('{ dependsOn: [z, b, z] }'))
  expect(saidOf({ a: file, b: 'services: [', z: web('') })['a']).toEqual([])
  expect(shopOf(file, { 'stacks/b/compose.yaml': web(''), 'stacks/z/compose.yaml': web('') }).dependsOn).toEqual([
    'b',
    'z',
  ])
})

test('a misspelt stack gets a did-you-mean', () => {
  const file = web('', extension('{ dependsOn: [databse] }'))
  expect(saidOf({ a: file, database: web('') })['a']).toEqual([
    'unresolved-reference: There is no stack `databse` in the repository',
  ])
})

test('stacks that wait for each other are a problem of each in the circle, and of no other', () => {
  const waiting = (on: string) => web('', extension(`{ dependsOn: [${on}] }`))
  expect(saidOf({ a: waiting('b'), b: waiting('c'), c: waiting('a'), d: waiting('a') })).toEqual({
    a: ['dependency-cycle: Stacks wait for each other in a circle: a → b → c → a'],
    b: ['dependency-cycle: Stacks wait for each other in a circle: b → c → a → b'],
    c: ['dependency-cycle: Stacks wait for each other in a circle: c → a → b → c'],
    d: [],
  })
})
