import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockDirectory } from '../../src/store/lock.ts'
import { runChild } from '../support/child.ts'
import { folder, store } from './builders.ts'

test('S2 a second process is refused at once, and the lock ends with kill -9', async () => {
  const directory = folder()
  const child = runChild(import.meta.url, './holder.ts', [directory])
  onTestFinished(child.kill)
  await child.printed(1)
  expect(child.lines()).toEqual(['locked'])
  const started = performance.now()
  expect(() => lockDirectory(directory)).toThrow(`Another Holdfast is running on ${directory}. Stop it first, or give`)
  expect(performance.now() - started).toBeLessThan(500)
  await child.kill()
  lockDirectory(directory).release()
})

test('S2 the lock keeps nobody from reading and from leaving requests', async () => {
  const directory = folder()
  const child = runChild(import.meta.url, './holder.ts', [directory])
  onTestFinished(child.kill)
  await child.printed(1)
  expect(child.lines()).toEqual(['locked'])
  const memory = store(directory)
  memory.ask({ kind: 'sync', stack: null })
  expect(memory.requests()).toHaveLength(1)
})

test('S2 a released lock can be taken again, also within one process, and a held one cannot', () => {
  const directory = folder()
  const lock = lockDirectory(directory)
  expect(() => lockDirectory(directory)).toThrow(/Another Holdfast is running/)
  lock.release()
  lock.release()
  const again = lockDirectory(directory)
  expect(() => lockDirectory(directory)).toThrow(/Another Holdfast is running/)
  again.release()
})

test('S2 a refused attempt within the process does not lose the lock to another process', async () => {
  const directory = folder()
  const lock = lockDirectory(directory)
  onTestFinished(lock.release)
  expect(() => lockDirectory(directory)).toThrow(/Another Holdfast is running/)
  const child = runChild(import.meta.url, './holder.ts', [directory])
  onTestFinished(child.kill)
  await child.printed(1)
  expect(child.lines()).toEqual([expect.stringMatching(/^refused: .*Another Holdfast is running/)])
})

test('locks on different directories do not touch each other', () => {
  const [one, two] = [lockDirectory(folder()), lockDirectory(join(folder(), 'made'))]
  one.release()
  two.release()
})
