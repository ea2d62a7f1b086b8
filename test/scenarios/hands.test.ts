import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const images = async () => (await host.running()).map((seen) => `${seen.service}.${seen.slot} ${seen.image}`)
const failures = () => host.history().filter((told) => told.kind === 'failed')
const ALL_NEW = [1, 2, 3].map((slot) => `web.${slot} app:2`)

describe('hands in the middle of a rollout', () => {
  it('O2 rm -f of a new replica inside its window: the rollout goes on, the count is exact', async () => {
    const compose = (image: string) => ({ services: { web: web(image, { replicas: 3, update: { monitor: '3s' } }) } })
    await host.deploy(compose('app:1'))
    const commit = await host.commit(compose('app:2'))
    const proving = async () => (await host.running()).find((seen) => seen.image === 'app:2' && seen.restart === 'no')
    await host.eventually(async () => (await proving()) !== undefined, 'a new replica')
    const victim = await proving()
    await host.docker.getContainer(victim?.id ?? '').remove({ force: true })
    const entry = await host.settled(commit)
    expect(failures()).toEqual([])
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual(ALL_NEW)
  })

  it('O2 docker stop of a new replica inside its window: it is no fault of the release', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const commit = await host.commit({ services: { web: web('app:2', { update: { monitor: '3s' } }) } })
    const proving = async () => (await host.running()).find((seen) => seen.image === 'app:2')
    await host.eventually(async () => (await proving()) !== undefined, 'a new replica')
    await host.docker.getContainer((await proving())?.id ?? '').stop({ t: 1 })
    expect((await host.settled(commit)).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(failures()).toEqual([])
  })

  it('O3 rm -f of an old replica that is still to be replaced: availability is restored, the rollout completes', async () => {
    const compose = (image: string) => ({ services: { web: web(image, { replicas: 3, update: { monitor: '3s' } }) } })
    await host.deploy(compose('app:1'))
    const commit = await host.commit(compose('app:2'))
    await host.eventually(async () => (await host.running()).some((seen) => seen.image === 'app:2'), 'the rollout')
    const victim = (await host.running()).find((seen) => seen.slot === 3 && seen.image === 'app:1')
    await host.docker.getContainer(victim?.id ?? '').remove({ force: true })
    await host.eventually(async () => {
      const ready = (await host.running()).filter((seen) => seen.health === 'healthy')
      return new Set(ready.map((seen) => seen.slot)).size === 3
    }, 'somebody healthy in each of the three slots')
    expect((await host.settled(commit)).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual(ALL_NEW)
    expect(failures()).toEqual([])
  })
})

describe('a container that cannot go', () => {
  it('O11 is waited out, another one takes its place, and it goes when it can', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const [victim] = await host.running()
    const { GraphDriver } = await host.docker.getContainer(victim?.id ?? '').inspect()
    const upper = new Map<string, string>(Object.entries(GraphDriver.Data)).get('UpperDir')
    // A file that even root cannot remove: the engine gives up and leaves the container dead.
    await run('touch', `${upper}/stays`)
    await run('chattr', '+i', `${upper}/stays`)
    try {
      await host.docker
        .getContainer(victim?.id ?? '')
        .remove({ force: true })
        .catch(() => {})
      const { State } = await host.docker.getContainer(victim?.id ?? '').inspect()
      expect(State.Status).toMatch(/dead|removing/)
      await host.eventually(async () => host.entry().status?.health === 'Healthy', 'another one')
      const [second] = await host.running()
      expect(second?.id).not.toBe(victim?.id)
    } finally {
      await run('chattr', '-i', `${upper}/stays`)
    }
    await host.eventually(async () => (await host.containers()).every(({ id }) => id !== victim?.id), 'it to go')
    expect(await images()).toEqual(['web.1 app:1'])
  })
})

async function run(program: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(program, args)
}
