import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { ask, openLine, UPGRADE } from '../support/client.ts'
import { type GatewayBench, portEntry, startGateway } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { type Replica, startReplica, startTcpReplica } from '../support/replica.ts'
import { until } from '../support/until.ts'

const OLD = 'shop-web-1-0a1b2c3d-1'
const NEW = 'shop-web-1-0a1b2c3d-2'

let bench: GatewayBench
let port: number
let replicas: Replica[]
beforeAll(async () => {
  bench = await startGateway(inject('engineSocket'), 'gateway')
})
afterAll(() => bench?.clear())
beforeEach(async () => {
  port = await freePort()
  replicas = []
})
afterEach(async () => {
  for (const stack of ['shop', 'blog']) {
    for (const container of Object.keys((await bench.look(stack)).listed)) await bench.set(container, null, stack)
    await bench.expose([], {}, stack)
  }
  for (const replica of replicas) await replica.stop()
})

async function replica(name: string): Promise<Replica> {
  const started = await startReplica(name)
  replicas.push(started)
  return started
}

const to = ({ place }: Replica, ...ports: number[]) => Object.fromEntries(ports.map((at) => [`${at}`, place]))
const reached = async (container: string) => (await bench.look()).reached[container]

test('what is admitted is sent requests, and what is withdrawn is not', async () => {
  const web = await replica('web')
  await bench.expose([portEntry(port)])
  expect(await bench.look()).toMatchObject({ running: true, entries: [portEntry(port)], listed: {} })
  await bench.set(OLD, to(web, port))
  expect((await ask(port)).replica).toBe('web')
  expect((await bench.look()).listed).toEqual({ [OLD]: to(web, port) })
  await until(async () => (await reached(OLD))?.up.includes(`${port}`) ?? false, 'the check of the gateway')
  await bench.set(OLD, null)
  await bench.set(OLD, null)
  expect((await ask(port)).replica).toBe('')
  expect((await bench.look()).listed).toEqual({})
})

test('T6 without a replica there is a page at once, and no waiting', async () => {
  await bench.expose([portEntry(port)])
  const begun = performance.now()
  const { status, body } = await ask(port)
  expect(performance.now() - begun).toBeLessThan(100)
  expect(status).toBe(503)
  expect(body).toContain('No replica of this service is ready')
})

test('a replica that nothing listens in is listed, but not reached', async () => {
  const web = await replica('web')
  await web.stop()
  await bench.expose([portEntry(port)])
  await bench.set(OLD, to(web, port))
  await sleep(1_500)
  expect(await reached(OLD)).toEqual({ up: [], inFlight: 0 })
})

test.each(['at once', 'after a reload'])(
  'a request that is under way when its replica leaves ends well, %s',
  async (when) => {
    const [old, young] = [await replica('old'), await replica('new')]
    await bench.expose([portEntry(port)])
    await bench.set(OLD, to(old, port))
    const slow = ask(port, '/held')
    await until(async () => (await reached(OLD))?.inFlight === 1, 'the request to arrive')
    if (when === 'after a reload') await bench.expose([portEntry(port), portEntry(await freePort())])
    await bench.set(NEW, to(young, port))
    await bench.set(OLD, null)
    expect(await reached(OLD)).toMatchObject({ inFlight: 1 })
    for (let n = 0; n < 5; n++) expect((await ask(port)).replica).toBe('new')
    old.release()
    old.release()
    expect((await slow).replica).toBe('old')
    await until(async () => ((await reached(OLD))?.inFlight ?? 0) === 0, 'the request to be over')
    expect(old.executed).toEqual(['GET /held'])
  },
)

test('a replica that has nothing to do yet is sent no more than its turn', async () => {
  const [old, young] = [await replica('old'), await replica('new')]
  await bench.expose([portEntry(port)])
  await bench.set(OLD, to(old, port))
  const held = [ask(port, '/held'), ask(port, '/held'), ask(port, '/held')]
  await until(async () => (await reached(OLD))?.inFlight === 3, 'the requests to arrive')
  await bench.set(NEW, to(young, port))
  const answered: string[] = []
  for (let n = 0; n < 10; n++) answered.push((await ask(port)).replica)
  expect(answered.filter((name) => name === 'new').length).toBe(5)
  old.release()
  await Promise.all(held)
})

