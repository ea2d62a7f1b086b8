import { expect, test } from 'vitest'
import { openProgress, type PullEvent } from '../../../src/engine/docker/progress.ts'

function layer(id: string, status: string, current?: number, total?: number): PullEvent {
  const progressDetail = current === undefined || total === undefined ? {} : { current, total }
  return { id, status, progressDetail }
}

test('says how much of what is known is downloaded', () => {
  const progress = openProgress()
  const after = (event: PullEvent) => {
    progress.take(event)
    return progress.text()
  }
  expect(after({ status: 'Pulling from team/web', id: '1' })).toBe('')
  expect(after(layer('a', 'Pulling fs layer'))).toBe('')
  expect(after(layer('b', 'Already exists'))).toBe('')
  expect(after(layer('a', 'Downloading', 1_000_000, 100_000_000))).toBe('1 % of 100 MB')
  expect(after(layer('c', 'Downloading', 10_000_000, 20_000_000))).toBe('9 % of 120 MB')
  expect(after(layer('a', 'Download complete'))).toBe('91 % of 120 MB')
  expect(after(layer('a', 'Extracting', 5_000_000, 100_000_000))).toBe('91 % of 120 MB')
  expect(after(layer('c', 'Verifying Checksum'))).toBe('120 MB downloaded')
})

test('a byte more and a new stage are progress; the same again, a countdown and a second try are not', () => {
  const { take } = openProgress()
  expect(take(layer('a', 'Downloading', 10, 100))).toBe(true)
  expect(take(layer('a', 'Downloading', 20, 100))).toBe(true)
  expect(take(layer('a', 'Downloading', 20, 100))).toBe(false)
  expect(take(layer('a', 'Retrying in 5 seconds'))).toBe(false)
  expect(take(layer('a', 'Retrying in 4 seconds'))).toBe(false)
  expect(take(layer('a', 'Downloading', 10, 100))).toBe(false)
  expect(take(layer('a', 'Waiting'))).toBe(false)
  expect(take(layer('a', 'Downloading', 21, 100))).toBe(true)
  expect(take(layer('b', 'Downloading', 5, 100))).toBe(true)
  expect(take(layer('a', 'Extracting', 1, 100))).toBe(true)
})
