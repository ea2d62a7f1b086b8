import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Docker from 'dockerode'
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import { fillerOf } from '../../src/engine/docker/files.ts'
import { ownLabels } from '../../src/engine/docker/ownership.ts'
import { Bench } from '../contract/world.ts'
import { appImage } from '../support/app.ts'
import { BASE_IMAGE, buildImage } from '../support/images.ts'
import { until } from '../support/until.ts'

const INSTANCE = 'livetest'
const GOOD = 'live/good:1'
const socketPath = inject('engineSocket')
const docker = new Docker({ socketPath })
const images = { good: GOOD, bare: GOOD, turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
const world = { engine: dockerEngine({ socketPath, instance: INSTANCE }), images, until, cleanup: async () => {} }

let bench: Bench
const strangers: Docker.Container[] = []

beforeAll(async () => {
  await appImage(socketPath, GOOD, { kind: 'good' })
  await appImage(socketPath, 'live/deaf:1', { kind: 'ignores-term' })
  await appImage(socketPath, 'live/exits7:1', { kind: 'exit', code: 7 })
})
beforeEach(() => {
  bench = new Bench(world)
})
afterEach(async () => {
  for (const stranger of strangers.splice(0)) await stranger.remove({ force: true }).catch(() => {})
  await bench.clear()
})

async function stranger(name: string, options: Partial<Docker.ContainerCreateOptions> = {}): Promise<Docker.Container> {
  const HostConfig = { NetworkMode: 'none', ...options.HostConfig }
  const container = await docker.createContainer({ name, Image: GOOD, ...options, HostConfig })
  strangers.push(container)
  return container
}

/** What a container wrote once it has ended. */
async function outputOf(container: string): Promise<string> {
  await bench.seen(container, ({ state }) => state === 'exited')
  return (await world.engine.logs(container, 100)).join('\n')
}

describe('things that are not ours', () => {
  test('O12 a container with copied labels is foreign, and no step touches it', async () => {
    const real = await bench.create(GOOD)
    const { Labels } = (await docker.getContainer(real).inspect()).Config
    const copy = await stranger(`${bench.stack}-copy`, { Labels })
    await copy.start()
    const { containers, takenNames } = await bench.look()
    expect(containers.map(({ name }) => name)).toEqual([real])
    expect(takenNames).toEqual([`${bench.stack}-copy`])
    for (const kind of ['start', 'drain', 'remove'] as const) {
      await expect(bench.do(kind, { container: `${bench.stack}-copy` })).rejects.toMatchObject({ fault: 'platform' })
    }
    expect((await copy.inspect()).State.Running).toBe(true)
  })

  test('O9 a name held by a stranger is trouble of the platform that names the holder, who stays as he was', async () => {
    const holder = await stranger(bench.name())
    await expect(bench.create(GOOD)).rejects.toMatchObject({
      fault: 'platform',
      message: expect.stringContaining(holder.id.slice(0, 12)),
    })
    expect((await bench.look()).takenNames).toEqual([bench.name()])
    expect((await holder.inspect()).State.Status).toBe('created')
    await holder.remove()
  })

  test('O10 a network or volume of that name which is not ours is refused and left alone', async () => {
    const network = await docker.createNetwork({ Name: `${bench.stack}_default` })
    const volume = `${bench.stack}_data`
    await docker.createVolume({ Name: volume })
    const refused = { name: 'StepFailed', fault: 'platform' }
    const engine = world.engine
    await expect(
      engine.execute(bench.step('create-network', { network: `${bench.stack}_default`, internal: false })),
    ).rejects.toMatchObject(refused)
    await expect(
      engine.execute(bench.step('remove-network', { network: `${bench.stack}_default` })),
    ).rejects.toMatchObject(refused)
    await expect(engine.execute(bench.step('create-volume', { volume }))).rejects.toMatchObject(refused)
    await expect(engine.execute(bench.step('remove-files', { volume }))).rejects.toMatchObject(refused)
    await network.remove()
    await docker.getVolume(volume).remove()
  })
})

describe('files of a commit', () => {
  test("are readable in a read-only container, as a folder that hides the image's and as a single file", async () => {
    const volume = `${bench.stack}_files-1`
    const contents = {
      'conf/a.txt': Buffer.from('from the commit\n').toString('base64'),
      'run.sh': Buffer.from('#!/bin/sh\necho ran\n').toString('base64'),
    }
    await bench.do('create-files', { volume, files: { contents }, image: GOOD })
    const dockerfile = `FROM ${GOOD}\nADD inside.txt /app/inside.txt\n`
    await buildImage(socketPath, 'live/inside:1', { files: { 'inside.txt': '' }, dockerfile })
    const container = await bench.run('live/inside:1', {
      config: {
        readOnly: true,
        user: 'nobody',
        healthcheck: 'none',
        entrypoint: ['sh', '-c', 'ls /app; cat /app/conf/a.txt /single; /app/run.sh; touch /app/x || echo refused'],
        mounts: [
          { kind: 'files', volume, path: '', target: '/app' },
          { kind: 'files', volume, path: 'conf/a.txt', target: '/single' },
        ],
      },
    })
    const output = await outputOf(container)
    expect(output.match(/from the commit/g)).toHaveLength(2)
    expect(output).toContain('ran')
    expect(output).toContain('refused')
    expect(output).not.toContain('inside')
  })

  test('C1 whose filling was cut off do not count as there, and are filled when it is repeated', async () => {
    const volume = `${bench.stack}_files-2`
    await cutOffFilling(volume)
    expect(await bench.look()).toMatchObject({ volumes: [], containers: [{ name: fillerOf(volume), role: 'files' }] })
    await bench.do('create-files', { volume, files: { contents: { a: 'YQ==' } }, image: GOOD })
    expect(await bench.look()).toMatchObject({ volumes: [{ name: volume, ours: true }], containers: [] })
    const mounts = [{ kind: 'files' as const, volume, path: '', target: '/files' }]
    const container = await bench.run(GOOD, { config: { entrypoint: ['cat', '/files/a'], mounts } })
    expect(await outputOf(container)).toBe('a')
  })

  test('C1 whose filling was cut off and is not wanted any more go with the container that filled them', async () => {
    const volume = `${bench.stack}_files-3`
    await cutOffFilling(volume)
    await bench.do('remove', { container: fillerOf(volume) })
    expect(await bench.look({ volumes: [volume] })).toMatchObject({ volumes: [], containers: [] })
  })

  async function cutOffFilling(volume: string): Promise<void> {
    const labelled = (name: string) => ({ ...ownLabels(INSTANCE, bench.stack, name), 'dev.holdfast.role': 'files' })
    await docker.createVolume({ Name: volume, Labels: labelled(volume) })
    const Mounts: Docker.MountSettings[] = [{ Type: 'volume', Source: volume, Target: '/files' }]
    await stranger(fillerOf(volume), { Labels: labelled(fillerOf(volume)), HostConfig: { Mounts } })
  }
})

describe('networks', () => {
  test('C1 are all attached with their aliases, also when a crash came between create and the second', async () => {
    const [front, back] = [`${bench.stack}_front`, `${bench.stack}_back`]
    for (const network of [front, back]) await bench.do('create-network', { network, internal: false })
    const networks = [
      { network: front, aliases: ['web'] },
      { network: back, aliases: ['web', 'api'] },
    ]
    const container = await bench.create(GOOD, { config: { networks } })
    const attached = async () => (await docker.getContainer(container).inspect()).NetworkSettings.Networks
    expect(Object.keys(await attached()).sort()).toEqual([back, front].sort())

    await docker.getNetwork(back).disconnect({ Container: container })
    await bench.create(GOOD, { config: { networks } })
    expect(Object.keys(await attached())).toContain(back)

    await docker.getNetwork(back).disconnect({ Container: container })
    await bench.do('start', { container })
    expect((await attached())[back]?.Aliases).toEqual(expect.arrayContaining(['web', 'api']))
    expect((await attached())[front]?.Aliases).toContain('web')
  })

  test('T12 a port published on 127.0.0.1 answers there', async () => {
    const network = `${bench.stack}_default`
    await bench.do('create-network', { network, internal: false })
    const publish = [{ address: '127.0.0.1', published: 23_452, target: 8080, protocol: 'tcp' as const }]
    await bench.run(GOOD, { config: { networks: [{ network, aliases: [] }] }, args: { publish } })
    await until(async () => (await answerOf(23_452)) === GOOD, 'the sample to answer')
    expect((await docker.getContainer(bench.name()).inspect()).HostConfig.PortBindings).toEqual({
      '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '23452' }],
    })
  })

  async function answerOf(port: number): Promise<string> {
    return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }).then(
      async (answer) => (await answer.text()).trim(),
      () => '',
    )
  }
})

