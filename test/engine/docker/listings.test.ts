import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { together } from '../../../src/engine/docker/listings.ts'

/** A listing that answers with the moment it began, when it is told to. */
function slowList() {
  const open: (() => void)[] = []
  let clock = 0
  let begun = 0
  const list = () => {
    const at = ++clock
    begun += 1
    return new Promise<number>((resolve) => open.push(() => resolve(at)))
  }
  return { list, tick: () => ++clock, answer: () => open.shift()?.(), begun: () => begun }
}

test('all who ask at the same moment share one call', async () => {
  const { list, answer, begun } = slowList()
  const ask = together(list)
  const answers = [ask(), ask(), ask()]
  await turn()
  expect(begun()).toBe(1)
  answer()
  expect(await Promise.all(answers)).toEqual([1, 1, 1])
})

test('who asks while a call is under way gets the next one, however many they are', async () => {
  const { list, answer, begun } = slowList()
  const ask = together(list)
  const first = ask()
  await turn()
  const later = [ask(), ask()]
  await turn()
  expect(begun()).toBe(1)
  answer()
  expect(await first).toBe(1)
  await turn()
  expect(begun()).toBe(2)
  answer()
  expect(await Promise.all(later)).toEqual([2, 2])
})

test('a call that fails is told to those who shared it, and to nobody after them', async () => {
  let calls = 0
  const ask = together(async () => {
    calls += 1
    if (calls === 1) throw new Error('the engine is away')
    return calls
  })
  const both = await Promise.allSettled([ask(), ask()])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await ask()).toBe(2)
})

test('whatever the order of questions and answers, no answer is older than its question', async () => {
  const moves = fc.array(fc.constantFrom('ask', 'answer', 'wait'), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(moves, async (order) => {
      const { list, tick, answer } = slowList()
      const ask = together(list)
      const asked: { at: number; began: Promise<number> }[] = []
      for (const move of order) {
        if (move === 'ask') asked.push({ at: tick(), began: ask() })
        else if (move === 'answer') answer()
        else await turn()
      }
      for (const { at, began } of asked) {
        let value: number | null = null
        void began.then((moment) => {
          value = moment
        })
        while (value === null) {
          answer()
          await turn()
        }
        expect(value).toBeGreaterThan(at)
      }
    }),
  )
})
