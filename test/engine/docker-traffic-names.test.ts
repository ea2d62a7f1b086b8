import Docker from 'dockerode'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openConnection } from '../../src/engine/docker/client.ts'
import { openCredentials } from '../../src/engine/docker/credentials/credentials.ts'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { PullContext } from '../../src/engine/docker/pull.ts'
import { openNames } from '../../src/engine/docker/traffic/names.ts'
import type { EngineEvent } from '../../src/engine/engine.ts'
import { Bench } from '../contract/world.ts'
import { appImage } from '../support/app.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { type Answer, crash, loadIn, lookUpIn } from '../support/look-up.ts'
import { ensureTrafficImage } from '../support/traffic-image.ts'
import { until } from '../support/until.ts'

const IMAGE = 'live/bare:1'
const INSTANCE = 'lookups'
const NAMES = `holdfast-${INSTANCE}-names`
/** Of a bridge that only the test's own name server listens on: nothing has to be forwarded to reach it. */
const UPSTREAM = { network: 'upstream', subnet: '10.78.255.0/29', address: '10.78.255.1' }
const NOBODY: Answer = { a: ['ENOTFOUND'], aaaa: ['ENOTFOUND'] }

let host: PrivateEngine
let docker: Docker
let upstream: DnsServer
let context: PullContext
let bench: Bench
const names = openNames({ image: 'holdfast-traffic:test' })

beforeAll(async () => {
  host = await startPrivateEngine({ args: ['--dns', UPSTREAM.address] })
  docker = new Docker({ socketPath: host.socket })
  await ensureTrafficImage(host.socket)
  await appImage(host.socket, IMAGE, { kind: 'no-healthcheck' })
  await docker.createNetwork({
    Name: UPSTREAM.network,
    IPAM: { Driver: 'default', Config: [{ Subnet: UPSTREAM.subnet }] },
  })
  upstream = await startDnsServer(UPSTREAM.address, { 'shop.example.com': '192.0.2.7' })
  const client = await openConnection({ kind: 'unix', path: host.socket }).client()
  const limits = { pullTimeoutMs: 10_000, resolveTimeoutMs: 10_000 }
  context = {
    ...client,
    ...limits,
    instance: INSTANCE,
    isHere: true,
    traffic: null,
    credentials: openCredentials(null),
  }
})
afterAll(async () => {
  upstream?.stop()
  await docker?.getNetwork(UPSTREAM.network).remove()
  await host?.stop()
})