describe('a start that fails', () => {
  test('O8 because a container has the port is trouble of the platform that names it', async () => {
    const network = `${bench.stack}_default`
    await bench.do('create-network', { network, internal: false })
    const PortBindings = { '8080/tcp': [{ HostPort: '23453' }] }
    const holder = await stranger(`holder-of-${bench.stack}`, {
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: { NetworkMode: network, PortBindings },
    })
    await holder.start()
    await expect(runWithPort(network, 23_453)).rejects.toMatchObject({
      fault: 'platform',
      message: expect.stringMatching(`port 23453 is taken by the container holder-of-${bench.stack}`),
    })
    expect((await holder.inspect()).State.Running).toBe(true)
    await holder.remove({ force: true })
  })

  test('O8 because a program outside has the port is trouble of the platform that says so', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => server.once('listening', listening))
    const { port } = server.address() as AddressInfo
    const network = `${bench.stack}_default`
    await bench.do('create-network', { network, internal: false })
    const attempt = runWithPort(network, port)
    await expect(attempt.finally(() => server.close())).rejects.toMatchObject({
      fault: 'platform',
      message: expect.stringContaining(`port ${port} is taken by a program outside Docker`),
    })
  })

  test.each([
    [
      'I4 a missing executable',
      { entrypoint: ['no-such-program'] },
      'the executable "no-such-program" is not in the image',
    ],
    [
      'I4 a missing path',
      { entrypoint: ['/no/such/program'] },
      'the executable "/no/such/program" is not in the image',
    ],
    ['a file that may not be executed', { entrypoint: ['/etc/passwd'] }, 'is not executable'],
    ['a user that is not in the image', { user: 'nosuchuser' }, 'no user or group "nosuchuser"'],
  ])('because of %s fails the release, in words', async (_, config, words) => {
    await expect(bench.run(GOOD, { config })).rejects.toMatchObject({
      fault: 'release',
      message: expect.stringContaining(words),
    })
  })

  test('because its network was removed is trouble of the platform, and no success', async () => {
    const network = `${bench.stack}_default`
    await bench.do('create-network', { network, internal: false })
    const container = await bench.create(GOOD, { config: { networks: [{ network, aliases: [] }] } })
    await bench.do('remove-network', { network })
    await expect(bench.do('start', { container })).rejects.toMatchObject({ name: 'StepFailed', fault: 'platform' })
  })

  test('because a file would be mounted over a folder fails the release, in words', async () => {
    const volume = `${bench.stack}_files-4`
    await bench.do('create-files', { volume, files: { contents: { a: '' } }, image: GOOD })
    const mounts = [{ kind: 'files' as const, volume, path: 'a', target: '/bin' }]
    await expect(bench.run(GOOD, { config: { mounts } })).rejects.toMatchObject({
      fault: 'release',
      message: expect.stringContaining('check the mount targets'),
    })
  })

  test('I4 an image without a command fails the release at create', async () => {
    await buildImage(socketPath, 'live/nothing:1', { files: { f: '' }, dockerfile: 'FROM scratch\nADD f /f\n' })
    await expect(bench.create('live/nothing:1')).rejects.toMatchObject({
      fault: 'release',
      message: expect.stringContaining('has a command'),
    })
  })

  async function runWithPort(network: string, published: number): Promise<string> {
    const publish = [{ address: '127.0.0.1', published, target: 8080, protocol: 'tcp' as const }]
    return await bench.run(GOOD, { config: { networks: [{ network, aliases: [] }] }, args: { publish } })
  }
})

