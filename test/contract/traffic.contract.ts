import { expect, test } from 'vitest'
import type { EntryReport, FoundByName } from '../../src/model/traffic.ts'
import { freePort } from '../support/port.ts'
import { freshSubnet } from './networks.contract.ts'
import type { Bench } from './world.ts'

const NOTHING_YET = {
  requests: 0,
  connections: 0,
  perSecond: 0,
  errors: { answers: 0, unreached: 0, brokenOff: 0 },
  responseMs: null,
  bytesIn: 0,
  bytesOut: 0,
}

/** What every Engine must tell of the traffic of all stacks. */
export function trafficContract(make: () => Bench): void {
  async function entries({ stack, world }: Bench): Promise<EntryReport[]> {
    const { gateway } = (await world.engine.traffic()) ?? {}
    return (gateway?.entries ?? []).filter((entry) => entry.stack === stack)
  }

  async function found({ world }: Bench, network: string): Promise<FoundByName[] | undefined> {
    const { names } = (await world.engine.traffic()) ?? {}
    return names?.find((joined) => joined.network === network)?.found
  }

  test('the report has every entry with the replicas behind it, and who is found by name, as long as they are', async () => {
    const bench = make()
    const subnet = freshSubnet()
    const [network, address] = [`${bench.stack}_net`, subnet.gateway.replace(/\.1$/, '.7')]
    await bench.do('run-gateway', {})
    await bench.do('run-names', {})
    await bench.do('create-network', { network, internal: false, subnet })
    await bench.do('join-names', { network, address: subnet.gateway.replace(/\.1$/, '.126') })
    const port = await freePort()
    const name = `127.0.0.1:${port}`
    const at = { kind: 'port' as const, address: '127.0.0.1', port }
    const entry = { name, service: 'web', at, speaks: 'auto' as const }
    await bench.do('expose', { entries: [entry], certificates: {} })
    expect(await entries(bench)).toEqual([{ ...entry, stack: bench.stack, numbers: NOTHING_YET, replicas: [] }])
    expect(await found(bench, network)).toEqual([])

    const container = await bench.run(bench.world.images.bare, {
      config: { networks: [{ network, aliases: [] }] },
      args: { addresses: { [network]: address } },
    })
    const place = { address, port: 8080 }
    const listing = { requests: { [name]: place }, names: { [network]: { address, names: ['web'] } } }
    await bench.do('admit', { container, listing })
    await bench.world.until(async () => (await entries(bench))[0]?.replicas[0]?.state === 'up', 'the replica to be up')
    const replica = { container, place, state: 'up', inFlight: 0, numbers: NOTHING_YET }
    expect(await entries(bench)).toMatchObject([{ name, replicas: [replica] }])
    expect(await found(bench, network)).toEqual([{ stack: bench.stack, container, address, names: ['web'] }])

    await bench.do('stop', { container, graceMs: 100 })
    await bench.world.until(
      async () => (await entries(bench))[0]?.replicas[0]?.state === 'down',
      'the replica to be down',
    )
    await bench.do('withdraw', { container })
    expect(await entries(bench)).toMatchObject([{ name, replicas: [] }])
    expect(await found(bench, network)).toEqual([])
    await bench.do('expose', { entries: [], certificates: {} })
    expect(await entries(bench)).toEqual([])
  })
}
