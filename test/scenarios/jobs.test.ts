import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { ask, identities, type Seen } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const images = async () => (await host.running()).map((seen) => `${seen.service}.${seen.slot} ${seen.image}`)
const all = async (service: string) => (await host.containers()).filter((seen) => seen.service === service)
const told = (kind: string) =>
  host
    .history()
    .filter((entry) => entry.kind === kind)
    .map(({ message }) => message)

/** A failure is told with the last lines of the log, and so a moment after it is decided. */
async function failures(): Promise<string[]> {
  await host.eventually(async () => told('failed').length > 0, 'a failure to be told')
  return told('failed')
}

function hook(image: string, when: 'pre-deploy' | 'post-deploy'): Record<string, unknown> {
  return { image, 'x-holdfast': { hook: when } }
}

const awaits = (name: string) => ({ depends_on: { [name]: { condition: 'service_completed_successfully' } } })

/** When it ended and how, as the engine tells. */
async function endOf(seen: Seen | undefined): Promise<{ finishedAt: string; code: number }> {
  const { State } = await host.docker.getContainer(seen?.id ?? '').inspect()
  expect(State.Status).toBe('exited')
  return { finishedAt: State.FinishedAt, code: State.ExitCode }
}

async function planned(): Promise<{ notes: string[]; text: string }> {
  const { stdout } = await host.cli('plan', host.stack, '--json')
  const { stdout: text } = await host.cli('plan', host.stack)
  return { notes: JSON.parse(stdout).stacks[0].notes, text }
}

