import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Step } from '../../src/model/steps.ts'
import { dockerCompose, ensureDockerCompose, wipeProject } from '../support/docker-compose.ts'
import { web } from './compose.ts'
import { shell } from './engine.ts'
import { compareSteps, type Host, startHost, stepsOf } from './host.ts'

let host: Host

beforeAll(() => ensureDockerCompose(), 600_000)
beforeEach(async () => {
  host = await startHost()
})
afterEach(async () => {
  await host.close()
  await wipeProject(host.docker, host.stack)
})

const project = (image: string) => ({
  services: {
    web: web(image, { replicas: 2 }),
    db: web(image, { volumes: ['data:/data'], restart: 'always' }),
  },
  volumes: { data: null },
})

const up = (compose: Record<string, unknown>) =>
  dockerCompose(
    { socket: inject('engineSocket'), folder: host.data, project: host.stack },
    compose,
    'up',
    '-d',
    '--scale',
    'web=2',
  )

describe('a Compose project', () => {
  it('O13 is taken over with consent: data intact, web rolled, db stop-first, as planned; O14 and then up again', async () => {
    await startProject()
    const before = { project: await seeProject(), made: await seeMade() }

    // Without consent it is offered, and nothing is touched.
    const commit = await host.commit(project('app:1'))
    await host.eventually(async () => host.entry().status?.sync === 'Blocked', 'the block')
    expect(host.entry().status?.message).toContain(`take it over with: holdfast adopt ${host.stack}`)
    const { stdout } = await host.cli('plan', host.stack, '--adopt')
    expect(stdout).toContain(`create web.1: takes over from ${host.stack}_web_1 of docker compose`)
    expect(stdout).toContain('note: brief downtime: db writes to volume data')
    expect(stdout).toContain(
      `note: used as they are, never created or removed: network ${host.stack}_default, volume ${host.stack}_data`,
    )
    const planned = await host.cli('plan', host.stack, '--adopt', '--json')
    expect({ project: await seeProject(), made: await seeMade() }).toEqual(before)
    expect(await host.containers()).toEqual([])

    // With it every step is the planned one, and at every look two of web are healthy.
    const from = host.history()[0]?.id ?? 0
    const watching = watchWeb()
    const adopted = await host.cli('adopt', host.stack, '--wait', '--reason', 'moving in')
    expect([adopted.code, adopted.stderr]).toEqual([0, ''])
    const looks = await watching.end()
    expect(looks.length).toBeGreaterThan(10)
    expect(Math.min(...looks)).toBeGreaterThanOrEqual(2)
    expect((await host.settled(commit)).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    const steps = JSON.parse(planned.stdout).stacks[0].steps as Step[]
    const taken = host.history().filter((told) => told.id > from)
    compareSteps(steps, stepsOf(taken))
    expect(taken.map(({ message }) => message)).toContainEqual(expect.stringMatching(/may be taken over.*: moving in$/))
    expect(await seeMade()).toEqual(before.made)
    expect((await seeProject()).map(({ state }) => state)).toEqual(['exited', 'exited', 'exited'])
    const ours = await host.running()
    expect(ours.map(({ service, slot }) => `${service}.${slot}`)).toEqual(['db.1', 'web.1', 'web.2'])
    expect(await readWord(ours[0]?.id)).toBe('kept for ever')
    const again = await host.cli('adopt', host.stack)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(`${host.stack} is Holdfast's`)])

    // O14: by habit. What it starts is named and left alone, and so are ours.
    await up(project('app:1'))
    const beside = await seeProject()
    expect(beside.map(({ state }) => state)).toEqual(['running', 'running', 'running'])
    await host.cli('sync', host.stack)
    await host.eventually(async () => host.entry().status?.sync === 'Drifted', 'the drift')
    const { message } = host.entry().status ?? {}
    expect(message).toContain(`docker compose runs web beside Holdfast (${host.stack}_web_1)`)
    expect(message).toContain(`end it with: docker stop ${host.stack}_db_1`)
    expect(host.entry().status?.health).toBe('Healthy')
    expect(await host.running()).toEqual(ours)
    const untouched = ({ id, state, restart, startedAt }: Part) => [id, state, restart, startedAt]
    expect((await seeProject()).map(untouched)).toEqual(beside.map(untouched))

    // Ended by hand, what was replaced goes with the release after the next.
    for (const { id } of beside) await host.docker.getContainer(id).stop({ t: 0 })
    const next = await host.deployAsPlanned(project('app:2'))
    expect(next.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    await host.eventually(async () => (await seeProject()).length === 0, 'its containers to be removed')
    expect(await seeMade()).toEqual(before.made)
    expect(await readWord((await host.running())[0]?.id)).toBe('kept for ever')
  }, 240_000)

  it('O13 runs again as it was when the release that takes over fails', async () => {
    await startProject()
    const before = await seeProject()
    const commit = await host.commit({
      ...project('app:1'),
      services: { ...project('app:1').services, db: project('app:exits').services.db },
    })
    await host.eventually(async () => host.entry().status?.sync === 'Blocked', 'the block')
    const adopted = await host.cli('adopt', host.stack, '--wait')
    expect(adopted.code).toBe(3)
    const entry = await host.settled(commit)
    expect(entry.status).toMatchObject({ sync: 'OutOfSync', health: 'Healthy' })
    expect(entry.status?.message).toContain('what docker compose ran serves:')
    const same = ({ id, name, state, restart }: Part) => [id, name, state, restart]
    expect((await seeProject()).map(same)).toEqual(before.map(same))
    expect(await host.running()).toEqual([])
    expect(await readWord(before[0]?.id)).toBe('kept for ever')

    // A fix takes over after all.
    const fixed = await host.deployAsPlanned(project('app:2'))
    expect(fixed.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await readWord((await host.running())[0]?.id)).toBe('kept for ever')
  }, 240_000)

  it('is not taken over where there is nothing to take over', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const nothing = await host.cli('adopt', host.stack)
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining(`${host.stack} is Holdfast's`)])
    const unknown = await host.cli('adopt', 'nowhere')
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no stack nowhere')])
    const which = await host.cli('plan', '--adopt')
    expect([which.code, which.stderr]).toEqual([1, expect.stringContaining('Which stack is to be taken over?')])
  })
})

