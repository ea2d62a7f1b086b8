import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { ask, identities, remake, type Seen } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const sync = (parts: { selfHeal?: string; prune?: boolean }) => ({ 'x-holdfast': { sync: parts } })
const limited = (replicas: number) => web('app:1', { replicas, cpus: 0.5, mem_limit: '64m' })
const inspect = (seen: Seen | undefined) => host.docker.getContainer(seen?.id ?? '').inspect()
const steps = () =>
  host
    .history()
    .filter(({ kind }) => kind === 'step')
    .map(({ message }) => message)
const network = () => `${host.stack}_default`

async function seen(count: number): Promise<[Seen, ...Seen[]]> {
  const [first, ...others] = await host.running()
  if (!first || others.length !== count - 1) throw new Error(`not ${count} containers run`)
  return [first, ...others]
}

async function told(message: string | RegExp): Promise<void> {
  await host.eventually(async () => steps().some((step) => agrees(step, message)), String(message))
}

async function status(words: string | RegExp): Promise<void> {
  await host.eventually(async () => agrees(host.entry().status?.message ?? '', words), String(words))
}

function agrees(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}

/** Starts Holdfast again, and waits until it has looked at the stack. */
async function startAgain(): Promise<void> {
  const before = host.entry().record.clock?.run
  await host.start()
  await host.eventually(async () => host.entry().record.clock?.run !== before, 'the first look')
}

/** Asks for another look, and waits until it was taken. */
async function lookAgain(): Promise<void> {
  expect((await host.cli('sync', host.stack)).code).toBe(0)
}

