import { expect, test } from 'vitest'
import type { Bench, ContractWorld } from './world.ts'

/** What holds of containers that Docker Compose made under the name of a stack. */
export function composeContract(parts: () => { world: ContractWorld; bench: Bench }): void {
  async function compose(image: string): Promise<string> {
    const { world, bench } = parts()
    const id = await world.compose(bench.stack, image)
    bench.willRemove(id)
    return id
  }

  const seen = async (id: string) => (await parts().bench.look()).compose.find((c) => c.id === id)

  test('are told apart from ours, with their service and number', async () => {
    const { world, bench } = parts()
    const id = await compose(world.images.good)
    const found = await bench.look()
    expect(found.containers).toEqual([])
    expect(found.takenNames).toEqual([])
    expect(found.compose).toEqual([
      expect.objectContaining({
        id,
        name: `${bench.stack}_web_2`,
        actualName: `${bench.stack}_web_2`,
        adopted: true,
        service: 'web',
        slot: 2,
        role: 'service',
        spec: '',
        release: '',
        state: 'running',
        restart: 'always',
      }),
    ])
  })

  test('are foreign to a step that does not say otherwise', async () => {
    const { world, bench } = parts()
    const id = await compose(world.images.good)
    const container = `${bench.stack}_web_2`
    for (const kind of ['start', 'drain', 'stop', 'promote', 'rename', 'remove'] as const) {
      const args = { container, graceMs: 0, restart: 'no', to: `${container}-x` }
      await bench.do(kind, args).catch(() => {})
    }
    expect(await seen(id)).toMatchObject({ state: 'running', restart: 'always', actualName: container })
  })

  test('are drained, stopped, renamed, put back and removed by a step that names one by its id', async () => {
    const { world, bench } = parts()
    const id = await compose(world.images.good)
    const which = { container: `${bench.stack}_web_2`, adopted: id }
    await bench.do('drain', which)
    expect(await seen(id)).toMatchObject({ state: 'running', restart: 'no' })
    await bench.do('stop', { ...which, graceMs: 1_000 })
    expect(await seen(id)).toMatchObject({ state: 'exited', restart: 'no' })
    const to = `${bench.stack}-named`
    await bench.do('rename', { ...which, to })
    expect(await seen(id)).toMatchObject({ actualName: to, name: which.container })
    expect((await bench.look()).takenNames).toEqual([to])
    await bench.do('rename', { ...which, to: which.container })
    await bench.do('start', which)
    await bench.do('promote', { ...which, restart: 'on-failure:3' })
    expect(await seen(id)).toMatchObject({ state: 'running', restart: 'on-failure:3', actualName: which.container })
    await bench.do('remove', which)
    expect(await seen(id)).toBe(undefined)
    await bench.do('remove', which)
  })

  test('one of ours is not taken for one of them', async () => {
    const { world, bench } = parts()
    const container = await bench.run(world.images.good)
    const ours = await bench.find(container)
    await bench.do('stop', { container, adopted: ours?.id ?? '', graceMs: 0 }).catch(() => {})
    expect((await bench.find(container))?.state).toBe('running')
  })
}
