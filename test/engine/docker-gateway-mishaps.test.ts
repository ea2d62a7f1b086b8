import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { ask } from '../support/client.ts'
import { type GatewayBench, portEntry, startGateway } from '../support/gateway.ts'
import { crash } from '../support/look-up.ts'
import { freePort } from '../support/port.ts'
import { type Replica, startReplica } from '../support/replica.ts'
import { until } from '../support/until.ts'

const WEB = 'shop-web-1-0a1b2c3d-1'
const BACK_WITHIN_MS = 2_000
const CONFIGURATION = '/var/lib/holdfast/haproxy.cfg'

let bench: GatewayBench
let web: Replica
let port: number
beforeEach(async () => {
  bench = await startGateway(inject('engineSocket'), 'mishaps')
  web = await startReplica('web')
  port = await freePort()
  await bench.expose([portEntry(port)])
  await bench.set(WEB, { [`${port}`]: web.place })
})
afterEach(async () => {
  await web?.stop()
  await bench?.clear()
})

const answers = () =>
  ask(port).then(
    ({ replica }) => replica === 'web',
    () => false,
  )

/** How long nobody was answered; something has to have been wrong before. */
async function awayFor(what: string): Promise<number> {
  const begun = performance.now()
  await until(async () => !(await answers()), `${what} to have an effect`)
  await until(answers, `the gateway after ${what}`)
  return performance.now() - begun
}

async function refused(work: Promise<void>): Promise<string> {
  return await work.then(
    () => 'it was not refused',
    (error: unknown) => String(error),
  )
}

test('a port that a program has is refused by name, and everything goes on', async () => {
  const program = createServer().listen(0, '0.0.0.0')
  await once(program, 'listening')
  const address = program.address()
  const taken = typeof address === 'object' && address ? address.port : 0
  const words = await refused(bench.expose([portEntry(port), portEntry(taken)]))
  expect(words).toContain(`cannot listen on port ${taken}`)
  expect(words).toContain('a program on the host has it')
  expect(await bench.look()).toMatchObject({ running: true, entries: [portEntry(port)] })
  expect(await answers()).toBe(true)
  program.close()
  await once(program, 'close')
  await bench.expose([portEntry(port), portEntry(taken)])
  expect((await bench.look()).entries).toHaveLength(2)
})

test('a port that a program took while it was down costs the others nothing, and comes back when it is free', async () => {
  const stolen = await freePort()
  await bench.expose([portEntry(port), portEntry(stolen)])
  await bench.docker.getContainer(bench.name).stop({ t: 0 })
  const program = createServer().listen(stolen, '0.0.0.0')
  await once(program, 'listening')
  await bench.docker.getContainer(bench.name).start()
  await until(answers, 'the gateway after its restart')
  expect((await bench.look()).running).toBe(false)
  expect(await refused(bench.gateway.run(bench.context()))).toContain(`cannot listen on port ${stolen}`)
  expect(await answers()).toBe(true)
  program.close()
  await once(program, 'close')
  await bench.gateway.run(bench.context())
  expect(await bench.look()).toMatchObject({ running: true, listed: { [WEB]: { [`${port}`]: web.place } } })
  expect((await ask(stolen)).status).toBe(503)
  expect(await answers()).toBe(true)
})

test('an address that the host does not have is refused, and everything goes on', async () => {
  const strange = portEntry(await freePort(), { address: '192.0.2.1' })
  expect(await refused(bench.expose([portEntry(port), strange]))).toContain('goes on with those it had')
  expect(await bench.look()).toMatchObject({ running: true, entries: [portEntry(port)] })
  expect(await answers()).toBe(true)
  const other = await freePort()
  await bench.expose([portEntry(port), portEntry(other)])
  await bench.docker.getContainer(bench.name).restart({ t: 0 })
  await until(answers, 'the gateway after its restart')
  expect((await bench.look()).entries).toHaveLength(2)
})

test('a certificate that is none is refused, and everything goes on', async () => {
  const at = { kind: 'route' as const, host: 'shop.example.com', path: '/', certificate: 'c0ffee' }
  const route = { name: 'shop.example.com/', service: 'web', at, speaks: 'http' as const }
  const words = await refused(bench.expose([portEntry(port), route], { c0ffee: btoa('no certificate') }))
  expect(words).toContain('goes on with what it had')
  expect(await bench.look()).toMatchObject({ running: true, entries: [portEntry(port)] })
  expect(await answers()).toBe(true)
})

test('T9 killed, it is back in a moment with all it had, by itself', async () => {
  await bench.expose([portEntry(port), portEntry(await freePort())])
  const { Id } = await bench.docker.getContainer(bench.name).inspect()
  const gone = awayFor('the kill')
  crash(Id)
  expect(await gone).toBeLessThan(BACK_WITHIN_MS)
  await until(async () => (await bench.look()).running, 'the gateway to show what it has')
  expect(await bench.look()).toMatchObject({ running: true, listed: { [WEB]: { [`${port}`]: web.place } } })
})

test('T10 a configuration that was changed by hand is known for it, and put right', async () => {
  await bench.exec('sed', '-i', 's/leastconn/first/; s/timeout connect 5s/timeout connect 6s/', CONFIGURATION)
  expect(await bench.look()).toMatchObject({ running: false, entries: [], listed: {} })
  await bench.gateway.run(bench.context())
  expect(await bench.look()).toMatchObject({ running: true, entries: [portEntry(port)] })
  expect(await bench.exec('cat', CONFIGURATION)).not.toMatch(/balance first|connect 6s/)
})

test('T10 with a configuration of rubbish it comes up with the last good one', async () => {
  await bench.exec('sh', '-c', `echo rubbish >${CONFIGURATION}`)
  expect((await bench.look()).running).toBe(false)
  await bench.docker.getContainer(bench.name).restart({ t: 0 })
  await until(answers, 'the gateway after its restart')
  expect((await bench.look()).running).toBe(true)
})

test('T10 removed, it is back with all it had as soon as it is run', async () => {
  await bench.docker.getContainer(bench.name).remove({ force: true })
  expect(await bench.look()).toMatchObject({ running: false })
  await bench.gateway.run(bench.context())
  expect(await answers()).toBe(true)
  expect(await bench.look()).toMatchObject({ running: true, listed: { [WEB]: { [`${port}`]: web.place } } })
})

test('servers that somebody changed in the running process are known for it, and put right', async () => {
  const path = (
    await bench.exec('sh', '-c', `sed -n 's/^backend \\(shop:[^:]*:http\\) .*/\\1/p' ${CONFIGURATION}`)
  ).trim()
  const command = `echo "@1 set server ${path}/${WEB} state maint" | socat - UNIX-CONNECT:/run/holdfast/master.sock`
  await bench.exec('sh', '-c', command)
  expect(await answers()).toBe(false)
  expect((await bench.look()).running).toBe(false)
  await bench.gateway.run(bench.context())
  expect(await answers()).toBe(true)
})

test('a reload that was cut off does not outlive a restart', async () => {
  const cut = `cd /var/lib/holdfast && : >unproven && sed -i 's/bind 0.0.0.0:${port}/bind 192.0.2.1:${port}/' haproxy.cfg`
  await bench.exec('sh', '-c', cut)
  await bench.docker.getContainer(bench.name).restart({ t: 0 })
  await until(answers, 'the gateway after its restart')
  expect(await bench.look()).toMatchObject({ running: true, entries: [portEntry(port)] })
})