/** Networks of the test, by number; they go at its end, and the names with them. */
let networks: Set<string>
beforeEach(async ({ onTestFinished }) => {
  const images = { good: IMAGE, bare: IMAGE, turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
  const engine = dockerEngine({ socketPath: host.socket, instance: INSTANCE })
  bench = new Bench({ engine, images, until, cleanup: async () => {} })
  networks = new Set()
  await names.run(context)
  onTestFinished(async () => {
    for (const network of networks) await names.leave(context, network)
    await bench.clear()
    await docker.getContainer(NAMES).remove({ force: true })
    await docker.getVolume(NAMES).remove()
  })
})

const networkOf = (number: number) => `${bench.stack}_net${number}`
const asksAt = (number: number) => `10.78.${number}.62`
const keeps = (number: number, n: number) => `10.78.${number}.${10 + n}`

async function joinedNetwork(number: number): Promise<string> {
  const network = networkOf(number)
  const subnet = { subnet: `10.78.${number}.0/26`, range: `10.78.${number}.32/28`, gateway: `10.78.${number}.1` }
  networks.add(network)
  await bench.do('create-network', { network, internal: false, subnet })
  await names.join(context, { network, address: asksAt(number) })
  return network
}

/** A replica in networks of these numbers that keeps its addresses and asks the names in each. Resolves to its id. */
async function replica(n: number, numbers: number[]): Promise<string> {
  const container = await bench.run(IMAGE, {
    n,
    config: { networks: numbers.map((number) => ({ network: networkOf(number), aliases: ['web'] })) },
    args: {
      addresses: Object.fromEntries(numbers.map((number) => [networkOf(number), keeps(number, n)])),
      lookups: {
        resolvers: numbers.map(asksAt),
        names: Object.fromEntries(numbers.map((number) => [networkOf(number), ['web']])),
        gated: numbers.map(networkOf),
      },
    },
  })
  await bench.do('promote', { container, restart: 'always' })
  return (await docker.getContainer(container).inspect()).Id
}

const list = (n: number, numbers: number[], known: string[], stack = bench.stack) =>
  names.set(
    { ...context, stack },
    bench.name(n),
    Object.fromEntries(numbers.map((number) => [networkOf(number), { address: keeps(number, n), names: known }])),
  )
const unlist = (n: number) => names.set({ ...context, stack: bench.stack }, bench.name(n), null)
const look = () => names.observe(context, bench.stack)

async function answers(id: string, name: string): Promise<Answer | undefined> {
  return (await lookUpIn(id, [name]))[name]
}

async function findsWeb(id: string, address: string): Promise<boolean> {
  return (await answers(id, 'web'))?.a[0] === address
}

test('what is listed is found by every name it has, and nothing else is; all the rest is asked of the engine', async () => {
  await joinedNetwork(1)
  const asking = await replica(1, [1])
  expect(await answers(asking, 'web')).toEqual(NOBODY)
  await list(1, [1], ['web', 'my_service', 'Shop-API'])
  await list(2, [1], ['web'])
  const both = { a: [keeps(1, 1), keeps(1, 2)], aaaa: ['ENODATA'] }
  await until(async () => (await answers(asking, 'web'))?.a.length === 2, 'both replicas to be found')
  expect(
    await lookUpIn(asking, ['web', 'my_service', 'shop-api', 'nobody', 'shop.example.com', 'no.example.com']),
  ).toEqual({
    web: both,
    my_service: { a: [keeps(1, 1)], aaaa: ['ENODATA'] },
    'shop-api': { a: [keeps(1, 1)], aaaa: ['ENODATA'] },
    nobody: NOBODY,
    'shop.example.com': { a: ['192.0.2.7'], aaaa: ['ENODATA'] },
    'no.example.com': NOBODY,
  })
  // A name without a dot is nobody's but ours: the world is not told of it.
  expect(upstream.asked).not.toContain('nobody')
  await unlist(1)
  await until(async () => findsWeb(asking, keeps(1, 2)), 'the other one to be left')
  expect((await look()).listed).toEqual({
    [bench.name(2)]: { [networkOf(1)]: { address: keeps(1, 2), names: ['web'] } },
  })
})

test('a container finds what is in its own networks, and in no other', async () => {
  await joinedNetwork(1)
  await joinedNetwork(2)
  await list(5, [1], ['only-one'])
  await list(6, [2], ['only-two'])
  await list(7, [2], ['foreign'], 'another-stack')
  const [inOne, inBoth] = [await replica(1, [1]), await replica(2, [1, 2])]
  // What the engine calls a container beyond its network; the names are in that one too.
  const beyond = `${bench.name(2)}.${networkOf(2)}`
  const asked = ['only-one', 'only-two', 'foreign', beyond]
  await until(async () => (await answers(inBoth, 'foreign'))?.a[0] === keeps(2, 7), 'the last to be found')
  expect(await lookUpIn(inOne, asked)).toEqual({
    'only-one': { a: [keeps(1, 5)], aaaa: ['ENODATA'] },
    'only-two': NOBODY,
    foreign: NOBODY,
    [beyond]: NOBODY,
  })
  expect(await lookUpIn(inBoth, asked)).toMatchObject({
    'only-one': { a: [keeps(1, 5)] },
    'only-two': { a: [keeps(2, 6)] },
    foreign: { a: [keeps(2, 7)] },
    [beyond]: { a: [keeps(2, 2)] },
  })
  expect(Object.keys((await look()).listed).sort()).toEqual([bench.name(5), bench.name(6)])
})

test('T1 ten swaps under load: every single look-up is answered, and with a replica that is listed', async () => {
  await joinedNetwork(1)
  const asking = await replica(1, [1])
  await list(2, [1], ['web'])
  await until(async () => findsWeb(asking, keeps(1, 2)), 'the first replica to be found')
  const load = await loadIn(asking, ['web'])
  for (let n = 3; n < 13; n++) {
    await list(n, [1], ['web'])
    await unlist(n - 1)
    await until(async () => findsWeb(asking, keeps(1, n)), 'the next replica to be found')
  }
  const { counts, slowestMs } = await load.end()
  const failures = Object.entries(counts).filter(([answer]) => !answer.startsWith('10.78.1.'))
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  expect(failures).toEqual([])
  expect(total).toBeGreaterThan(3_000)
  expect(slowestMs).toBeLessThan(2_000)
})

test('T9 names that were killed, and one of their processes that was, are back by themselves with all they knew', async () => {
  await joinedNetwork(1)
  const asking = await replica(1, [1])
  await list(2, [1], ['web'])
  await until(async () => findsWeb(asking, keeps(1, 2)), 'the replica to be found')
  await shell('kill -9 $(cat /run/holdfast/*.pid)')
  await until(async () => findsWeb(asking, keeps(1, 2)), 'the process to be back', 3_000)
  const { Id, State } = await docker.getContainer(NAMES).inspect()
  const since = Date.now()
  crash(Id)
  const startedAt = async () => (await docker.getContainer(Id).inspect()).State.StartedAt
  await until(async () => (await startedAt()) !== State.StartedAt, 'the container to be back')
  expect(Date.parse(await startedAt()) - since).toBeLessThan(2_000)
  // Whoever asked meanwhile may wait for the engine's resolver, which gives nobody up before some seconds.
  await until(async () => findsWeb(asking, keeps(1, 2)), 'the names to know what they knew')
})

test.each(['restart', 'crash', 'reboot'] as const)(
  'after a %s of the engine names are right before anybody does a thing',
  async (how) => {
    await joinedNetwork(1)
    const asking = await replica(1, [1])
    await list(1, [1], ['web'])
    await host.restart(how)
    await until(async () => (await docker.getContainer(asking).inspect()).State.Running, 'the replica to run')
    await until(async () => findsWeb(asking, keeps(1, 1)), 'the replica to be found')
    expect((await look()).joined).toEqual({ [networkOf(1)]: asksAt(1) })
  },
)

test('T10 names that were removed are run again with all they knew; without their volume they know nothing', async () => {
  await joinedNetwork(1)
  await list(1, [1], ['web'])
  await docker.getContainer(NAMES).remove({ force: true })
  expect(await look()).toEqual({ running: false, joined: {}, listed: {} })
  await expect(list(2, [1], ['web'])).rejects.toMatchObject({ fault: 'platform' })
  await names.run(context)
  const known = {
    running: true,
    joined: { [networkOf(1)]: asksAt(1) },
    listed: { [bench.name(1)]: { [networkOf(1)]: { address: keeps(1, 1), names: ['web'] } } },
  }
  expect(await look()).toEqual(known)
  await docker.getContainer(NAMES).remove({ force: true })
  await docker.getVolume(NAMES).remove()
  await Promise.all([names.run(context), names.run(context)])
  expect(await look()).toEqual({ running: true, joined: {}, listed: {} })
  await expect(list(1, [1], ['web'])).rejects.toThrow(networkOf(1))
})

test('T10 answers that somebody changed are found out, and put right by joining again', async () => {
  await joinedNetwork(1)
  await list(1, [1], ['web'])
  const before = await look()
  await shell(`sed -i s/^10.78.1.11/10.78.1.99/ /var/lib/holdfast/hosts/${asksAt(1)}`)
  expect((await look()).joined).toEqual({})
  await names.join(context, { network: networkOf(1), address: asksAt(1) })
  expect(await look()).toEqual(before)
  await docker.getNetwork(networkOf(1)).disconnect({ Container: NAMES, Force: true })
  expect((await look()).joined).toEqual({})
  await names.join(context, { network: networkOf(1), address: asksAt(1) })
  expect(await look()).toEqual(before)
})

test('a network is left before it is removed, and one that went away while they were down does not keep them down', async () => {
  await joinedNetwork(1)
  await joinedNetwork(2)
  await names.leave(context, networkOf(1))
  await bench.do('remove-network', { network: networkOf(1) })
  expect((await look()).joined).toEqual({ [networkOf(2)]: asksAt(2) })
  await docker.getContainer(NAMES).stop({ t: 0 })
  await docker.getNetwork(networkOf(2)).disconnect({ Container: NAMES, Force: true })
  await docker.getNetwork(networkOf(2)).remove()
  await names.run(context)
  expect(await look()).toEqual({ running: true, joined: {}, listed: {} })
})

test('T10 that they come and go is told as what concerns every stack; what is done inside of them is not', async () => {
  const events: EngineEvent[] = []
  const watching = new AbortController()
  bench.world.engine.watch({ onEvent: (event) => events.push(event), onGap: () => {} }, watching.signal)
  const actions = () => events.filter(({ container }) => container === NAMES).map(({ action }) => action)
  await until(async () => {
    await docker.getContainer(NAMES).restart({ t: 0 })
    return actions().includes('start')
  }, 'the first event')
  await names.run(context)
  await look()
  events.length = 0
  await docker.getContainer(NAMES).remove({ force: true })
  await names.run(context)
  await until(async () => actions().includes('start'), 'the start')
  watching.abort()
  const told = events.filter(({ container, ofAll }) => container === NAMES && ofAll)
  expect(told.map(({ action }) => action)).toEqual(['die', 'destroy', 'start'])
  expect(told.every(({ stack, interrupts }) => stack === '' && !interrupts)).toBe(true)
  expect(actions().filter((action) => action.startsWith('exec'))).toEqual([])
})

test('what bears their name and is not ours is left alone', async () => {
  await docker.getContainer(NAMES).remove({ force: true })
  const foreign = await docker.createContainer({ name: NAMES, Image: IMAGE })
  await expect(names.run(context)).rejects.toMatchObject({ fault: 'platform', message: expect.stringContaining(NAMES) })
  expect((await foreign.inspect()).State.Status).toBe('created')
})

test('an image that can be neither found nor built is trouble of the platform, and the command to build it is told', async () => {
  await docker.getContainer(NAMES).remove({ force: true })
  const unbuilt = openNames({ image: 'holdfast-traffic:unbuilt' })
  await expect(unbuilt.run(context)).rejects.toMatchObject({
    fault: 'platform',
    message: expect.stringContaining('docker build -t holdfast-traffic:unbuilt'),
  })
  await names.run(context)
})

async function shell(command: string): Promise<void> {
  const started = await docker.getContainer(NAMES).exec({ Cmd: ['sh', '-c', command], AttachStdout: true, Tty: true })
  for await (const _ of await started.start({ Tty: true }));
}
