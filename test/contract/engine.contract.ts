import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EngineEvent } from '../../src/engine/engine.ts'
import type { ObservedContainer } from '../../src/model/observed.ts'
import { composeContract } from './compose.contract.ts'
import { gatewayContract } from './gateway.contract.ts'
import { namesContract } from './names.contract.ts'
import { networkContract } from './networks.contract.ts'
import { trafficContract } from './traffic.contract.ts'
import { Bench, type ContractWorld } from './world.ts'

/** What every Engine must do, written against the interface alone: a real engine and the model of one both pass. */
export function engineContract(name: string, setup: () => Promise<ContractWorld>): void {
  describe(name, () => {
    let world: ContractWorld
    let bench: Bench

    beforeAll(async () => {
      world = await setup()
    })
    afterAll(async () => world?.cleanup())
    beforeEach(() => {
      bench = new Bench(world)
    })
    afterEach(async () => bench.clear())

    describe('containers of Docker Compose', () => composeContract(() => ({ world, bench })))

    describe('the gateway', () => gatewayContract(() => bench))

    describe('the names', () => namesContract(() => bench))

    describe('the traffic', () => trafficContract(() => bench))

    describe('a container', () => {
      test('is created but not started, and shows everything decide needs', async () => {
        const publish = [{ address: '127.0.0.1', published: 23_451, target: 8080, protocol: 'tcp' as const }]
        const container = await bench.create(world.images.good, { args: { publish, slot: 3, role: 'job' } })
        const found = await bench.find(container)
        expect(found).toMatchObject({
          name: container,
          service: 'web',
          slot: 3,
          role: 'job',
          spec: 'v1:0a1b2c3d',
          release: 'release-1',
          state: 'created',
          startedAt: '',
          restarts: 0,
          restart: 'no',
          publish,
        } satisfies Partial<ObservedContainer>)
        expect(found?.check?.test.length).toBeGreaterThan(1)
      })

      test('runs after start, becomes healthy, and keeps the moment it was started', async () => {
        const container = await bench.run(world.images.good)
        const healthy = await bench.seen(container, ({ health }) => health === 'healthy')
        expect(healthy).toMatchObject({ state: 'running', error: '' })
        expect(healthy.startedAt).not.toBe('')
        expect((await bench.find(container))?.startedAt).toBe(healthy.startedAt)
      })

      test('without a check has the health none and no check', async () => {
        const found = await bench.seen(await bench.run(world.images.bare), ({ state }) => state === 'running')
        expect(found.health).toBe('none')
        expect(found).not.toHaveProperty('check')
      })

      test("a check of none disables the image's own", async () => {
        const container = await bench.run(world.images.good, { config: { healthcheck: 'none' } })
        const found = await bench.seen(container, ({ state }) => state === 'running')
        expect(found.health).toBe('none')
        expect(found).not.toHaveProperty('check')
      })

      test('a check of the service replaces that of the image', async () => {
        const healthcheck = {
          test: ['CMD', 'true'],
          intervalMs: 1_000,
          timeoutMs: 2_000,
          retries: 5,
          startPeriodMs: 3_000,
        }
        const container = await bench.create(world.images.good, { config: { healthcheck } })
        expect((await bench.find(container))?.check).toEqual(healthcheck)
      })

      test('shows what it was asked for, and the limits that an update set', async () => {
        const config = { environment: { A: '1' }, user: 'nobody', cpus: 0.5, memoryBytes: 64 << 20, pids: 50 }
        const container = await bench.create(world.images.bare, { config })
        const before = await bench.seen(container, () => true)
        expect(before.fields).toMatchObject({ user: 'nobody', cpus: '0.5', memoryBytes: '64m', pids: '50' })
        expect(before.fields.environment).toMatchObject({ A: '1', ...before.imageConfig.environment })
        const limits = { cpus: 0.75, memoryBytes: 32 << 20, memorySwapBytes: 48 << 20 }
        for (const _ of [1, 2]) await bench.do('update', { container, limits })
        const changed = { cpus: '0.75', memoryBytes: '32m', memorySwapBytes: '48m', pids: 'none' }
        expect((await bench.find(container))?.fields).toEqual({ ...before.fields, ...changed })
      })

      test('that turns unhealthy keeps running and is seen as unhealthy', async () => {
        const container = await bench.run(world.images.turnsUnhealthy)
        await bench.seen(container, ({ health }) => health === 'healthy')
        const sick = await bench.seen(container, ({ health }) => health === 'unhealthy')
        expect(sick.state).toBe('running')
      })

      test('that ends shows its exit code, and stays ended without a restart policy', async () => {
        const container = await bench.run(world.images.exits7)
        const ended = await bench.seen(container, ({ state }) => state === 'exited')
        expect(ended).toMatchObject({ exitCode: 7, restarts: 0 })
      })

      test('started again shows another start', async () => {
        const container = await bench.run(world.images.exits7)
        const first = await bench.seen(container, ({ state }) => state === 'exited')
        await bench.do('start', { container })
        const second = await bench.seen(container, ({ startedAt }) => startedAt !== first.startedAt)
        expect(second.id).toBe(first.id)
      })

      test('that the engine refuses to start fails the release', async () => {
        const container = await bench.create(world.images.cannotStart)
        await expect(bench.do('start', { container })).rejects.toMatchObject({
          name: 'StepFailed',
          fault: 'release',
          message: expect.stringContaining(bench.stack),
        })
        expect((await bench.find(container))?.state).not.toBe('running')
      })

      test('with its real policy after promotion is restarted by the engine, which is counted', async () => {
        const container = await bench.run(world.images.exits7)
        await bench.seen(container, ({ state }) => state === 'exited')
        await bench.do('promote', { container, restart: 'on-failure:3' })
        expect((await bench.find(container))?.restart).toBe('on-failure:3')
        await bench.do('start', { container })
        await bench.seen(container, ({ restarts }) => restarts > 0)
      })

      test('is restarted no more often than its policy says, and counts anew when it is started again', async () => {
        const container = await bench.run(world.images.exits7)
        await bench.seen(container, ({ state }) => state === 'exited')
        await bench.do('promote', { container, restart: 'on-failure:1' })
        await bench.do('start', { container })
        await bench.seen(container, ({ state, restarts }) => state === 'exited' && restarts === 1)
        await bench.do('drain', { container })
        await bench.do('start', { container })
        await bench.seen(container, ({ state, restarts }) => state === 'exited' && restarts === 0)
      })

      test('of an image that is gone is trouble of the platform: it was there when it was pulled', async () => {
        await expect(bench.create(world.images.missing)).rejects.toMatchObject({
          name: 'StepFailed',
          fault: 'platform',
        })
      })

      test('drained has no restart policy any more', async () => {
        const container = await bench.run(world.images.bare)
        await bench.do('promote', { container, restart: 'always' })
        expect((await bench.find(container))?.restart).toBe('always')
        await bench.do('drain', { container })
        expect(await bench.find(container)).toMatchObject({ restart: 'no', state: 'running' })
      })

      test('stopped stays there and can be started again', async () => {
        const container = await bench.run(world.images.bare)
        await bench.do('stop', { container, graceMs: 1_000 })
        expect((await bench.find(container))?.state).toBe('exited')
        await bench.do('start', { container })
        expect((await bench.find(container))?.state).toBe('running')
      })

      test('removed is gone, running or not', async () => {
        const container = await bench.run(world.images.bare)
        await bench.do('remove', { container })
        expect(await bench.find(container)).toBeUndefined()
      })

      test('writes a log, whose end can be read', async () => {
        const container = await bench.run(world.images.exits7)
        await bench.seen(container, ({ state }) => state === 'exited')
        const all = await world.engine.logs(container, 100)
        expect(all.length).toBeGreaterThan(0)
        expect(await world.engine.logs(container, 1)).toEqual(all.slice(-1))
      })

      test('that is gone has no log', async () => {
        expect(await world.engine.logs(bench.name(9), 10)).toEqual([])
      })
    })

    describe('containers of a stack', () => {
      test('are listed by name, those of another stack not at all', async () => {
        const other = new Bench(world)
        await other.create(world.images.bare)
        await bench.create(world.images.bare, { n: 2 })
        await bench.create(world.images.bare, { n: 1 })
        const { containers, takenNames } = await bench.look()
        expect(containers.map(({ name }) => name)).toEqual([bench.name(1), bench.name(2)])
        expect(takenNames).toEqual([])
        await other.clear()
      })

      test('with a name that another of ours has are refused as trouble of the platform', async () => {
        await bench.create(world.images.bare)
        await expect(bench.create(world.images.bare, { args: { spec: 'v1:ffffffff' } })).rejects.toMatchObject({
          name: 'StepFailed',
          fault: 'platform',
        })
      })
    })

    describe('repeating a step that is done changes nothing', () => {
      test('create, start, promote, drain, stop', async () => {
        const container = await bench.create(world.images.bare)
        const { id } = await bench.seen(container, () => true)
        await bench.create(world.images.bare)
        expect((await bench.find(container))?.id).toBe(id)

        await bench.do('start', { container })
        const started = await bench.seen(container, ({ state }) => state === 'running')
        await bench.do('start', { container })
        for (const _ of [1, 2]) await bench.do('promote', { container, restart: 'always' })
        for (const _ of [1, 2]) await bench.do('drain', { container })
        expect(await bench.find(container)).toEqual(started)

        for (const _ of [1, 2]) await bench.do('stop', { container, graceMs: 1_000 })
        expect((await bench.find(container))?.state).toBe('exited')
      })

      test('drain, stop and remove of a container that is gone', async () => {
        const container = bench.name(7)
        await bench.do('drain', { container })
        await bench.do('stop', { container, graceMs: 1_000 })
        await bench.do('remove', { container })
        expect(await bench.find(container)).toBeUndefined()
      })

      test('network, volume, files and mark', async () => {
        const network = `${bench.stack}_default`
        const volume = `${bench.stack}_files-1`
        const args = { volume, files: { contents: { 'a.txt': 'YQ==' } }, image: world.images.bare }
        for (const _ of [1, 2]) await bench.do('create-network', { network, internal: false })
        for (const _ of [1, 2]) await bench.do('create-files', args)
        for (const _ of [1, 2]) await bench.do('mark-stable', { release: 'abc', image: world.images.bare })
        expect(await bench.look()).toMatchObject({
          networks: [{ name: network, ours: true }],
          volumes: [{ name: volume, ours: true }],
          stableMark: 'abc',
        })
        for (const _ of [1, 2]) await bench.do('remove-network', { network })
        for (const _ of [1, 2]) await bench.do('remove-files', { volume })
        for (const _ of [1, 2]) await bench.do('clear-mark', {})
        expect(await bench.look()).toMatchObject({ networks: [], volumes: [], stableMark: null })
      })
    })

    describe('start and promote', () => {
      test('of a container that is gone are trouble of the platform, not of the release', async () => {
        const container = bench.name(8)
        const expected = { name: 'StepFailed', fault: 'platform' }
        await expect(bench.do('start', { container })).rejects.toMatchObject(expected)
        await expect(bench.do('promote', { container, restart: 'always' })).rejects.toMatchObject(expected)
      })
    })

    describe('files of a commit', () => {
      test('are filled completely before they are seen, and leave no helper behind', async () => {
        const volume = `${bench.stack}_files-2`
        await bench.do('create-files', {
          volume,
          files: { contents: { 'conf/a': 'YQ==', b: '' } },
          image: world.images.bare,
        })
        const { volumes, containers } = await bench.look()
        expect(volumes).toEqual([{ name: volume, ours: true, files: true }])
        expect(containers).toEqual([])
      })

      test('of a secret are filled alike, and a container that mounts one of them shows the volume', async () => {
        const volume = `${bench.stack}_secret-1`
        const files = { contents: { s: 'YQ==' }, secret: { user: '7:8', mode: 0o400 } }
        await bench.do('create-files', { volume, files, image: world.images.bare })
        const mounts = [{ kind: 'files' as const, volume, path: 's', target: '/run/secrets/s' }]
        const container = await bench.create(world.images.bare, { config: { mounts } })
        expect((await bench.find(container))?.volumes).toEqual([volume])
        expect((await bench.look()).volumes).toEqual([{ name: volume, ours: true, files: true }])
      })

      test('cannot be removed by a step meant for them when the volume holds data', async () => {
        const volume = `${bench.stack}_data`
        await bench.do('create-volume', { volume })
        await expect(bench.do('remove-files', { volume })).rejects.toMatchObject({ name: 'StepFailed' })
        expect((await bench.look()).volumes).toEqual([{ name: volume, ours: true, files: false }])
      })
    })

    describe('networks and volumes', () => {
      test('asked for but not there are not listed', async () => {
        const found = await bench.look({ networks: ['no-such-network'], volumes: ['no-such-volume'] })
        expect(found).toMatchObject({ networks: [], volumes: [] })
      })

      test('of another stack are listed only when asked for, and not as ours', async () => {
        const other = new Bench(world)
        const network = `${other.stack}_shared`
        await other.do('create-network', { network, internal: true })
        expect((await bench.look()).networks).toEqual([])
        expect((await bench.look({ networks: [network] })).networks).toMatchObject([{ name: network, ours: false }])
        await other.clear()
      })

      test('of another stack are neither taken nor removed', async () => {
        const other = new Bench(world)
        const network = `${other.stack}_shared`
        const volume = `${other.stack}_shared`
        await other.do('create-network', { network, internal: true })
        await other.do('create-files', { volume, files: { contents: { a: '' } }, image: world.images.bare })
        const refused = { name: 'StepFailed', fault: 'platform' }
        await expect(bench.do('create-network', { network, internal: true })).rejects.toMatchObject(refused)
        await expect(bench.do('create-volume', { volume })).rejects.toMatchObject(refused)
        await expect(bench.do('remove-network', { network })).rejects.toMatchObject(refused)
        await expect(bench.do('remove-files', { volume })).rejects.toMatchObject(refused)
        expect(await other.look()).toMatchObject({ networks: [{ name: network }], volumes: [{ name: volume }] })
        await other.clear()
      })

      test('a volume that a container mounts must exist: it is never silently made anew', async () => {
        const mounts = [{ kind: 'volume' as const, volume: `${bench.stack}_gone`, target: '/data', readOnly: false }]
        await expect(bench.create(world.images.bare, { config: { mounts } })).rejects.toMatchObject({
          name: 'StepFailed',
          fault: 'platform',
        })
        expect((await bench.look({ volumes: [`${bench.stack}_gone`] })).volumes).toEqual([])
      })
    })

    describe('the stable mark', () => {
      test('is null at first, and the newest replaces the older', async () => {
        expect((await bench.look()).stableMark).toBeNull()
        await bench.do('mark-stable', { release: 'aaa', image: world.images.bare })
        await bench.do('mark-stable', { release: 'bbb', image: world.images.good })
        expect((await bench.look()).stableMark).toBe('bbb')
      })
    })

    describe('images', () => {
      test('resolve to what containers are created from, and are seen as present', async () => {
        const pin = await world.engine.resolve(world.images.good, 'missing')
        const reference = 'reference' in pin ? pin.reference : ''
        expect(reference).toContain('sha256:')
        const { images } = await bench.look({ images: [reference, world.images.missing] })
        expect(images).toEqual([reference])
        await bench.do('pull-image', { reference })
        expect((await bench.seen(await bench.create(reference), () => true)).state).toBe('created')
      })

      test('that exist nowhere are said to be missing, and pulling them fails the release', async () => {
        expect(await world.engine.resolve(world.images.missing, 'missing')).toHaveProperty('missing')
        expect(await world.engine.resolve(world.images.missing, 'never')).toHaveProperty('missing')
        await expect(bench.do('pull-image', { reference: world.images.missing })).rejects.toMatchObject({
          name: 'StepFailed',
          fault: 'release',
        })
      })
    })

    describe('events', () => {
      test('tell of what interrupts a container and of what does not, until told to stop', async () => {
        const events: EngineEvent[] = []
        const heard = (container: string, action: string) =>
          events.find((e) => e.container === container && e.action === action)
        const watching = new AbortController()
        world.engine.watch({ onEvent: (event) => events.push(event), onGap: () => {} }, watching.signal)
        // The stream opens some time after the call: what happens until then may be missed.
        let n = 10
        await world.until(async () => {
          await bench.create(world.images.bare, { n: ++n })
          return events.length > 0
        }, 'the first event')

        const network = `${bench.stack}_default`
        await bench.do('create-network', { network, internal: false })
        const networks = [{ network, aliases: ['web'] }]
        const container = await bench.run(world.images.turnsUnhealthy, { config: { networks } })
        await world.until(async () => heard(container, 'health_status: unhealthy') !== undefined, 'the unhealthy event')
        await bench.do('stop', { container, graceMs: 1_000 })
        await world.until(async () => heard(container, 'die') !== undefined, 'the die event')
        await bench.do('detach', { container, network })
        await bench.do('attach', { container, network, aliases: ['web'] })
        await world.until(async () => heard(container, 'connect') !== undefined, 'the connect event')
        watching.abort()
        const joining = { stack: bench.stack, resource: network, interrupts: false }
        expect(heard(container, 'disconnect')).toMatchObject(joining)
        expect(heard(container, 'start')).toMatchObject({ stack: bench.stack, interrupts: false })
        expect(heard(container, 'health_status: unhealthy')).toMatchObject({ interrupts: true })
        expect(heard(container, 'die')).toMatchObject({ interrupts: true })

        const before = events.length
        await bench.do('remove', { container })
        expect(events.slice(before)).toEqual([])
      })
    })

    networkContract(() => bench)

    test('the engine says what it is', async () => {
      const about = await world.engine.about()
      expect(about.version).not.toBe('')
      expect(about.platform).toContain('/')
    })
  })
}
