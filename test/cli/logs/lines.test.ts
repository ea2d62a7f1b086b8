import { expect, test } from 'vitest'
import { merge } from '../../../src/cli/logs/merge.ts'
import { alreadyRead, moved, type Position, sinceOf } from '../../../src/cli/logs/position.ts'
import { momentOf } from '../../../src/cli/moment.ts'
import { plain, tame } from '../../../src/cli/tame.ts'
import type { LogLine } from '../../../src/engine/console.ts'

const line = (time: string): LogLine => ({ stream: 'stdout', time, text: Buffer.from('') })

async function* give(...all: (number | Error)[]) {
  for (const one of all) {
    if (one instanceof Error) throw one
    yield one
  }
}

test('sorted sequences become one; one that breaks is told and keeps no other back', async () => {
  const errors: unknown[] = []
  const all: number[] = []
  const sequences = [give(1, 4, 9), give(), give(2, new Error('lost')), give(3, 4, 5)]
  for await (const one of merge(
    sequences,
    (a, b) => a < b,
    (error) => errors.push(error),
  ))
    all.push(one)
  expect(all).toEqual([1, 2, 3, 4, 4, 5, 9])
  expect(errors).toEqual([new Error('lost')])
})

test('what was read before is not read again, also of lines of one moment', () => {
  const times = ['2030-01-01T00:00:01.000000001Z', '2030-01-01T00:00:01.000000002Z', '2030-01-01T00:00:01.000000002Z']
  let position: Position | undefined
  for (const time of times) position = moved(position, line(time))
  expect(position).toEqual({ time: times[1], lines: 2 })
  expect(sinceOf(position ?? { time: '', lines: 0 })).toBe(`${Date.parse('2030-01-01T00:00:01Z') / 1000}.000000002`)
  const isRead = alreadyRead(position)
  const again = [...times, times[1] ?? '', '2030-01-01T00:00:01.000000003Z']
  expect(again.map((time) => isRead(line(time)))).toEqual([true, true, true, false, false])
  expect(alreadyRead(undefined)(line('2030'))).toBe(false)
})

test.each([
  ['plain, with a\ttab', 'plain, with a\ttab'],
  ['\u001b[31mred\u001b[0m and \u001b[1;38;5;9mmore', '\u001b[31mred\u001b[0m and \u001b[1;38;5;9mmore\u001b[0m'],
  ['\u001b[2J\u001b[Hcleared', 'cleared'],
  ['\u001b]0;a title\u0007text', 'text'],
  ['\u001b]52;c;Y29weQ==\u001b\\text', 'text'],
  ['\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u001bPq#0~\u001b\\after', 'after'],
  ['50 %\r100 %\b\u0000\u007f\u009b31m', '50 %100 %31m'],
  ['\u001bc\u001b(0reset', 'reset'],
  ['cut off \u001b]0;never ended', 'cut off '],
  ['at the end \u001b', 'at the end '],
])('what steers a terminal is taken out of %j, colours stay', (written, left) => {
  expect(tame(written)).toBe(left)
})

test('where a line is measured not even colours stay', () => {
  expect(plain('\u001b[31mred\u001b[0m\n\u001b[2Kand more')).toBe('redand more')
})

test('a moment is told by how long ago it is, or by itself', () => {
  const now = Date.parse('2030-01-01T00:00:10.500Z')
  expect(momentOf('1m30s', now)).toBe(((now - 90_000) / 1000).toFixed(3))
  expect(momentOf('2030-01-01T00:00:00Z', now)).toBe((Date.parse('2030-01-01T00:00:00Z') / 1000).toFixed(3))
  for (const text of ['', 'yesterday', '10 minutes', '-5m']) expect(() => momentOf(text, now)).toThrow('It must be')
})
