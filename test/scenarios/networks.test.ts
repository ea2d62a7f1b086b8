import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { contains, halves, parseAddress, parseBlock } from '../../src/model/cidr.ts'
import { freePort } from '../support/port.ts'
import { web } from './compose.ts'
import { ask, identities, type Seen, shell } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

/** Commits while Holdfast is down and resolves to what `holdfast plan` prints; then the commit is carried out. */
async function planThenDeploy(compose: unknown): Promise<string> {
  await host.stop()
  const commit = await host.commit(compose)
  const { stdout } = await host.cli('plan', host.stack)
  await host.start()
  await host.settled(commit)
  return stdout
}

async function only(): Promise<Seen> {
  const [seen, ...more] = await host.running()
  if (!seen || more.length > 0) throw new Error(`${more.length + (seen ? 1 : 0)} containers run`)
  return seen
}

async function subnetOf(network: string): Promise<string> {
  const { IPAM } = await host.docker.getNetwork(network).inspect()
  return IPAM?.Config?.[0]?.Subnet ?? ''
}

describe('addresses', () => {
  it('of replicas are in the lower half of a subnet of the pool, and are kept', async () => {
    await host.deployAsPlanned({ services: { web: web('app:1', { replicas: 2 }) } })
    const before = await host.running()
    const subnet = parseBlock(await subnetOf(`${host.stack}_default`))
    const pool = parseBlock(inject('engineAddresses'))
    if (!subnet || !pool) throw new Error('the network has no subnet')
    expect(contains(pool, subnet.base)).toBe(true)
    const [lower] = halves(subnet)
    expect(before.map(({ address }) => contains(lower, parseAddress(address) ?? -1))).toEqual([true, true])
    for (const { id } of before) await host.docker.getContainer(id).restart({ t: 0 })
    expect((await host.running()).map(({ address }) => address)).toEqual(before.map(({ address }) => address))
  })

  it('O6 a network deleted by hand is made again with its subnet, replicas are joined again, addresses kept', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    await host.deploy({ services: { web: web('app:2', { replicas: 2 }) } })
    const network = `${host.stack}_default`
    const [before, subnet] = [await host.running(), await subnetOf(network)]
    const [kept] = (await host.containers()).filter(({ state }) => state === 'exited')
    for (const { id } of before) await host.docker.getNetwork(network).disconnect({ Container: id, Force: true })
    await host.docker.getNetwork(network).remove()
    const addresses = async () => (await host.running()).map(({ address }) => address)
    await host.cli('sync', host.stack)
    await host.eventually(async () => !(await addresses()).includes(''), 'both replicas to be joined again')
    expect(await addresses()).toEqual(before.map(({ address }) => address))
    expect(identities(await host.running())).toEqual(identities(before))
    expect(await subnetOf(network)).toBe(subnet)
    expect(await Promise.all((await host.running()).map((seen) => ask(seen)))).toEqual(['app:2', 'app:2'])

    // What was kept stopped meanwhile can still be gone back to.
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    expect((await host.running()).map(({ id }) => id)).toContain(kept?.id)
    expect(await Promise.all((await host.running()).map((seen) => ask(seen)))).toEqual(['app:1', 'app:1'])
  })

  it('R20 a fixed address: stop-first, the plan said so, and it comes back after a rollback', async () => {
    const start = `10.${100 + (process.pid % 100)}.240`
    const stack = (image: string) => ({
      services: { web: web(image, { networks: { inner: { ipv4_address: `${start}.10` } } }) },
      networks: { inner: { ipam: { config: [{ subnet: `${start}.0/24` }] } } },
    })
    await host.deployAsPlanned(stack('app:1'))
    expect((await only()).address).toBe(`${start}.10`)
    expect(await planThenDeploy(stack('app:2'))).toContain(`brief downtime: web has the fixed address ${start}.10`)
    const second = await only()
    expect([second.address, await ask(second)]).toEqual([`${start}.10`, 'app:2'])
    const bad = await host.deploy(stack('app:exits'))
    expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    const back = await only()
    expect([back.id, back.address, await ask(back)]).toEqual([second.id, `${start}.10`, 'app:2'])
  })
})