describe('hooks', () => {
  it('run before and after the services, as planned, in every release: one that changes only a policy too', async () => {
    const stack = (update: Record<string, unknown>) => ({
      services: {
        smoke: hook('app:job', 'post-deploy'),
        migrate: hook('app:job', 'pre-deploy'),
        web: web('app:1', { update }),
      },
    })
    const first = await host.deployAsPlanned(stack({}))
    expect(first.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    const [migrate, running, smoke] = [...(await all('migrate')), ...(await all('web')), ...(await all('smoke'))]
    expect((await endOf(migrate)).finishedAt < (running?.startedAt ?? '')).toBe(true)
    expect((running?.startedAt ?? '') < (smoke?.startedAt ?? '')).toBe(true)

    const second = await host.deployAsPlanned(stack({ parallelism: 2 }))
    expect(second.status?.sync).toBe('Synced')
    expect(identities(await all('web'))).toEqual([[running?.id, running?.startedAt]])
    const again = (await all('migrate')).filter(({ id }) => id !== migrate?.id)
    expect(again.length).toBe(1)
    expect((await endOf(again[0])).code).toBe(0)
  })

  it('after the deployment: one that fails takes the release back, whose services were all ready', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const entry = await host.deploy({
      services: { web: web('app:2'), smoke: hook('app:exits', 'post-deploy') },
    })
    expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(told('failed')).toEqual([expect.stringMatching(/-smoke-1-\w+-1: it exited with code 1/)])
    expect((await host.running()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect((await all('smoke')).length).toBe(1)
  })

  it('R23 a migration ran, then the release fails: back, the hook not run again, and told that data did not go back', async () => {
    const stack = (image: string) => ({
      services: { web: web(image), migrate: hook('app:job', 'pre-deploy') },
    })
    await host.deploy(stack('app:1'))
    const before = await host.running()
    const first = await all('migrate')

    await host.stop()
    const commit = await host.commit(stack('app:exits'))
    expect((await planned()).notes).toContain('if it fails, data do not go back: migrate runs first')
    await host.start()
    const entry = await host.settled(commit)

    expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(identities(await host.running())).toEqual(identities(before))
    const runs = await all('migrate')
    expect(runs.length).toBe(2)
    expect(identities(runs)).toEqual(expect.arrayContaining(identities(first)))
    const said = /; data did not go back: migrate ran$/
    expect(told('failed')).toEqual([expect.stringMatching(said)])
    expect(told('rolled-back')).toEqual([expect.stringMatching(said)])
    expect(entry.status?.message).toContain('data did not go back: migrate ran')
    expect(told('step').filter((line) => line.startsWith('start migrate.1')).length).toBe(2)
  })

  it('R9 a job of a superseded release ends by itself before that of the new one begins', async () => {
    const stack = (image: string, job: string) => ({
      services: { web: web(image), migrate: hook(job, 'pre-deploy') },
    })
    await host.deploy(stack('app:1', 'app:job'))
    await host.commit(stack('app:2', 'app:job-slow'))
    const slow = async () => (await all('migrate')).find(({ image }) => image === 'app:job-slow')
    await host.eventually(async () => (await slow())?.state === 'running', 'the slow job to run')
    const seen = await slow()
    const commit = await host.commit(stack('app:3', 'app:job'))
    const waits = 'waits for the job migrate.1 of a superseded release to end'
    await host.eventually(async () => host.entry().status?.message.includes(waits) ?? false, 'the wait to be told')
    // It is tidied away once the new release is stable: how it ended is asked before.
    await host.eventually(async () => (await slow())?.state !== 'running', 'the slow job to end')
    const end = await endOf(seen)
    expect(end.code).toBe(0)
    await host.settled(commit)
    const last = (await all('migrate')).map(({ startedAt }) => startedAt).sort()
    expect((last.at(-1) ?? '') > end.finishedAt).toBe(true)
    expect(await images()).toEqual(['web.1 app:3'])
    expect(told('failed')).toEqual([])
  })
})

describe('dependencies', () => {
  it('H16 one that never becomes healthy: who waits for it is never started, and the failure names it', async () => {
    const healthcheck = { test: ['CMD', 'false'], interval: '1s', timeout: '1s', retries: 2, start_period: '1s' }
    const entry = await host.deploy({
      services: {
        db: web('app:starting', { healthcheck, update: { monitor: '2s' } }),
        web: web('app:1', { depends_on: { db: { condition: 'service_healthy' } } }),
      },
    })
    expect(entry.status).toMatchObject({ sync: 'OutOfSync', health: 'Degraded' })
    expect(await failures()).toEqual([
      expect.stringMatching(/-db-1-\w+-1: (its health check failed|it was not healthy within)/),
    ])
    expect(await all('web')).toEqual([])
    expect(told('step').filter((line) => line.includes('web'))).toEqual([])
  })

  it('H17 a job that exits with 1: the same', async () => {
    await host.deploy({ services: { migrate: { image: 'app:exits' }, web: web('app:1', awaits('migrate')) } })
    expect(await failures()).toEqual([expect.stringMatching(/-migrate-1-\w+-1: it exited with code 1/)])
    expect(await all('web')).toEqual([])
  })

  it('H18 a job that exits with 0: who waits for it is started after its end', async () => {
    await host.deployAsPlanned({ services: { migrate: { image: 'app:job' }, web: web('app:1', awaits('migrate')) } })
    const [[migrate], [running]] = [await all('migrate'), await all('web')]
    expect((await endOf(migrate)).finishedAt < (running?.startedAt ?? '')).toBe(true)
    expect(await ask(running)).toBe('app:1')
  })
})

describe('max_failure_ratio', () => {
  it('R5 equal: the rollout goes on, the slot that failed serves the old version, and is healed afterwards', async () => {
    const stack = (image: string, monitor: string) => ({
      services: { web: web(image, { replicas: 3, update: { monitor, max_failure_ratio: 0.34 } }) },
    })
    await host.deploy(stack('app:1', '1s'))
    const before = await all('web')
    const commit = await host.commit(stack('app:2', '5s'))
    const tried = async () => (await all('web')).find(({ slot, image }) => slot === 2 && image === 'app:2')
    await host.eventually(async () => (await tried())?.state === 'running', 'the second slot to be tried')
    await makeSick(await tried())

    const isStable = () => host.entry().record.stable === host.entry().latest?.digest
    await host.eventually(async () => host.entry().latest?.commit === commit && isStable(), 'the release to be stable')
    expect(told('failed')).toEqual([])
    expect(told('replica-failed').at(-1)).toMatch(
      /^web\.2 failed, which max_failure_ratio allows: .*health check failed/,
    )
    expect(await images()).toEqual(['web.1 app:2', 'web.2 app:1', 'web.3 app:2'])
    const old = (await host.running()).filter(({ slot }) => slot === 2)
    expect(identities(old)).toEqual(identities(before.filter(({ slot }) => slot === 2)))

    const entry = await host.settled(commit)
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual(['web.1 app:2', 'web.2 app:2', 'web.3 app:2'])
  }, 150_000)
})

describe('the plan', () => {
  it('I7 says that an image exists only on this engine and is pinned by its id, and names the downtime', async () => {
    const stack = (image: string) => ({
      services: { db: web(image, { volumes: ['data:/data'] }) },
      volumes: { data: null },
    })
    await host.deploy(stack('app:1'))
    await host.stop()
    await host.commit(stack('app:2'))
    const { notes, text } = await planned()
    const { Id } = await host.docker.getImage('app:2').inspect()
    expect(notes).toEqual([
      'brief downtime: db writes to volume data',
      'if it fails, data do not go back: db starts on its new version',
      `image app:2 exists only on this engine; it is pinned by its id ${Id.slice(0, 15)}`,
    ])
    for (const note of notes) expect(text).toContain(`  note: ${note}\n`)
  })
})

/** Takes away what its health check asks for. */
async function makeSick(seen: Seen | undefined): Promise<void> {
  const exec = await host.docker.getContainer(seen?.id ?? '').exec({ Cmd: ['rm', '/tmp/www/health'] })
  await exec.start({ Detach: true })
  await host.eventually(async () => (await exec.inspect()).Running === false, 'the file to be removed')
}
