import { expect, test } from 'vitest'
import { unframed, unframer } from '../../../../src/engine/docker/console/frames.ts'
import { framedLines, rawLines } from '../../../../src/engine/docker/console/lines.ts'

const AT = '2030-01-01T00:00:00.000000001Z'

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

const shown = (lines: { stream: string; time: string; text: Buffer }[]) =>
  lines.map(({ stream, time, text }) => `${stream} ${time === AT ? 'at' : time} ${text.toString()}`)

test('frames are found wherever the stream is cut', () => {
  const bytes = Buffer.concat([frame(1, 'one'), frame(2, ''), frame(2, 'two'.repeat(100)), frame(1, 'three')])
  for (const size of [1, 3, 7, 8, 9, 64, bytes.length]) {
    const unframe = unframer()
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    )
    const found = pieces.flatMap(unframe).map(({ stream, payload }) => `${stream} ${payload.toString()}`)
    expect(found).toEqual(['stdout one', 'stderr ', `stderr ${'two'.repeat(100)}`, 'stdout three'])
  }
})

test('a line that the engine cut is put together again, for each of the two streams', () => {
  const lines = framedLines()
  const take = (stream: 'stdout' | 'stderr', text: string) =>
    shown(lines.take({ stream, payload: Buffer.from(`${AT} ${text}`) }))
  expect(take('stdout', 'begun, ')).toEqual([])
  expect(take('stderr', 'another\n')).toEqual(['stderr at another'])
  expect(take('stdout', 'ended\r\n')).toEqual(['stdout at begun, ended'])
  expect(take('stdout', '\n')).toEqual(['stdout at '])
  expect(take('stdout', 'no end')).toEqual([])
  expect(shown(lines.rest())).toEqual(['stdout at no end'])
})

test('what a terminal wrote is cut at its lines', () => {
  const lines = rawLines()
  const take = (text: string) => unframed()(Buffer.from(text)).flatMap((piece) => shown(lines.take(piece)))
  expect(take(`${AT} one\r\n${AT} tw`)).toEqual(['stdout at one'])
  expect(take(`o\r\n${AT} \r\n`)).toEqual(['stdout at two', 'stdout at '])
  expect(take(`${AT} rest`)).toEqual([])
  expect(shown(lines.rest())).toEqual(['stdout at rest'])
})

test('a line without end is given in pieces, and not kept in memory', () => {
  const [framed, raw] = [framedLines(), rawLines()]
  const payload = Buffer.from(`${AT} ${'x'.repeat(600_000)}`)
  const lengths = (lines: typeof framed) =>
    [1, 2, 3, 4].flatMap(() => lines.take({ stream: 'stdout', payload }).map(({ text }) => text.length))
  expect(lengths(framed)).toEqual([1_200_000, 1_200_000])
  expect(lengths(raw).length).toBe(2)
})
