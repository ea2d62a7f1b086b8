import { expect, onTestFinished, test } from 'vitest'
import type { EntryReport, TrafficReport } from '../../src/model/traffic.ts'
import { web } from '../scenarios/compose.ts'
import { type Host, startHost } from '../scenarios/host.ts'
import { ask } from '../support/client.ts'
import { freePort } from '../support/port.ts'
import { documented } from './schema.ts'

/** What the program prints of the target's traffic. */
async function traffic(host: Host): Promise<TrafficReport> {
  const { code, stdout } = await host.cli('routes', '--json')
  expect(code).toBe(0)
  const [target] = documented<{ targets: { traffic: TrafficReport }[] }>('routes', stdout).targets
  if (target === undefined) throw new Error('there is no target')
  return target.traffic
}

async function entryAt(port: number, host: Host): Promise<EntryReport | undefined> {
  return (await traffic(host)).gateway?.entries.find(({ name }) => name === `${port}`)
}

test('what is printed is what was sent, who took it, and who is up', async () => {
  const host = await startHost({ traffic: true })
  onTestFinished(() => host.close())
  const port = await freePort()
  await host.deploy({ services: { web: web('app:1', { replicas: 2, ports: [`${port}:8080`] }) } })
  const states = async () => (await entryAt(port, host))?.replicas.map(({ state }) => state)
  await host.eventually(async () => (await states())?.join() === 'up,up', 'both replicas to be up')

  for (let sent = 0; sent < 20; sent += 1) expect((await ask(port)).status).toBe(200)
  const { gateway, names } = await traffic(host)
  const entry = gateway?.entries.find(({ name }) => name === `${port}`)
  expect(entry).toMatchObject({ stack: host.stack, service: 'web', speaks: 'auto' })
  expect(entry?.numbers).toMatchObject({ requests: 20, errors: { answers: 0, unreached: 0, brokenOff: 0 } })
  expect(entry?.numbers.responseMs).toBeTypeOf('number')
  expect(entry?.numbers.bytesOut).toBeGreaterThan(20 * 'app:1'.length)
  const running = await host.running()
  const places = running.map(({ name, address }) => [name, address])
  expect(entry?.replicas.map(({ container, place }) => [container, place.address])).toEqual(places)
  const taken = entry?.replicas.map(({ numbers }) => numbers.requests) ?? []
  expect(taken.reduce((sum, requests) => sum + requests, 0)).toBe(20)
  expect(Math.min(...taken)).toBeGreaterThan(0)
  const joined = names?.find(({ network }) => network === `${host.stack}_default`)
  expect(joined?.found.map(({ container, address }) => [container, address])).toEqual(places)
  expect(joined?.found[0]?.names).toContain('web')

  // Without Holdfast nobody puts right what happens now.
  await host.stop()
  const [gone] = running
  await host.docker.getContainer(gone?.id ?? '').stop({ t: 0 })
  await host.eventually(async () => (await states())?.join() === 'down,up', 'the stopped one to be down')
  expect((await ask(port)).status).toBe(200)
  const { stdout } = await host.cli('routes', host.stack)
  expect(stdout).toMatch(
    new RegExp(`^${port} +${host.stack}/web +auto +1 of 2 up +21 req +\\d/s +\\d+ ms +0 errors$`, 'm'),
  )
  expect(stdout).toMatch(/^ {2}web\.1 {2}10\.\S+:8080 +down +0 in flight +\d+ req .* 0 errors$/m)
  expect(stdout).toMatch(/^ {2}web\.2 {2}10\.\S+:8080 +up +0 in flight +\d+ req .* 0 errors$/m)

  await host.docker.getContainer(`holdfast-i${host.stack.slice(1)}-gateway`).stop({ t: 0 })
  const without = await host.cli('routes')
  expect(without).toMatchObject({ code: 0, stdout: expect.stringContaining('The gateway does not run') })
  expect(without.stdout).toContain(`${host.stack}_default  names are asked at 10.`)
})