test('looks and changes share one shell in its container, which goes when nobody asks', async () => {
  const shells = async () => (await bench.docker.getContainer(bench.name).inspect()).ExecIDs?.length ?? 0
  for (let n = 0; n < 3; n++) {
    await bench.expose(n % 2 === 0 ? [portEntry(port)] : [])
    await bench.look()
  }
  expect(await shells()).toBe(1)
  await until(async () => (await shells()) === 0, 'the shell to go', 15_000)
  expect((await bench.look()).running).toBe(true)
})

test('what goes on for long elsewhere is not disturbed by the changes of another stack', async () => {
  const web = await replica('web')
  const database = await startTcpReplica('')
  replicas.push(database)
  const raw = await freePort()
  await bench.expose([portEntry(port), portEntry(raw, { speaks: 'tcp' })])
  await bench.set(OLD, { ...to(web, port), ...to(database, raw) })
  const socket = await openLine(port)
  socket.say(UPGRADE)
  await socket.hear(/101 Switching/)
  const line = await openLine(raw)
  line.say('one')
  await line.hear(/one/)
  for (let n = 1; n <= 3; n++) {
    await bench.expose([portEntry(await freePort())], {}, 'blog')
    await bench.set(`blog-web-1-0a1b2c3d-${n}`, {}, 'blog')
    socket.say(`still here ${n}`)
    line.say(`and here ${n}`)
    await socket.hear(new RegExp(`still here ${n}`))
    await line.hear(new RegExp(`and here ${n}`))
  }
  expect([socket.isOpen(), line.isOpen(), database.executed.length]).toEqual([true, true, 1])
  socket.socket.destroy()
  line.socket.destroy()
})

test('a connection that a client keeps reaches the new replica, although the gateway was loaded anew', async () => {
  const [old, young] = [await replica('old'), await replica('new')]
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  await bench.expose([portEntry(port)])
  await bench.set(OLD, to(old, port))
  expect((await ask(port, '/', { agent })).replica).toBe('old')
  await bench.expose([portEntry(port), portEntry(await freePort())])
  await bench.set(NEW, to(young, port))
  await bench.set(OLD, null)
  await old.stop()
  expect(await ask(port, '/', { agent })).toMatchObject({ replica: 'new', reused: true })
  expect((await ask(port, '/', { agent })).replica).toBe('new')
  agent.destroy()
})

test('a request that may have been executed is not sent again', async () => {
  const [one, two] = [await replica('one'), await replica('two')]
  await bench.expose([portEntry(port)])
  await bench.set(OLD, to(one, port))
  await bench.set(NEW, to(two, port))
  for (let n = 0; n < 4; n++) expect((await ask(port, '/die', { method: 'POST', body: 'x' })).status).toBe(502)
  expect([...one.executed, ...two.executed]).toHaveLength(4)
})

test('a request that did not reach its replica is sent to another one', async () => {
  const [one, two] = [await replica('one'), await replica('two')]
  await bench.expose([portEntry(port)])
  await bench.set(OLD, to(one, port))
  await bench.set(NEW, to(two, port))
  await until(async () => (await reached(NEW))?.up.length === 1, 'the checks')
  await one.stop()
  for (let n = 0; n < 6; n++) expect((await ask(port, '/', { method: 'POST', body: 'x' })).replica).toBe('two')
  expect(two.executed).toHaveLength(6)
})

test('changes that come together are all carried out, but for those that cannot be', async () => {
  const web = await replica('web')
  const other = await freePort()
  await bench.expose([portEntry(port)])
  const names = [1, 2, 3, 4, 5].map((n) => `shop-web-${n}-0a1b2c3d-1`)
  const [clash] = await Promise.all([
    bench.expose([portEntry(port, { address: '127.0.0.1' })], {}, 'blog').catch((error: unknown) => error),
    ...names.map((name) => bench.set(name, to(web, port))),
    bench.expose([portEntry(port), portEntry(other)]),
  ])
  expect(String(clash)).toContain(`port ${port} of the stack shop`)
  const found = await bench.look()
  expect(Object.keys(found.listed)).toEqual(names)
  expect(found.entries.map(({ name }) => name).sort()).toEqual([`${port}`, `${other}`].sort())
  expect((await bench.look('blog')).takenEntries).toEqual({ [port]: 'stack shop', [other]: 'stack shop' })
})