describe('stopping', () => {
  test('O4 a paused container is woken first; starting one wakes it', async () => {
    const container = await bench.run(GOOD)
    await docker.getContainer(container).pause()
    await bench.do('start', { container })
    expect((await bench.find(container))?.state).toBe('running')
    await docker.getContainer(container).pause()
    await bench.do('stop', { container, graceMs: 5_000 })
    expect(await bench.find(container)).toMatchObject({ state: 'exited', exitCode: 0 })
  })

  test('a container that the engine keeps restarting ends, and stays ended', async () => {
    const container = await bench.run('live/exits7:1')
    await bench.seen(container, ({ state }) => state === 'exited')
    await bench.do('promote', { container, restart: 'always' })
    await bench.do('start', { container })
    await bench.seen(container, ({ restarts }) => restarts >= 3)
    await bench.do('drain', { container })
    await bench.do('stop', { container, graceMs: 1_000 })
    const stopped = await bench.seen(container, ({ state }) => state === 'exited')
    expect(stopped).toMatchObject({ restart: 'no' })
  })

  test('T4 an app that ignores the signal is killed after the grace period', async () => {
    const container = await bench.run('live/deaf:1')
    await bench.seen(container, ({ health }) => health === 'healthy')
    await bench.do('stop', { container, graceMs: 1_000 })
    expect(await bench.find(container)).toMatchObject({ state: 'exited', exitCode: 137 })
  })
})

