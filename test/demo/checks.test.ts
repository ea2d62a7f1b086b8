import { expect, test } from 'vitest'
import { checkAnswered, checkFewest, checkSame, checkSlots } from '../../demo/checks.ts'
import { type Counted, nothingCounted, since } from '../../demo/client.ts'
import type { Replica } from '../../demo/look.ts'

function replica(place: string, image: string, health: Replica['health'] = 'healthy'): Replica {
  const [, stack = '', service = '', slot = ''] = /^(\w+)\/(\w+)\.(\d)$/.exec(place) ?? []
  return { id: place, stack, service, slot: Number(slot), image, health }
}

function running(shop: string): Replica[] {
  return [
    replica('shop/db.1', 'sample/db:1.0'),
    ...[1, 2, 3].map((slot) => replica(`shop/web.${slot}`, `sample/shop:${shop}`)),
    replica('site/web.1', 'sample/site:1.0'),
    ...[1, 2].map((slot) => replica(`worker/worker.${slot}`, 'sample/worker:1.0')),
  ]
}

test('the slots hold only with the right image in every one, healthy, and nothing beside it', () => {
  const last = running('1.1').slice(0, -1)
  const holds = (replicas: Replica[]) => checkSlots(replicas, '1.1').holds
  expect(holds(running('1.1'))).toBe(true)
  expect(holds([...running('1.1'), replica('shop/web.1', 'sample/shop:1.0', 'stopped')])).toBe(true)
  expect(holds(running('1.0'))).toBe(false)
  expect(holds(last)).toBe(false)
  expect(holds([...last, replica('worker/worker.2', 'sample/worker:1.0', 'starting')])).toBe(false)
  expect(holds([...running('1.1'), replica('shop/web.1', 'sample/shop:1.2-broken')])).toBe(false)
})

test('fewer than three healthy replicas at any look, or no look at all, do not hold', () => {
  const holds = (looks: number, fewestHealthy: number) =>
    checkFewest('three', { looks, fewestHealthy, asked: 0, unanswered: 0, trouble: '' }).holds
  expect(holds(10, 3)).toBe(true)
  expect(holds(10, 2)).toBe(false)
  expect(holds(0, Number.POSITIVE_INFINITY)).toBe(false)
})

test('a container that was replaced, restarted or added is not the same', () => {
  const holds = (before: string[], after: string[]) => checkSame('same', before, after).holds
  expect(holds(['a 1', 'b 1'], ['b 1', 'a 1'])).toBe(true)
  expect(holds(['a 1'], ['a 2'])).toBe(false)
  expect(holds(['a 1'], ['a 1', 'b 1'])).toBe(false)
  expect(holds([], [])).toBe(false)
})

test('answers count only without a single failure, by the versions that were to answer, and where there were any', () => {
  const holds = (counted: Partial<Counted>, versions: string[]) =>
    checkAnswered('answered', { ...nothingCounted(), requests: 9, ...counted }, versions).holds
  expect(holds({ answers: { '1.1': 4, '1.0': 5 } }, ['1.0', '1.1'])).toBe(true)
  expect(holds({ answers: { '1.0': 8 }, failures: 1 }, ['1.0'])).toBe(false)
  expect(holds({ answers: { '1.0': 9 } }, ['1.0', '1.1'])).toBe(false)
  expect(holds({ answers: { '1.1': 8, '1.2': 1 } }, ['1.1'])).toBe(false)
  expect(holds({ requests: 0, answers: {} }, [])).toBe(false)
})

test('what came since is counted by itself, also who answered', () => {
  const before = { requests: 5, failures: 1, answers: { '1.0': 4 }, trouble: 'reset' }
  const now = { requests: 9, failures: 1, answers: { '1.0': 4, '1.1': 4 }, trouble: 'reset' }
  expect(since(before, now)).toEqual({ requests: 4, failures: 0, answers: { '1.1': 4 }, trouble: '' })
})
