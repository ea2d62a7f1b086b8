import Docker from 'dockerode'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { Subnet } from '../../src/model/stack.ts'
import { Bench } from '../contract/world.ts'
import { appImage } from '../support/app.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { until } from '../support/until.ts'

const IMAGE = 'live/bare:1'
/** Room for six: the gateway, one that is kept, and four that the engine gives. */
const SMALL: Subnet = { subnet: '10.77.0.0/29', range: '10.77.0.4/30', gateway: '10.77.0.1' }
const KEPT = '10.77.0.2'

let host: PrivateEngine
let engine: Engine
let docker: Docker
let bench: Bench
let network: string

beforeAll(async () => {
  host = await startPrivateEngine()
  docker = new Docker({ socketPath: host.socket })
  await appImage(host.socket, IMAGE, { kind: 'no-healthcheck' })
  engine = dockerEngine({ socketPath: host.socket, instance: 'networks' })
})
afterAll(() => host?.stop())
beforeEach(async ({ onTestFinished }) => {
  const images = { good: IMAGE, bare: IMAGE, turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
  bench = new Bench({ engine, images, until, cleanup: async () => {} })
  network = `${bench.stack}_default`
  await bench.do('create-network', { network, internal: false, subnet: SMALL })
  onTestFinished(() => bench.clear())
})

const joined = (change: { n: number; keeps?: string; service?: string }) => ({
  n: change.n,
  config: { networks: [{ network, aliases: ['web'] }] },
  args: { addresses: change.keeps === undefined ? {} : { [network]: change.keeps } },
})

async function addressOf(container: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(container).inspect()
  return NetworkSettings.Networks[network]?.IPAddress ?? ''
}

test("a stopped replica's address is not taken by automatic ones, also when those are used up", async () => {
  const kept = await bench.run(IMAGE, joined({ n: 1, keeps: KEPT }))
  await bench.do('stop', { container: kept, graceMs: 1_000 })
  const given: string[] = []
  for (const n of [2, 3, 4]) given.push(await addressOf(await bench.run(IMAGE, joined({ n }))))
  expect([...given].sort()).toEqual(['10.77.0.4', '10.77.0.5', '10.77.0.6'])
  // The engine gives no more, although 10.77.0.3 is free as well.
  await expect(bench.run(IMAGE, joined({ n: 5 }))).rejects.toMatchObject({ fault: 'platform' })
  await bench.do('start', { container: kept })
  expect(await addressOf(kept)).toBe(KEPT)
})

test.each(['restart', 'reboot'] as const)('addresses survive a %s of the engine', async (how) => {
  const kept = await bench.run(IMAGE, joined({ n: 1, keeps: KEPT }))
  const other = await bench.run(IMAGE, joined({ n: 2, keeps: '10.77.0.3' }))
  for (const container of [kept, other]) await bench.do('promote', { container, restart: 'unless-stopped' })
  const before = await bench.seen(kept, ({ state }) => state === 'running')
  await host.restart(how)
  const after = await bench.seen(kept, (c) => c.state === 'running' && c.startedAt !== before.startedAt)
  await bench.seen(other, ({ state }) => state === 'running')
  expect(await addressOf(kept)).toBe(KEPT)
  expect(await addressOf(other)).toBe('10.77.0.3')
  expect(after.addresses).toEqual({ [network]: KEPT })
})

test('O6 a network that was deleted and made again is joined at the same address, running or stopped', async () => {
  const running = await bench.run(IMAGE, joined({ n: 1, keeps: KEPT }))
  const stopped = await bench.run(IMAGE, joined({ n: 2, keeps: '10.77.0.3' }))
  await bench.do('stop', { container: stopped, graceMs: 1_000 })
  await docker.getNetwork(network).disconnect({ Container: running, Force: true })
  await docker.getNetwork(network).remove()
  await bench.do('create-network', { network, internal: false, subnet: SMALL })
  // One that is stopped still names the network that is gone: it is joined to none.
  expect((await bench.find(running))?.attached).toEqual({})
  expect((await bench.find(stopped))?.attached).toEqual({})
  for (const [container, address] of [
    [running, KEPT],
    [stopped, '10.77.0.3'],
  ] as const) {
    await bench.do('attach', { container, network, aliases: ['web'], address })
    await bench.do('start', { container })
    expect(await addressOf(container)).toBe(address)
  }
})

test('a container in the network of another one loses it when that one is started again, until its own next start', async () => {
  const main = await bench.run(IMAGE, joined({ n: 1, keeps: KEPT }))
  const side = await bench.run(IMAGE, { n: 2, args: { service: 'side', networkOf: main } })
  expect(await interfaces(side)).toEqual(['eth0', 'lo'])
  await docker.getContainer(main).restart({ t: 0 })
  expect(await interfaces(side)).toEqual(['lo'])
  const [provider, found] = [await bench.find(main), await bench.find(side)]
  expect(provider?.startedMs ?? 0).toBeGreaterThan(found?.startedMs ?? Number.NaN)
  await bench.do('stop', { container: side, graceMs: 0 })
  await bench.do('start', { container: side })
  expect(await interfaces(side)).toEqual(['eth0', 'lo'])
})

async function interfaces(container: string): Promise<string[]> {
  const Cmd = ['sh', '-c', 'ls /sys/class/net']
  const started = await docker.getContainer(container).exec({ Cmd, AttachStdout: true, Tty: true })
  let text = ''
  for await (const chunk of await started.start({ Tty: true })) text += chunk
  return text.trim().split(/\s+/).sort()
}
