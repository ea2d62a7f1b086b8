import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/store/sqlite.ts'
import { runChild } from '../support/child.ts'
import { folder } from './builders.ts'

test('C2 kill -9 in the middle of hundreds of writes: it opens, and nothing the store returned from is lost', async () => {
  const directory = folder()
  let last = 0
  for (const writes of [100, 251, 402]) {
    const child = runChild(import.meta.url, './writer.ts', [directory, String(last)])
    onTestFinished(child.kill)
    await child.printed(writes)
    await child.kill()
    const acknowledged = Number(child.lines().at(-1))
    const memory = openStore(directory)
    last = Number(memory.stack('shop').record.stable)
    const [newest] = memory.history('shop', 1)
    memory.close()
    expect(acknowledged).toBeGreaterThanOrEqual(writes)
    expect([acknowledged, acknowledged + 1]).toContain(last)
    expect([last - 1, last]).toContain(Number(newest?.message))
    expect(Number(newest?.message)).toBeGreaterThanOrEqual(acknowledged)
  }
})
