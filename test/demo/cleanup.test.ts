import { expect, test } from 'vitest'
import { openCleanup } from '../../demo/cleanup.ts'

test('everything is undone, the newest first, also after one that fails, and what is left is told', async () => {
  const told: string[] = []
  const undone: string[] = []
  const cleanup = openCleanup((line) => told.push(line))
  cleanup.add('the engine', () => undone.push('engine'))
  cleanup.add('the image', () => Promise.reject(new Error('it is in use')))
  cleanup.add('the container', async () => undone.push('container'))
  expect(await cleanup.run()).toEqual(['the image: it is in use'])
  expect(undone).toEqual(['container', 'engine'])
  expect(told).toEqual(['not cleaned up: the image: it is in use'])
})

test('nothing is undone twice', async () => {
  let times = 0
  const cleanup = openCleanup(() => {})
  cleanup.add('a folder', () => times++)
  await cleanup.run()
  await cleanup.run()
  expect(times).toBe(1)
})
