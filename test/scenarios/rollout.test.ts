import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { ask, identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const images = async () => (await host.running()).map((seen) => `${seen.service}.${seen.slot} ${seen.image}`)

describe('a rollout on a real engine', () => {
  it('a first release runs, as planned, and answers', async () => {
    const entry = await host.deployAsPlanned({ services: { web: web('app:1', { replicas: 2 }) } })
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual(['web.1 app:1', 'web.2 app:1'])
    for (const seen of await host.running()) {
      expect(await ask(seen)).toBe('app:1')
      expect(seen.restart).toBe('unless-stopped')
    }
  })

  it('R21 a settled stack: a pass plans nothing, and nothing changes', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.containers()
    const told = host.history().length
    const planned = await host.cli('plan', '--json')
    expect(planned.code).toBe(0)
    await host.cli('sync', '--wait')
    expect(await host.containers()).toEqual(before)
    expect(host.history().filter((entry) => entry.kind === 'step').length).toBe(
      host
        .history()
        .slice(-told)
        .filter((entry) => entry.kind === 'step').length,
    )
  })

  it('an update replaces one replica after another, as planned, and keeps the old ones stopped', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 3 }) } })
    const entry = await host.deployAsPlanned({ services: { web: web('app:2', { replicas: 3 }) } })
    expect(entry.status?.sync).toBe('Synced')
    expect(await images()).toEqual(['web.1 app:2', 'web.2 app:2', 'web.3 app:2'])
    const kept = (await host.containers()).filter((seen) => seen.state === 'exited')
    expect(kept.map((seen) => [seen.image, seen.restart])).toEqual(Array(3).fill(['app:1', 'no']))
  })

  it('R1 three replicas, bad image: one slot touched at most, all serve the old version throughout', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 3 }) } })
    const before = await host.running()
    const commit = await host.commit({ services: { web: web('app:exits', { replicas: 3 }) } })
    const answers = new Set<string>()
    const settled = host.settled(commit)
    let done = false
    void settled.finally(() => {
      done = true
    })
    while (!done) for (const seen of before) answers.add(await ask(seen))
    const entry = await settled
    expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect([...answers]).toEqual(['app:1'])
    expect(identities(await host.running())).toEqual(identities(before))
    const tried = (await host.containers()).filter((seen) => seen.image === 'app:exits')
    expect(tried.length).toBe(1)
    const failed = host.history().find((told) => told.kind === 'failed')
    expect(failed?.message).toContain('it exited with code 1')
  })

  it('R2 the first release ever fails: its containers are kept with their logs, and the next good commit runs', async () => {
    const failed = await host.deploy({ services: { web: web('app:exits') } })
    expect(failed.status).toMatchObject({ sync: 'OutOfSync', health: 'Degraded' })
    expect(failed.status?.message).toContain('there is no stable release to go back to')
    expect((await host.containers()).map((seen) => seen.state)).toEqual(['exited'])
    expect(host.history().find((told) => told.kind === 'failed')?.logs.length).toBeGreaterThan(0)
    const entry = await host.deployAsPlanned({ services: { web: web('app:1') } })
    expect(entry.status?.sync).toBe('Synced')
    expect(await images()).toEqual(['web.1 app:1'])
    expect((await host.containers()).length).toBe(1)
  })

  it('R6 of two services the second fails: both go back to stable, the second first', async () => {
    const stack = (back: string, front: string) => ({
      services: {
        back: web(back),
        front: web(front, { depends_on: { back: { condition: 'service_healthy' } }, update: { monitor: '5s' } }),
      },
    })
    await host.deploy(stack('app:1', 'app:1'))
    const before = await host.running()
    const entry = await host.deploy(stack('app:2', 'app:turns-unhealthy'))
    expect(entry.status?.sync).toBe('RolledBack')
    expect(await images()).toEqual(['back.1 app:1', 'front.1 app:1'])
    expect((await host.running()).map((seen) => seen.id)).toEqual(before.map((seen) => seen.id))
    const told = host.history().reverse()
    const back = told.slice(told.findIndex(({ kind }) => kind === 'rollback-started'))
    const steps = back.filter(({ kind }) => kind === 'step').map(({ message }) => message.split(':')[0])
    expect(steps).toEqual(['stop front.1', 'start back.1', 'promote back.1', 'drain back.1', 'stop back.1'])
  })

  it('R7 v1 stable, v2 failing, v3 failing pushed meanwhile: v1 runs', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const before = await host.running()
    await host.commit({ services: { web: web('app:exits', { replicas: 2 }) } })
    const isRolling = () => host.entry().record.rollout?.digest === host.entry().latest?.digest
    await host.eventually(async () => isRolling() && (await host.containers()).length > 2, 'v2 to be tried')
    const entry = await host.deploy({ services: { web: web('app:exits-too', { replicas: 2 }) } })
    expect(entry.status?.sync).toBe('RolledBack')
    expect((await host.running()).map((seen) => seen.id)).toEqual(before.map((seen) => seen.id))
  })

  it('R8 a revert in the middle of a rollout reuses the replicas that still run', async () => {
    const v1 = { services: { web: web('app:1', { replicas: 3 }) } }
    await host.deploy(v1)
    const before = await host.running()
    await host.commit({ services: { web: web('app:2', { replicas: 3 }) } })
    await host.eventually(async () => (await host.running()).some((seen) => seen.image === 'app:2'), 'v2 to start')
    const entry = await host.deploy(v1)
    expect(entry.status?.sync).toBe('Synced')
    expect((await host.running()).map((seen) => seen.id)).toEqual(before.map((seen) => seen.id))
  })

  it('R9 a commit that lands while another rolls: the newest wins, nothing of the superseded one is left', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 3 }) } })
    await host.commit({ services: { web: web('app:2', { replicas: 3 }) } })
    await host.eventually(async () => (await host.running()).some((seen) => seen.image === 'app:2'), 'v2 to start')
    await host.deploy({ services: { web: web('app:3', { replicas: 3 }) } })
    expect(await images()).toEqual(['web.1 app:3', 'web.2 app:3', 'web.3 app:3'])
    expect((await host.containers()).filter((seen) => seen.image === 'app:2')).toEqual([])
  })

  it('R14 replicas, update policy and deploy.labels alone restart nothing', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const before = await host.running()
    const entry = await host.deployAsPlanned({
      services: {
        web: web('app:1', { replicas: 3, update: { parallelism: 2 }, deploy: { labels: { team: 'blue' } } }),
      },
    })
    expect(entry.status?.sync).toBe('Synced')
    const after = await host.running()
    expect(after.length).toBe(3)
    expect(identities(after.slice(0, 2))).toEqual(identities(before))
  })

  it('a job, a mounted file and a dependency, as planned; R15 new content of the file rolls who mounts it, no other', async () => {
    const compose = {
      services: {
        migrate: { image: 'app:job', deploy: { mode: 'replicated-job' } },
        web: web('app:1', {
          volumes: ['./greeting.txt:/tmp/www/greeting.txt:ro'],
          depends_on: { migrate: { condition: 'service_completed_successfully' } },
        }),
        side: web('app:2'),
      },
    }
    const file = `stacks/${host.stack}/greeting.txt`
    await host.deployAsPlanned(compose, { [file]: 'hello' })
    const before = await host.running()
    const find = (name: string) => host.running().then((running) => running.find((seen) => seen.service === name))
    expect(await ask(await find('web'), '/greeting.txt')).toBe('hello')
    const job = (await host.containers()).find((seen) => seen.service === 'migrate')

    const entry = await host.deployAsPlanned(compose, { [file]: 'hello again' })
    expect(entry.status?.sync).toBe('Synced')
    expect(await ask(await find('web'), '/greeting.txt')).toBe('hello again')
    expect((await find('side'))?.id).toBe(before.find((seen) => seen.service === 'side')?.id)
    expect((await host.containers()).filter((seen) => seen.service === 'migrate')).toEqual([job])
  })

  it('R13 a service renamed, another removed: the rest untouched, as planned; G7 the folder gone: all but volumes goes', async () => {
    const volumes = { data: null }
    const keeper = web('app:1', { volumes: ['data:/data'] })
    await host.deploy({ services: { keeper, web: web('app:1'), extra: web('app:2') }, volumes })
    const before = (await host.running()).find((seen) => seen.service === 'keeper')
    await host.deployAsPlanned({ services: { keeper, site: web('app:1') }, volumes })
    expect(await images()).toEqual(['keeper.1 app:1', 'site.1 app:1'])
    expect((await host.running())[0]).toEqual(before)

    await host.repo.commit({ [`stacks/${host.stack}/compose.yaml`]: null, 'stacks/other/compose.yaml': '{}' }, 'drop')
    await host.eventually(async () => !host.store.stacks().includes(host.stack), 'the stack to be gone')
    expect(await host.containers()).toEqual([])
    expect((await host.docker.getVolume(`${host.stack}_data`).inspect()).Name).toBe(`${host.stack}_data`)
    const { length } = await host.docker.listNetworks({ filters: { name: [`${host.stack}_default`] } })
    expect(length).toBe(0)
  })
})