describe('what somebody changed', () => {
  it('O5 docker update, network disconnect: named by field and put right at once, and nothing restarts', async () => {
    await host.deploy({ services: { web: limited(3) } })
    const before = await seen(3)
    const [first, second, third] = before
    await host.docker.getContainer(first.id).update({ NanoCpus: 1e9, Memory: 128 << 20, MemorySwap: 128 << 20 })
    await told('update web.1: cpus 0.5 → 1, mem_limit 64m → 128m, changed by somebody')
    await host.eventually(async () => (await inspect(first)).HostConfig.NanoCpus === 5e8, 'the limit')
    expect((await inspect(first)).HostConfig).toMatchObject({ Memory: 64 << 20, MemorySwap: 128 << 20 })

    await host.docker.getContainer(second?.id ?? '').update({ RestartPolicy: { Name: 'always' } })
    await told('promote web.2: restart unless-stopped → always, changed by somebody')
    await host.eventually(
      async () => (await inspect(second)).HostConfig.RestartPolicy?.Name === 'unless-stopped',
      'policy',
    )

    await host.docker.getNetwork(network()).disconnect({ Container: third?.id })
    await told(/^attach web\.3: networks\.\w+ web at [\d.]+ → not joined, changed by somebody$/)
    await host.eventually(
      async () => (await inspect(third)).NetworkSettings.Networks[network()] !== undefined,
      'the network',
    )
    expect((await inspect(third)).NetworkSettings.Networks[network()]?.Aliases).toContain('web')
    const after = await seen(3)
    expect(await ask(after[2])).toBe('app:1')
    await host.eventually(async () => host.entry().status?.sync === 'Synced', 'peace')
    expect(host.entry().status?.health).toBe('Healthy')
    expect(identities(after)).toEqual(identities(before))
    // What Holdfast itself joins and sets causes no further steps.
    const taken = steps()
    await lookAgain()
    expect(steps()).toEqual(taken)
  })

  it('O5 selfHeal: warn: named only, also what is missing; a commit is rolled out nevertheless', async () => {
    await host.deploy({ services: { web: limited(3) }, ...sync({ selfHeal: 'warn' }) })
    const [first, second, third] = await seen(3)
    const taken = steps()
    await host.docker.getContainer(first.id).update({ NanoCpus: 1e9 })
    await status('web.1: cpus 0.5 → 1')
    expect(host.entry().status).toMatchObject({ sync: 'Drifted', health: 'Healthy' })
    await host.docker.getNetwork(network()).disconnect({ Container: second?.id })
    await status(/web\.2: networks\.\w+ web at [\d.]+ → not joined/)
    await host.docker.getContainer(third?.id ?? '').remove({ force: true })
    await status('web.3 is missing')
    expect(host.entry().status).toMatchObject({ sync: 'Drifted', health: 'Degraded' })
    expect(host.entry().status?.message).toContain('set x-holdfast.sync.selfHeal: correct')
    await lookAgain()
    expect(steps()).toEqual(taken)
    expect((await inspect(first)).HostConfig.NanoCpus).toBe(1e9)
    expect((await inspect(second)).NetworkSettings.Networks).toEqual({})
    await seen(2)

    const next = await host.deploy({
      services: { web: { ...limited(3), image: 'app:2' } },
      ...sync({ selfHeal: 'warn' }),
    })
    expect(next.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect((await seen(3)).map(({ image }) => image)).toEqual(['app:2', 'app:2', 'app:2'])
  })

  it('selfHeal: off: neither put right nor called drifted, and health tells the truth', async () => {
    await host.deploy({ services: { web: limited(2) }, ...sync({ selfHeal: 'off' }) })
    const [first, second] = await seen(2)
    const taken = steps()
    await host.docker.getContainer(first.id).update({ NanoCpus: 1e9 })
    await lookAgain()
    expect(host.entry().status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    await host.docker.getContainer(second?.id ?? '').stop({ t: 0 })
    await host.eventually(async () => host.entry().status?.health === 'Degraded', 'the truth')
    expect(host.entry().status?.sync).toBe('Synced')
    await lookAgain()
    expect(steps()).toEqual(taken)
    expect((await inspect(first)).HostConfig.NanoCpus).toBe(1e9)
    await seen(1)
  })

  it('O6 a network deleted by hand: made again, and the replicas join it without a restart', async () => {
    await host.deploy({ services: { web: limited(2) } })
    const before = await seen(2)
    await host.stop()
    for (const { id } of before) await host.docker.getNetwork(network()).disconnect({ Container: id, Force: true })
    await host.docker.getNetwork(network()).remove()
    await startAgain()
    await host.eventually(async () => {
      const [first, second] = await host.running()
      return [first, second].every((replica) => replica !== undefined && replica.address !== '')
    }, 'both to be on the network again')
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    const after = await seen(2)
    expect(identities(after)).toEqual(identities(before))
    for (const replica of after) expect(await ask(replica)).toBe('app:1')
    expect(steps()).toContain(`create-network ${network()}: the stack uses it`)
  })

  it('O6 a network deleted while Holdfast runs and no container is on it: made again at once', async () => {
    const lonely = { web: limited(1), job: web('app:job', { deploy: { mode: 'replicated-job' }, networks: ['back'] }) }
    await host.deploy({ services: lonely, networks: { back: null } })
    for (const container of await host.containers()) {
      if (container.service === 'job') await host.docker.getContainer(container.id).remove({ force: true })
    }
    const { Id } = await host.docker.getNetwork(`${host.stack}_back`).inspect()
    await host.docker.getNetwork(Id).remove()
    await host.eventually(async () => {
      const listed = await host.docker.listNetworks({ filters: { name: [`${host.stack}_back`] } })
      return listed.some((found) => found.Id !== Id)
    }, 'the network to be back')
  })

  it('O7 a data volume deleted by hand: Degraded, not made again empty, and what runs is left', async () => {
    const db = web('app:1', { volumes: ['data:/data'], update: { order: 'stop-first' } })
    await host.deploy({ services: { db, web: limited(2) }, volumes: { data: null } })
    const before = (await host.running()).filter(({ service }) => service === 'web')
    await host.stop()
    for (const container of await host.containers()) {
      if (container.service === 'db') await host.docker.getContainer(container.id).remove({ force: true })
    }
    const volume = `${host.stack}_data`
    await host.docker.getVolume(volume).remove()
    await startAgain()
    await status(`volume ${volume}, which the stable release uses, is gone`)
    expect(host.entry().status).toMatchObject({ sync: 'Blocked', health: 'Degraded' })
    await lookAgain()
    expect(identities(await host.running())).toEqual(identities(before))
    const { Volumes } = await host.docker.listVolumes({ filters: { name: [volume] } })
    expect(Volumes ?? []).toEqual([])
    // Restored by hand it is taken as it is, once the manifest says so.
    await host.docker.createVolume({ Name: volume })
    const external = { data: { name: volume, external: true } }
    const entry = await host.deploy({ services: { db, web: limited(2) }, volumes: external })
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    await host.docker.getContainer((await host.running()).find(({ service }) => service === 'db')?.id ?? '').remove({
      force: true,
    })
  })
})

describe('a container that another one made', () => {
  it('R22 by a Holdfast whose hash is newer: nothing restarts, and the next commit rolls from there', async () => {
    await host.deploy({ services: { web: limited(2) } })
    await host.stop()
    for (const replica of await seen(2)) await remake(host.docker, replica)
    const before = await seen(2)
    const taken = steps()
    await startAgain()
    await lookAgain()
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    expect(host.entry().status?.sync).toBe('Synced')
    expect(identities(await seen(2))).toEqual(identities(before))
    expect(steps()).toEqual(taken)
    // What changes no container still changes none.
    const same = await host.deploy({ services: { web: limited(2) }, 'x-holdfast': { progressDeadline: '9m' } })
    expect(same.status?.sync).toBe('Synced')
    expect(identities(await seen(2))).toEqual(identities(before))
    await host.deployAsPlanned({ services: { web: { ...limited(2), image: 'app:2' } } })
    expect((await seen(2)).map(({ image }) => image)).toEqual(['app:2', 'app:2'])
  }, 150_000)

  it('O5 with other settings: replaced beside it, the settings named without their values', async () => {
    await host.deploy({ services: { web: { ...limited(2), environment: { API_KEY: 'ours' } } } })
    await host.stop()
    const [first, second] = await seen(2)
    await remake(host.docker, first, { Env: [...(await inspect(first)).Config.Env, 'API_KEY=stolen', 'MORE=1'] })
    const before = await host.running()
    const other = before.find(({ slot }) => slot === 1)
    await startAgain()
    await told('create web.1: not as the release says: environment.API_KEY, environment.MORE')
    await host.eventually(async () => {
      const running = await host.running()
      return running.length === 2 && !running.some(({ id }) => id === other?.id)
    }, 'the replacement')
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    const after = await seen(2)
    expect(after.some(({ id }) => id === second?.id)).toBe(true)
    expect((await inspect(after.find(({ slot }) => slot === 1))).Config.Env).toContain('API_KEY=ours')
    expect(JSON.stringify(host.history())).not.toContain('stolen')
  }, 150_000)
})

it('R13 prune: false: a service that was removed runs on and is named; prune: true removes it', async () => {
  await host.deploy({ services: { web: limited(1), old: web('app:2') }, ...sync({ prune: false }) })
  const old = (await host.running()).filter(({ service }) => service === 'old')
  const without = { services: { web: limited(1) } }
  const entry = await host.deployAsPlanned({ ...without, ...sync({ prune: false }) })
  expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  expect(entry.status?.message).toContain('left running, for x-holdfast.sync.prune is false: old.1')
  expect(identities((await host.running()).filter(({ service }) => service === 'old'))).toEqual(identities(old))
  await host.deploy(without)
  await host.eventually(async () => (await host.running()).every(({ service }) => service === 'web'), 'the pruning')
})