interface Part {
  id: string
  name: string
  state: string
  health: string
  restart: string
  startedAt: string
}

/** `docker-compose up`, until all of it is healthy, with something written to its volume. */
async function startProject(): Promise<void> {
  await up(project('app:1'))
  const healthy = async () => (await seeProject()).filter(({ health }) => health === 'healthy').length === 3
  await host.eventually(healthy, 'the project to be healthy')
  const [db] = await seeProject()
  await shell(host.docker, db?.id, "echo 'kept for ever' > /data/word")
}

/** The containers that Compose made, by name. */
async function seeProject(): Promise<Part[]> {
  const filters = { label: [`com.docker.compose.project=${host.stack}`] }
  const listed = await host.docker.listContainers({ all: true, filters })
  const seen = await Promise.all(listed.map(({ Id }) => host.docker.getContainer(Id).inspect()))
  return seen
    .map(({ Id, Name, State, HostConfig }) => ({
      id: Id,
      name: Name.slice(1),
      state: State.Status,
      health: State.Health?.Status ?? 'none',
      restart: HostConfig.RestartPolicy?.Name ?? '',
      startedAt: State.StartedAt,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Network and volume: others would have another id, another moment of creation. */
async function seeMade(): Promise<unknown[]> {
  const network = await host.docker.getNetwork(`${host.stack}_default`).inspect()
  const volume = await host.docker.getVolume(`${host.stack}_data`).inspect()
  return [network.Id, network.Labels, volume.Labels, (volume as { CreatedAt?: string }).CreatedAt]
}

/** Looks again and again at how many containers of web, of either kind, are healthy. */
function watchWeb(): { end(): Promise<number[]> } {
  let isOver = false
  const looks: number[] = []
  const watching = (async () => {
    while (!isOver) {
      const healthy = await host.docker.listContainers({ filters: { health: ['healthy'] } })
      const ofWeb = [`/${host.stack}-web-`, `/${host.stack}_web_`]
      looks.push(healthy.filter(({ Names }) => ofWeb.some((start) => Names[0]?.startsWith(start))).length)
    }
  })()
  return {
    async end() {
      isOver = true
      await watching
      return looks
    },
  }
}

const readWord = (id: string | undefined) => shell(host.docker, id, 'cat /data/word')