describe('the container the engine is asked for', () => {
  test('has what the service says: environment, limits, labels, hardening', async () => {
    const container = await bench.create(GOOD, {
      config: {
        environment: { B: '2', A: '1' },
        labels: { 'com.example': 'yes' },
        mounts: [{ kind: 'tmpfs', target: '/scratch', sizeBytes: 1 << 20 }],
        cpus: 0.5,
        memoryBytes: 64 << 20,
        pids: 50,
        init: true,
        readOnly: true,
        capDrop: ['ALL'],
        extraHosts: ['db:10.0.0.1'],
        logging: { driver: 'json-file', options: { 'max-size': '1m' } },
        hostname: 'web',
        stopSignal: 'SIGINT',
        stopGraceMs: 2_500,
        workingDir: '/tmp',
      },
    })
    const { Config, HostConfig } = await docker.getContainer(container).inspect()
    expect(Config).toMatchObject({ Hostname: 'web', StopSignal: 'SIGINT', StopTimeout: 3, WorkingDir: '/tmp' })
    expect(Config.Env.slice(0, 2)).toEqual(['A=1', 'B=2'])
    expect(Config.Labels['com.example']).toBe('yes')
    expect(HostConfig).toMatchObject({
      NanoCpus: 5e8,
      Memory: 64 << 20,
      PidsLimit: 50,
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      ExtraHosts: ['db:10.0.0.1'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
      RestartPolicy: { Name: 'no' },
    })
    await bench.do('start', { container })
    expect((await bench.find(container))?.state).toBe('running')
  })
})

test('H14 a log line of any length is cut', async () => {
  const entrypoint = ['sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x; echo; echo end']
  const container = await bench.run(GOOD, { config: { entrypoint, healthcheck: 'none' } })
  await bench.seen(container, ({ state }) => state === 'exited')
  const lines = await world.engine.logs(container, 5)
  expect(lines.at(-1)).toBe('end')
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(2_000)
})

test('the mark moves on without taking an image from under a stopped container that nothing else names', async () => {
  const dockerfile = `FROM ${BASE_IMAGE}\nENV MARK=${bench.stack}\nCMD ["true"]\n`
  const id = await buildImage(socketPath, `live/${bench.stack}:1`, { files: {}, dockerfile })
  await bench.do('mark-stable', { release: 'old', image: id })
  await bench.create(id)
  await docker.getImage(`live/${bench.stack}:1`).remove()
  await bench.do('mark-stable', { release: 'new', image: GOOD })
  expect(await bench.look({ images: [id] })).toMatchObject({ images: [id], stableMark: 'new' })
  await bench.do('remove', { container: bench.name() })
  await bench.do('clear-mark', {})
  expect(await bench.look({ images: [id] })).toMatchObject({ images: [], stableMark: null })
})
