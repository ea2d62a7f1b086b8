import { expect, test } from 'vitest'
import type { ObservedTraffic } from '../../src/model/traffic.ts'
import { freshSubnet } from './networks.contract.ts'
import type { Bench } from './world.ts'

const refused = { name: 'StepFailed', fault: 'platform' }

/** What every Engine must do about who is found by name. */
export function namesContract(make: () => Bench): void {
  /** A network in which the names are asked for at `asked`; `kept` is for a replica. */
  async function joinedNetwork(bench: Bench): Promise<{ network: string; asked: string; kept: string; other: string }> {
    const subnet = freshSubnet()
    const at = (last: number) => subnet.gateway.replace(/\.1$/, `.${last}`)
    const network = `${bench.stack}_at${at(0)}`
    const asked = at(126)
    await bench.do('create-network', { network, internal: false, subnet })
    await bench.do('run-names', {})
    await bench.do('join-names', { network, address: asked })
    return { network, asked, kept: at(7), other: at(125) }
  }

  async function traffic(bench: Bench): Promise<ObservedTraffic> {
    const found = (await bench.look()).traffic
    if (found === null) throw new Error('the engine has no gateway and no names')
    return found
  }

  test('run when they are told to, and again without harm', async () => {
    const bench = make()
    for (const _ of [1, 2]) await bench.do('run-names', {})
    expect((await traffic(bench)).names).toBe(true)
  })

  test('are asked in a network where they joined it, at another address when told so, and leave it before it goes', async () => {
    const bench = make()
    const { network, asked, other } = await joinedNetwork(bench)
    await bench.do('join-names', { network, address: asked })
    expect((await traffic(bench)).joined[network]).toBe(asked)
    await bench.do('join-names', { network, address: other })
    expect((await traffic(bench)).joined[network]).toBe(other)
    await bench.do('remove-network', { network })
    expect((await traffic(bench)).joined).not.toHaveProperty([network])
    expect((await bench.look()).networks).toEqual([])
  })

  test('join no network that is not there', async () => {
    const bench = make()
    await bench.do('run-names', {})
    const nowhere = { network: `${bench.stack}_nowhere`, address: '10.1.2.3' }
    await expect(bench.do('join-names', nowhere)).rejects.toMatchObject(refused)
  })

  test('list a container as it was admitted last, for its own stack alone, until it is withdrawn or drained', async () => {
    const bench = make()
    const { network, kept } = await joinedNetwork(bench)
    const container = await bench.run(bench.world.images.bare)
    await bench.do('promote', { container, restart: 'always' })
    const admit = (names: string[]) => {
      const listing = { requests: {}, names: { [network]: { address: kept, names } } }
      return bench.do('admit', { container, listing }).then(() => listing)
    }
    await admit(['web'])
    const listing = await admit(['web', 'api'])
    await admit(['web', 'api'])
    expect((await traffic(bench)).listed).toEqual({ [container]: listing })
    const query = { stack: `${bench.stack}x`, images: [], networks: [], volumes: [] }
    const others = (await bench.world.engine.observe(query)).traffic
    expect(others).toMatchObject({ listed: {}, joined: expect.objectContaining({ [network]: expect.anything() }) })

    for (const _ of [1, 2]) await bench.do('withdraw', { container })
    expect((await traffic(bench)).listed).toEqual({})
    expect((await bench.find(container))?.restart).toBe('always')
    await admit(['web'])
    for (const _ of [1, 2]) await bench.do('drain', { container })
    expect((await traffic(bench)).listed).toEqual({})
    expect(await bench.find(container)).toMatchObject({ restart: 'no', state: 'running' })
  })

  test('list nobody in a network that they are not in', async () => {
    const bench = make()
    await bench.do('run-names', {})
    const container = await bench.run(bench.world.images.bare)
    const listing = { requests: {}, names: { [`${bench.stack}_unknown`]: { address: '10.1.2.3', names: ['web'] } } }
    await expect(bench.do('admit', { container, listing })).rejects.toMatchObject(refused)
    expect((await traffic(bench)).listed).toEqual({})
  })

  test('are shown as what a container asks, and where the engine does not know its names', async () => {
    const bench = make()
    const [gated, open] = [await joinedNetwork(bench), await joinedNetwork(bench)]
    const aliases = ['web', 'api']
    const lookups = {
      resolvers: [gated.asked, open.asked],
      names: { [gated.network]: aliases, [open.network]: aliases },
      gated: [gated.network],
    }
    const ingress = [{ address: '', published: 8080, target: 80, protocol: 'tcp' as const }]
    const networks = [open, gated].map(({ network }) => ({ network, aliases }))
    const container = await bench.run(bench.world.images.bare, { config: { networks }, args: { lookups, ingress } })
    const plain = await bench.run(bench.world.images.bare, { n: 2, config: { networks } })
    const found = await bench.find(container)
    expect(found).toMatchObject({ lookups, ingress, publish: [] })
    expect(found?.attached[gated.network]?.aliases).toEqual([])
    expect(found?.attached[open.network]?.aliases).toEqual(aliases)
    // To ask them is nothing that its manifest speaks of.
    expect(found?.fields.dns).toEqual((await bench.find(plain))?.fields.dns)
  })
}
