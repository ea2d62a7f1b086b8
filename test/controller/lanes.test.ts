import { expect, onTestFinished, test } from 'vitest'
import { openLanes } from '../../src/controller/lanes.ts'
import { until } from '../support/until.ts'

interface Held {
  end(waitMs: number | null): void
  fail(): void
  isInterrupted(): boolean
}

/** Passes that end only when the test lets them. */
function held(retryMs = 5) {
  const open: Held[] = []
  const began: string[] = []
  const failed: string[] = []
  const lanes = openLanes({
    pass: (stack, isInterrupted) =>
      new Promise((resolve, reject) => {
        began.push(stack)
        open.push({ end: resolve, fail: () => reject(new Error('no')), isInterrupted })
      }),
    onFailure: (stack) => failed.push(stack),
    retryMs,
  })
  onTestFinished(() => {
    for (const pass of open) pass.end(null)
    return lanes.stop()
  })
  const oldest = () => open.shift() ?? expect.unreachable('no pass is open')
  return { lanes, began, failed, oldest }
}

test('one pass at a time for a stack, different stacks side by side', () => {
  const { lanes, began } = held()
  for (const stack of ['a', 'a', 'b', 'a']) lanes.trigger(stack)
  expect(began).toEqual(['a', 'b'])
})

test('triggers during a pass cause exactly one more after it', async () => {
  const { lanes, began, oldest } = held()
  for (let count = 0; count < 5; count += 1) lanes.trigger('a')
  oldest().end(null)
  await until(async () => began.length === 2, 'the second pass')
  oldest().end(null)
  await lanes.idle()
  expect(began).toEqual(['a', 'a'])
})

test('a trigger is never lost, however close behind the end of a pass it comes', async () => {
  for (let turns = 0; turns < 10; turns += 1) {
    const { lanes, began, oldest } = held()
    lanes.trigger('a')
    oldest().end(null)
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
    lanes.trigger('a')
    await until(async () => began.length === 2, `the pass that was asked for ${turns} turns later`)
  }
})

test('looks again when the pass asked for it', async () => {
  const { lanes, began, oldest } = held()
  lanes.trigger('a')
  oldest().end(5)
  await until(async () => began.length === 2, 'the wake-up')
})

test('a pass that fails is tried again by itself; meanwhile only an urgent trigger starts one', async () => {
  const { lanes, began, failed, oldest } = held(60_000)
  lanes.trigger('a')
  oldest().fail()
  await lanes.idle()
  expect(failed).toEqual(['a'])
  lanes.trigger('a')
  expect(began).toHaveLength(1)
  lanes.triggerNow('a')
  expect(began).toHaveLength(2)
  const soon = held(5)
  soon.lanes.trigger('a')
  soon.oldest().fail()
  await until(async () => soon.began.length === 2, 'the second try')
})

test('work waits for a safe point, asks for one, and is done after the pass behind it', async () => {
  const { lanes, began, oldest } = held()
  const order: string[] = []
  lanes.trigger('a')
  const done = lanes.between('a', () => order.push(`work after ${began.length}`)).then(() => order.push('done'))
  const first = oldest()
  expect(first.isInterrupted()).toBe(true)
  expect(order).toEqual([])
  first.end(null)
  await until(async () => began.length === 2, 'the pass behind')
  expect(order).toEqual(['work after 1'])
  oldest().end(null)
  await done
  expect(order).toEqual(['work after 1', 'done'])
})

test('work that throws is told to who asked, and disturbs no one else', async () => {
  const { lanes, began, oldest } = held()
  const refused = lanes.between('a', () => {
    throw new Error('refused')
  })
  const other = lanes.between('a', () => {})
  await expect(refused).rejects.toThrow('refused')
  oldest().end(null)
  await until(async () => began.length === 2, 'the pass behind the other work')
  oldest().end(null)
  await other
})

test('S3 stop interrupts, waits for the pass under way, and starts none', async () => {
  const { lanes, began, oldest } = held()
  lanes.trigger('a')
  lanes.trigger('a')
  const pass = oldest()
  const stopped = lanes.stop()
  expect(pass.isInterrupted()).toBe(true)
  pass.end(1)
  await stopped
  lanes.triggerNow('a')
  expect(began).toEqual(['a'])
})
