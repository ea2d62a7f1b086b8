import { expect, test } from 'vitest'
import type { Entry, ObservedTraffic } from '../../src/model/traffic.ts'
import { portEntry } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { Bench } from './world.ts'

/** What every Engine must do about where requests lead. */
export function gatewayContract(make: () => Bench): void {
  async function traffic(bench: Bench): Promise<ObservedTraffic> {
    const found = (await bench.look()).traffic
    if (found === null) throw new Error('the engine has no gateway and no names')
    return found
  }

  async function exposed(bench: Bench, ...entries: Entry[]): Promise<void> {
    await bench.do('run-gateway', {})
    await bench.do('expose', { entries, certificates: {} })
  }

  async function ports(): Promise<[Entry, Entry]> {
    return [portEntry(await freePort()), portEntry(await freePort())]
  }

  test('runs when it is told to, and again without harm', async () => {
    const bench = make()
    for (const _ of [1, 2]) await bench.do('run-gateway', {})
    expect((await traffic(bench)).gateway).toBe(true)
  })

  test('has the entries of a stack that it was given last, and shows others whose they are', async () => {
    const bench = make()
    const other = new Bench(bench.world)
    const [one, two] = await ports()
    for (const _ of [1, 2]) await exposed(bench, one)
    expect((await traffic(bench)).entries).toEqual([one])
    expect((await traffic(other)).takenEntries).toMatchObject({ [one.name]: `stack ${bench.stack}` })
    await exposed(bench, two)
    expect((await traffic(bench)).entries).toEqual([two])
    await exposed(other, one)
    expect((await traffic(bench)).takenEntries).toMatchObject({ [one.name]: `stack ${other.stack}` })
    await exposed(other)
    await exposed(bench)
    expect((await traffic(bench)).entries).toEqual([])
    expect((await traffic(bench)).takenEntries).not.toHaveProperty([one.name])
  })

  test('lists a container as it was admitted last, for its own stack alone, until it is withdrawn or drained', async () => {
    const bench = make()
    const [one, two] = await ports()
    await exposed(bench, one, two)
    const container = await bench.run(bench.world.images.bare)
    const admit = async (...entries: Entry[]) => {
      const places = entries.map(({ name }) => [name, { address: '127.0.0.1', port: 9 }])
      const listing = { requests: Object.fromEntries(places), names: {} }
      await bench.do('admit', { container, listing })
      return listing
    }
    await admit(one)
    const listing = await admit(one, two)
    await admit(one, two)
    expect((await traffic(bench)).listed).toEqual({ [container]: listing })
    expect((await traffic(new Bench(bench.world))).listed).toEqual({})
    for (const _ of [1, 2]) await bench.do('withdraw', { container })
    expect((await traffic(bench)).listed).toEqual({})
    await admit(one)
    for (const _ of [1, 2]) await bench.do('drain', { container })
    expect((await traffic(bench)).listed).toEqual({})
    expect((await traffic(bench)).reached[container]?.inFlight ?? 0).toBe(0)
    await exposed(bench)
  })
}
