import { symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { Engine, EngineEvent } from '../../src/engine/engine.ts'
import { Bench } from '../contract/world.ts'
import { appImage } from '../support/app.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'

const IMAGE = 'live/bare:1'
let host: PrivateEngine
let engine: Engine
let bench: Bench

beforeAll(async () => {
  host = await startPrivateEngine()
  await appImage(host.socket, IMAGE, { kind: 'no-healthcheck' })
  engine = dockerEngine({ socketPath: host.socket, instance: 'restart' })
  const images = { good: IMAGE, bare: IMAGE, turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
  bench = new Bench({ engine, images, until, cleanup: async () => {} })
})
afterAll(() => host?.stop())

test('C7 an event stream that dropped is taken up again, nothing is missed, and the gap is told', async () => {
  const events: EngineEvent[] = []
  let gaps = 0
  const watching = new AbortController()
  engine.watch({ onEvent: (event) => events.push(event), onGap: () => gaps++ }, watching.signal)
  const container = await bench.run(IMAGE, { n: 1 })
  let n = 10
  await until(async () => {
    await bench.create(IMAGE, { n: ++n })
    return events.length > 0
  }, 'the first event')

  await host.restart('crash')
  await until(async () => gaps > 0, 'the gap to be told')
  await bench.run(IMAGE, { n: 2 })
  await until(
    async () => events.some((event) => event.container === bench.name(2) && event.action === 'start'),
    'the start',
  )
  watching.abort()
  const keys = events.filter((event) => event.container === container).map(({ action }) => action)
  expect(keys.filter((action) => action === 'create').length).toBeLessThanOrEqual(1)
})

test('C8 after a reboot what was promoted runs again, what was drained stays down', async () => {
  const [kept, old] = [await bench.run(IMAGE, { n: 3 }), await bench.run(IMAGE, { n: 4 })]
  for (const container of [kept, old]) await bench.do('promote', { container, restart: 'always' })
  await bench.do('drain', { container: old })
  await host.restart('reboot')
  await bench.seen(kept, ({ state }) => state === 'running')
  expect((await bench.find(old))?.state).toBe('exited')
})

test('C6 an engine that is away is trouble of the platform, and is found again without a new start of ours', async () => {
  // Behind a name that the test takes away and gives back: a restart alone may be over between two looks.
  const folder = temporaryFolder()
  const socketPath = join(folder.path, 'socket')
  try {
    symlinkSync(host.socket, socketPath)
    const found = dockerEngine({ socketPath, instance: 'restart' })
    const look = () => found.observe({ stack: bench.stack, images: [], networks: [], volumes: [] })
    expect((await look()).containers.length).toBeGreaterThan(0)
    unlinkSync(socketPath)
    await host.restart('restart')
    await expect(found.about()).rejects.toThrow()
    await expect(found.execute(bench.step('drain', { container: bench.name(9) }))).rejects.toMatchObject({
      fault: 'platform',
    })
    symlinkSync(host.socket, socketPath)
    expect((await look()).containers.length).toBeGreaterThan(0)
    expect((await bench.look()).containers.length).toBeGreaterThan(0)
  } finally {
    folder.remove()
  }
})
