import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { ask, type Seen } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const images = async () => (await host.running()).map((seen) => `${seen.service}.${seen.slot} ${seen.image}`)
const isReady = (seen: Seen) => seen.state === 'running' && seen.health === 'healthy' && seen.restart !== 'no'
const isProving = (seen: Seen) => seen.state === 'running' && seen.restart === 'no' && seen.image === 'app:2'

/** Rolls five replicas over and looks all the time. */
async function watchRollout(parallelism: number): Promise<{ fewestReady: number; mostProving: number }> {
  const compose = (image: string) => ({ services: { web: web(image, { replicas: 5, update: { parallelism } }) } })
  await host.deploy(compose('app:1'))
  const settled = host.deploy(compose('app:2'))
  let isOver = false
  void settled.finally(() => {
    isOver = true
  })
  const seen: Seen[][] = []
  while (!isOver) seen.push(await host.containers())
  expect((await settled).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  expect(await images()).toEqual([1, 2, 3, 4, 5].map((slot) => `web.${slot} app:2`))
  return {
    fewestReady: Math.min(...seen.map((look) => look.filter(isReady).length)),
    mostProving: Math.max(...seen.map((look) => look.filter(isProving).length)),
  }
}

describe('parallelism', () => {
  it('R3 2 of 5: never more than two in flux, and five ready throughout', async () => {
    expect(await watchRollout(2)).toEqual({ fewestReady: 5, mostProving: 2 })
  })

  it('R4 0: all in flux at once, and five ready throughout', async () => {
    expect(await watchRollout(0)).toEqual({ fewestReady: 5, mostProving: 5 })
  })
})

describe('scale', () => {
  it('R10 with the image in one commit: the exact count of the right version, as planned', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const up = await host.deployAsPlanned({ services: { web: web('app:2', { replicas: 4 }) } })
    expect(up.status?.sync).toBe('Synced')
    expect(await images()).toEqual([1, 2, 3, 4].map((slot) => `web.${slot} app:2`))
    const down = await host.deployAsPlanned({ services: { web: web('app:3', { replicas: 1 }) } })
    expect(down.status?.sync).toBe('Synced')
    expect(await images()).toEqual(['web.1 app:3'])
  })

  it('R11 to 0 and back', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const none = await host.deployAsPlanned({ services: { web: web('app:1', { replicas: 0 }) } })
    expect(none.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual([])
    const back = await host.deployAsPlanned({ services: { web: web('app:1', { replicas: 2 }) } })
    expect(back.status?.sync).toBe('Synced')
    expect(await images()).toEqual(['web.1 app:1', 'web.2 app:1'])
    for (const seen of await host.running()) expect(await ask(seen)).toBe('app:1')
  })

  it('R12 during a rollout: the exact count of the right version', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 3 }) } })
    await host.commit({ services: { web: web('app:2', { replicas: 3 }) } })
    const isUnderWay = async () => (await host.running()).some((seen) => seen.image === 'app:2')
    await host.eventually(isUnderWay, 'the rollout to begin')
    await host.commit({ services: { web: web('app:2', { replicas: 5 }) } })
    await host.eventually(async () => (await host.running()).some((seen) => seen.slot === 5), 'the fifth')
    const entry = await host.deploy({ services: { web: web('app:2', { replicas: 2 }) } })
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual(['web.1 app:2', 'web.2 app:2'])
  })
})

describe('a rollback', () => {
  it('R16 that fails too: what is healthy is kept, both reasons are told', async () => {
    // Its first version can run once only: the second start finds what the first left in the volume.
    const once = ['sh', '-c', '[ -e /data/ran ] && exit 9; touch /data/ran; exec /app.sh']
    const stack = (image: string, parts: Record<string, unknown>) => ({
      services: { db: web(image, { volumes: ['data:/data'], ...parts }), side: web('app:3') },
      volumes: { data: null },
    })
    await host.deploy(stack('app:1', { command: once }))
    const side = (await host.running()).find((seen) => seen.service === 'side')
    await host.commit(stack('app:exits', {}))
    await host.eventually(async () => host.entry().record.rollout?.stuck != null, 'the rollback to fail as well')
    const { status } = host.entry()
    expect(status).toMatchObject({ sync: 'RolledBack', health: 'Degraded' })
    expect(status?.message).toMatch(/failed: .*exited with code 1.* has trouble too: .*exited with code 9/)
    expect((await host.running()).map((seen) => [seen.id, seen.startedAt])).toEqual([[side?.id, side?.startedAt]])
    expect(Object.keys(host.entry().record.quarantine).length).toBe(1)

    const fixed = await host.deploy(stack('app:2', {}))
    expect(fixed.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })
})
