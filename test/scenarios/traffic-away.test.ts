import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { LABEL } from '../../src/model/labels.ts'
import { appImage } from '../support/app.ts'
import { ask } from '../support/client.ts'
import { startPrivateEngine } from '../support/docker.ts'
import { crash, lookUpIn } from '../support/look-up.ts'
import { freePort } from '../support/port.ts'
import { ensureTrafficImage } from '../support/traffic-image.ts'
import { web } from './compose.ts'
import { shell } from './engine.ts'
import { type Host, startHost } from './host.ts'
import { backAfter, visit } from './visitors.ts'

const BACK_WITHIN_MS = 2_000
const CONFIGURATION = '/var/lib/holdfast/haproxy.cfg'

const open: { close(): unknown }[] = []
let host: Host
let port: number
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** Two replicas behind a port, and one that looks them up. */
async function deployed(at: { socket: string; addresses: string } | null = null): Promise<void> {
  host = await startHost({ traffic: true, ...at })
  open.push(host)
  port = await freePort()
  const { status } = await host.deploy(stack('app:1'))
  expect(status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  expect(await answers()).toBe(true)
  expect(await isFound()).toBe(true)
}

const stack = (image: string) => ({
  services: {
    web: web(image, { replicas: 2, ports: [`${port}:8080`] }),
    asking: web('app:1'),
  },
})
const answers = () => ask(port).then(({ status }) => status === 200)

async function isFound(): Promise<boolean> {
  const running = await host.running()
  const asking = running.find(({ service }) => service === 'asking')
  const found = await lookUpIn(asking?.id ?? '', ['web'])
  const known = running.filter(({ service }) => service === 'web').map(({ address }) => address)
  return JSON.stringify(found['web']?.a) === JSON.stringify(known.sort())
}

/** The container of ours with that role. */
async function ours(role: 'gateway' | 'names') {
  const instance = host.containers().then(([one]) => one?.id ?? '')
  const { Config } = await host.docker.getContainer(await instance).inspect()
  const name = `holdfast-${Config.Labels[LABEL.instance]}-${role}`
  const container = host.docker.getContainer(name)
  return { container, ...(await container.inspect()) }
}

/** Milliseconds by the engine's clock from `since` until the names that were gone ran again. */
async function namesBackAfter(since: number): Promise<number> {
  let startedAt = ''
  await host.eventually(async () => {
    const seen = await ours('names').catch(() => null)
    startedAt = seen?.State.Running ? seen.State.StartedAt : ''
    return Date.parse(startedAt) > since
  }, 'the names to run again')
  await host.eventually(isFound, 'the names to know who is where')
  return Date.parse(startedAt) - since
}

it('T9 gateway and names that are killed while Holdfast is down are back at once', async () => {
  await deployed()
  await host.stop()
  crash((await ours('gateway')).Id)
  await host.eventually(async () => !(await answers().catch(() => false)), 'the kill to be felt')
  expect(await backAfter(answers)).toBeLessThan(BACK_WITHIN_MS)
  const names = await ours('names')
  const since = Date.now()
  crash(names.Id)
  expect(await namesBackAfter(since)).toBeLessThan(BACK_WITHIN_MS)
})

it('T10 names that are removed are back at once', async () => {
  await deployed()
  const names = await ours('names')
  const since = Date.now()
  await names.container.remove({ force: true })
  expect(await namesBackAfter(since)).toBeLessThan(BACK_WITHIN_MS)
})

it('T10 a gateway that is removed, or whose configuration is changed by hand, is back at once', async () => {
  await deployed()
  const first = await ours('gateway')
  await first.container.remove({ force: true })
  expect(await backAfter(answers)).toBeLessThan(BACK_WITHIN_MS)

  const { Id, container } = await ours('gateway')
  await shell(host.docker, Id, `echo rubbish >${CONFIGURATION}`)
  expect(await answers()).toBe(true)
  await container.restart({ t: 0 })
  expect(await backAfter(answers)).toBeLessThan(BACK_WITHIN_MS)
  const isRight = async () => /leastconn/.test(await shell(host.docker, Id, `cat ${CONFIGURATION}`))
  await host.eventually(isRight, 'the configuration')

  // One that is valid and leads nowhere, taken over by a restart.
  await shell(host.docker, Id, `cp /usr/local/bin/gateway-empty.cfg ${CONFIGURATION}`)
  await container.restart({ t: 0 })
  expect(await backAfter(answers)).toBeLessThan(BACK_WITHIN_MS)
})

it('T11 containers that crash while Holdfast is down are started again, and those that answer are led to', async () => {
  await deployed()
  await host.stop()
  const [first, second] = (await host.running()).filter(({ service }) => service === 'web')
  const visitors = visit(port)
  const inAnHour = async (id = '') => {
    const before = (await host.docker.getContainer(id).inspect()).State.StartedAt
    crash(id)
    await host.eventually(async () => {
      const { State } = await host.docker.getContainer(id).inspect()
      return State.StartedAt !== before && State.Health?.Status === 'healthy'
    }, 'the engine to start it again')
  }
  await inAnHour(first?.id)
  await inAnHour(second?.id)
  await sleep(2_000)
  await visitors.end()
  // At each crash one request may have been with the one that crashed.
  expect(visitors.failures().length).toBeLessThanOrEqual(2)
  expect(visitors.visits.length).toBeGreaterThan(40)
  const last = visitors.visits.slice(-20)
  expect(last.map(({ failure }) => failure)).toEqual(last.map(() => ''))
  expect(await isFound()).toBe(true)
  await host.start()
  await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
  const now = (await host.running()).filter(({ service }) => service === 'web')
  expect(now.map(({ id }) => id)).toEqual([first?.id, second?.id])
})

it('C8 after a reboot gateway, names and replicas are right before Holdfast is up', async () => {
  const engine = await startPrivateEngine()
  open.push({ close: () => engine.stop() })
  await appImage(engine.socket, 'app:1', { kind: 'good' })
  await ensureTrafficImage(engine.socket)
  await deployed(engine)
  const before = await host.running()
  await host.kill()
  await engine.restart('reboot')
  await host.eventually(() => answers().catch(() => false), 'the gateway to lead to a replica')
  await host.eventually(async () => (await host.running()).length === before.length, 'every replica')
  await host.eventually(isFound, 'the names')
  const visitors = visit(port)
  await sleep(2_000)
  expect((await host.running()).map(({ id, address }) => [id, address])).toEqual(
    before.map(({ id, address }) => [id, address]),
  )
  await host.start()
  await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
  await visitors.end()
  expect(visitors.failures()).toEqual([])
  expect((await host.running()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
})