describe('names', () => {
  it('R20 container_name: stop-first, the plan said so, and the name comes back after a rollback', async () => {
    const name = `the-${host.stack}`
    const stack = (image: string) => ({ services: { web: web(image, { container_name: name }) } })
    await host.deployAsPlanned(stack('app:1'))
    const first = await only()
    expect(first.name).toBe(name)
    expect(await planThenDeploy(stack('app:2'))).toContain(`brief downtime: web is called ${name} (container_name)`)
    const second = await only()
    expect([second.name, await ask(second)]).toEqual([name, 'app:2'])
    expect((await host.containers()).find(({ id }) => id === first.id)?.name).toMatch(`${host.stack}-web-1-`)

    const bad = await host.deploy(stack('app:exits'))
    expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    const back = await only()
    expect([back.id, back.name, await ask(back)]).toEqual([second.id, name, 'app:2'])
    // The failed one's last words were found under its own name.
    const failed = host.history().find(({ kind }) => kind === 'failed')
    expect(failed?.logs.join()).toContain('giving up with 1')
  })

  it('R20 container_name of a replica that is removed by hand: the next one bears it', async () => {
    const name = `the-${host.stack}`
    await host.deploy({ services: { web: web('app:1', { container_name: name }) } })
    const first = await only()
    await host.docker.getContainer(name).remove({ force: true })
    await host.eventually(async () => (await host.running()).length === 1, 'another one')
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    const second = await only()
    expect([second.id === first.id, second.name]).toEqual([false, name])
  })

  it('R20 container_name that a stranger bears: an obstacle before the old replica is stopped, then it goes on', async () => {
    const name = `the-${host.stack}`
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const stranger = await host.docker.createContainer({ name, Image: 'app:1' })
    const commit = await host.commit({ services: { web: web('app:2', { container_name: name }) } })
    await host.eventually(async () => host.entry().status?.sync === 'Blocked', 'the block')
    expect(host.entry().status?.message).toContain(`docker rename ${name} ${name}-old`)
    expect(identities(await host.running())).toEqual(identities(before))
    await stranger.rename({ name: `${name}-old` })
    expect((await host.settled(commit)).status?.sync).toBe('Synced')
    expect((await only()).name).toBe(name)
    await stranger.remove({ force: true })
  })

  it('O9 a generated name taken by a stranger: the next number, and the stranger is not touched', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const first = await only()
    await host.stop()
    await host.docker.getContainer(first.id).remove({ force: true })
    const stranger = await host.docker.createContainer({ name: first.name, Image: 'app:unchecked' })
    await stranger.start()
    const { Id, State } = await stranger.inspect()
    await host.start()
    await host.eventually(async () => (await host.running()).length === 1, 'another one')
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    expect((await only()).name).toBe(first.name.replace(/-1$/, '-2'))
    const after = await stranger.inspect()
    expect([after.Id, after.Name, after.State.StartedAt]).toEqual([Id, `/${first.name}`, State.StartedAt])
    await stranger.remove({ force: true })
  })
})

describe('networks that are shared', () => {
  const side = {
    image: 'app:unchecked',
    command: ['sh', '-c', 'while :; do sleep 1; done'],
    network_mode: 'service:web',
  }

  const stack = (image: string) => ({ services: { web: web(image), side: web(side.image, side) } })

  it('R20 network_mode: service: stop-first with what it shares, and the plan said so', async () => {
    await host.deployAsPlanned(stack('app:1'))
    expect(await fromSide()).toBe('app:1')
    const plan = await planThenDeploy(stack('app:2'))
    expect(plan).toContain('create side.1: shares the network of web, which was replaced')
    expect(plan).toContain('brief downtime: side shares the network of web')
    expect(await fromSide()).toBe('app:2')
  })

  it('R20 network_mode: service: goes back with what it shares', async () => {
    await host.deploy(stack('app:1'))
    const failing = web('app:exits-soon', { network_mode: 'service:web' })
    const bad = await host.deploy({ services: { ...stack('app:2').services, side: failing } })
    expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(await fromSide()).toBe('app:1')
    expect((await host.running()).map(({ service }) => service)).toEqual(['side', 'web'])
  })

  it('network_mode: service: is started again, and not replaced, when what it shares was restarted by hand', async () => {
    await host.deploy(stack('app:1'))
    const before = await host.running()
    await host.docker.getContainer(before.find(({ service }) => service === 'web')?.id ?? '').restart({ t: 0 })
    const isBack = async () => (await fromSide().catch(() => '')) === 'app:1'
    await host.eventually(isBack, 'the side to be in the network again')
    expect((await host.running()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  })

  it('R20 network_mode: none has no network at all', async () => {
    await host.deployAsPlanned({ services: { lone: web('app:1', { network_mode: 'none' }) } })
    const { HostConfig, NetworkSettings } = await host.docker.getContainer((await only()).id).inspect()
    expect([HostConfig.NetworkMode, Object.keys(NetworkSettings.Networks)]).toEqual(['none', ['none']])
    expect((await host.docker.listNetworks()).some(({ Name }) => Name.startsWith(`${host.stack}_`))).toBe(false)
  })

  async function fromSide(): Promise<string> {
    const seen = (await host.running()).find(({ service }) => service === 'side')
    if (!seen) throw new Error('the side does not run')
    return await shell(host.docker, seen.id, 'wget -q -O - http://127.0.0.1:8080/')
  }
})

it('R20 a port of the host: stop-first, and the plan said so', async () => {
  const port = await freePort()
  const stack = (image: string) => ({
    services: { web: web(image, { ports: [{ target: 8080, published: port, host_ip: '127.0.0.1', mode: 'host' }] }) },
  })
  const answer = async () =>
    (await (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) })).text()).trim()
  await host.deployAsPlanned(stack('app:1'))
  expect(await answer()).toBe('app:1')
  expect(await planThenDeploy(stack('app:2'))).toContain(`brief downtime: web publishes port ${port} on the host`)
  expect(await answer()).toBe('app:2')
})
