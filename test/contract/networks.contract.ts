import { describe, expect, test } from 'vitest'
import type { Subnet } from '../../src/model/stack.ts'
import type { Bench } from './world.ts'

let subnets = 0

/** A subnet of this process's own: several suites may run on one engine at once. */
export function freshSubnet(): Required<Subnet> {
  const start = `10.${100 + (process.pid % 100)}.${++subnets}`
  return { subnet: `${start}.0/24`, range: `${start}.128/25`, gateway: `${start}.1` }
}

const refused = { name: 'StepFailed', fault: 'platform' }

/** What every Engine must do about addresses, names and networks that are shared. */
export function networkContract(make: () => Bench): void {
  /** A network of the bench's stack with a subnet. */
  async function network(bench: Bench, subnet = freshSubnet()): Promise<{ network: string; subnet: Subnet }> {
    const name = `${bench.stack}_n${subnets}`
    await bench.do('create-network', { network: name, internal: false, subnet })
    return { network: name, subnet }
  }

  const joined = (name: string) => ({ networks: [{ network: name, aliases: ['web'] }] })

  describe('a network with a subnet', () => {
    test('shows it, among those in use as well', async () => {
      const bench = make()
      const { network: name, subnet } = await network(bench)
      const { networks, subnets: used } = await bench.look()
      expect(networks).toEqual([{ name, ours: true, subnet }])
      expect(used).toContain(subnet.subnet)
    })

    test('that overlaps with another one is refused as trouble of the platform', async () => {
      const bench = make()
      const { subnet } = await network(bench)
      const within = { network: `${bench.stack}_other`, internal: false, subnet: { subnet: subnet.range ?? '' } }
      await expect(bench.do('create-network', within)).rejects.toMatchObject(refused)
      expect((await bench.look()).networks.length).toBe(1)
    })
  })

  describe('an address that a container keeps', () => {
    test('is shown before and after its start', async () => {
      const bench = make()
      const { network: name, subnet } = await network(bench)
      const address = (subnet.gateway ?? '').replace(/\.1$/, '.7')
      const container = await bench.create(bench.world.images.bare, {
        config: joined(name),
        args: { addresses: { [name]: address } },
      })
      const created = { addresses: { [name]: address }, attached: { [name]: { aliases: ['web'], address } } }
      expect(await bench.find(container)).toMatchObject(created)
      await bench.do('start', { container })
      expect(await bench.find(container)).toMatchObject({ ...created, state: 'running' })
    })

    test('comes back when it is joined again', async () => {
      const bench = make()
      const { network: name, subnet } = await network(bench)
      const address = (subnet.gateway ?? '').replace(/\.1$/, '.7')
      const container = await bench.run(bench.world.images.bare, {
        config: joined(name),
        args: { addresses: { [name]: address } },
      })
      for (const _ of [1, 2]) await bench.do('detach', { container, network: name })
      expect((await bench.find(container))?.attached).toEqual({})
      for (const _ of [1, 2]) await bench.do('attach', { container, network: name, aliases: ['web'], address })
      expect((await bench.find(container))?.attached).toEqual({ [name]: { aliases: ['web'], address } })
    })
  })

  describe('a container that bears another name', () => {
    const aliasOf = (bench: Bench) => `${bench.stack}-the-shop`

    test('is known by its own, is found by it for every step, and gets it back', async () => {
      const bench = make()
      const alias = aliasOf(bench)
      const container = await bench.create(bench.world.images.exits7, { args: { alias } })
      expect(await bench.find(container)).toMatchObject({ actualName: container, alias })
      for (const _ of [1, 2]) await bench.do('rename', { container, to: alias })
      expect(await bench.find(container)).toMatchObject({ name: container, actualName: alias })
      expect((await bench.look({ names: [alias] })).takenNames).toEqual([])

      await bench.do('start', { container })
      await bench.seen(container, ({ state }) => state === 'exited')
      expect((await bench.world.engine.logs(container, 10)).length).toBeGreaterThan(0)
      await bench.do('promote', { container, restart: 'on-failure:1' })
      expect((await bench.find(container))?.restart).toBe('on-failure:1')
      for (const _ of [1, 2]) await bench.do('rename', { container, to: container })
      expect(await bench.find(container)).toMatchObject({ actualName: container, alias })
    })

    test('can be removed while it bears it', async () => {
      const bench = make()
      const container = await bench.run(bench.world.images.bare, { args: { alias: aliasOf(bench) } })
      await bench.do('rename', { container, to: aliasOf(bench) })
      await bench.do('remove', { container })
      expect((await bench.look()).containers).toEqual([])
    })

    test('is told of by its own name', async () => {
      const bench = make()
      const told: string[] = []
      const watching = new AbortController()
      const { engine, images, until } = bench.world
      engine.watch(
        { onEvent: (event) => told.push(`${event.action} ${event.container}`), onGap: () => {} },
        watching.signal,
      )
      let n = 20
      await until(async () => {
        await bench.create(images.bare, { n: ++n })
        return told.length > 0
      }, 'the first event')
      const container = await bench.run(images.bare, { args: { alias: aliasOf(bench) } })
      await bench.do('rename', { container, to: aliasOf(bench) })
      await bench.do('stop', { container, graceMs: 1_000 })
      await until(async () => told.includes(`die ${container}`), 'the die event')
      watching.abort()
    })

    test('does not get one that somebody has, whoever it is', async () => {
      const bench = make()
      const [one, two] = [
        await bench.create(bench.world.images.bare),
        await bench.create(bench.world.images.bare, { n: 2 }),
      ]
      await expect(bench.do('rename', { container: one, to: two })).rejects.toMatchObject(refused)
      expect(await bench.find(one)).toMatchObject({ actualName: one })
    })

    test('of another stack is told as taken when it is asked for', async () => {
      const bench = make()
      const container = await bench.create(bench.world.images.bare)
      const query = { stack: `${bench.stack}x`, images: [], networks: [], volumes: [] }
      const { engine } = bench.world
      expect((await engine.observe(query)).takenNames).toEqual([])
      expect((await engine.observe({ ...query, names: [container] })).takenNames).toEqual([container])
    })
  })

  describe('a container that uses the network of another one', () => {
    const SIDE = { n: 2, args: { service: 'side' } }

    async function pair(bench: Bench): Promise<{ main: string; side: string }> {
      const main = await bench.run(bench.world.images.bare)
      const side = await bench.create(bench.world.images.bare, { ...SIDE, args: { ...SIDE.args, networkOf: main } })
      return { main, side }
    }

    test('shows whose, by id, and starts while that one runs', async () => {
      const bench = make()
      const { main, side } = await pair(bench)
      await bench.do('start', { container: side })
      const provider = await bench.find(main)
      expect(await bench.find(side)).toMatchObject({ networkOf: provider?.id, attached: {}, state: 'running' })
      expect(provider?.networkOf).toBe('')
    })

    test('does not start while that one is down: trouble of the platform', async () => {
      const bench = make()
      const { main, side } = await pair(bench)
      await bench.do('stop', { container: main, graceMs: 1_000 })
      await expect(bench.do('start', { container: side })).rejects.toMatchObject(refused)
      await bench.do('start', { container: main })
      await bench.do('start', { container: side })
      const [provider, found] = [await bench.find(main), await bench.find(side)]
      expect(found?.startedMs ?? 0).toBeGreaterThanOrEqual(provider?.startedMs ?? Number.NaN)
    })

    test('cannot be created when that one is gone: trouble of the platform', async () => {
      const bench = make()
      const args = { service: 'side', networkOf: bench.name(9) }
      await expect(bench.create(bench.world.images.bare, { args })).rejects.toMatchObject(refused)
    })
  })
}
