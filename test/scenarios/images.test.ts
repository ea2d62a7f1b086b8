import { randomBytes } from 'node:crypto'
import Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appImage } from '../support/app.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { buildImage } from '../support/images.ts'
import { publish } from '../support/publish.ts'
import { type Registry, startRegistry } from '../support/registry.ts'
import { until } from '../support/until.ts'
import { web } from './compose.ts'
import { ask, identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

/** An engine of its own: its disk is small, and others would miss what is pruned here. */
let engine: PrivateEngine
let docker: Docker
let registry: Registry
let host: Host

const BIG_BYTES = 30_000_000
/** Long enough for a few tries, each after a longer wait. */
const PATIENCE_MS = 150_000
const image = (tag: string) => `${registry.host}/app:${tag}`

beforeAll(async () => {
  engine = await startPrivateEngine({ diskSize: '256m' })
  docker = new Docker({ socketPath: engine.socket })
  registry = await startRegistry()
  for (const version of ['1', '2', '3']) {
    await appImage(engine.socket, `app:${version}`, { kind: 'good' })
    await publish(docker, `app:${version}`, image(version))
  }
  const files = { content: randomBytes(BIG_BYTES) }
  await buildImage(engine.socket, 'app:big', { files, dockerfile: 'FROM app:2\nADD content /content\n' })
  await publish(docker, 'app:big', image('big'))
  await docker.getImage('app:big').remove()
})
afterAll(async () => {
  await engine.stop()
  await registry.stop()
})
beforeEach(async () => {
  host = await startHost({ socket: engine.socket })
})
afterEach(() => host.close())

const message = () => host.entry().status?.message ?? ''

describe('a disk that is full', () => {
  it('I6 during a pull: trouble of the platform, nothing half-made left, the old untouched; with room again it goes through', async () => {
    await host.deploy({ services: { web: web(image('1')) } })
    const before = await host.running()
    const images = await imageIds()
    const ballast = await fillDisk(BIG_BYTES / 2)
    try {
      const commit = await host.commit({ services: { web: web(image('big')) } })
      await isBlockedByDisk('Cannot pull')
      expect(await imageIds()).toEqual(images)
      expect(identities(await host.containers())).toEqual(identities(before))
      expect(await ask(before[0])).toBe('app:1')
      await ballast.remove()
      await goesThrough(commit)
    } finally {
      await ballast.remove()
    }
    expect(await ask((await host.running())[0])).toBe('app:2')
  }, 180_000)

  it('I6 during a create: the same', async () => {
    await host.deploy({ services: { web: web(image('1')) } })
    const before = await host.running()
    const ballast = await fillDisk(0)
    try {
      const commit = await host.commit({ services: { web: web(image('1'), { environment: { ROUND: '2' } }) } })
      await isBlockedByDisk('Cannot create web.1')
      expect(identities(await host.containers())).toEqual(identities(before))
      expect(await ask(before[0])).toBe('app:1')
      await ballast.remove()
      await goesThrough(commit)
    } finally {
      await ballast.remove()
    }
    const [after] = await host.running()
    expect(after?.id).not.toBe(before[0]?.id)
    expect(await ask(after)).toBe('app:1')
  }, 180_000)
})

describe('docker system prune', () => {
  const file = () => `stacks/${host.stack}/greeting.txt`
  const stack = (of: string) => ({
    services: { web: web(of, { replicas: 3, volumes: ['./greeting.txt:/tmp/www/greeting.txt:ro'] }) },
  })

  it('I8 during and after a rollout: nothing that runs is hurt; the rollback pulls by digest', async () => {
    await host.deploy(stack(image('1')), { [file()]: 'one' })
    const pruning = pruneOnceForEachKind()
    const commit = await host.commit(stack(image('2')), { [file()]: 'two' })
    await goesThrough(commit)
    const healthy = await pruning.stop()
    expect(healthy.length).toBeGreaterThan(3)
    expect(Math.min(...healthy)).toBe(3)

    const before = await host.running()
    await prune()
    expect(identities(await host.running())).toEqual(identities(before))
    for (const seen of before) expect(await ask(seen, '/greeting.txt')).toBe('two')
    expect(before.length).toBe(3)
    expect(await imageIds()).toHaveLength(1)

    const back = await host.cli('rollback', host.stack, '--wait')
    expect([back.code, back.stderr]).toEqual([0, ''])
    const after = await host.running()
    expect(after.length).toBe(3)
    for (const seen of after) expect(await ask(seen)).toBe('app:1')
    const pulled = host.history().find(({ kind, message }) => kind === 'step' && message.startsWith('pull-image'))
    expect(pulled?.message).toContain('@sha256:')
  }, 240_000)

  it('I8 a local image that was pruned: the rollback says why it cannot, and what is healthy is kept', async () => {
    await appImage(engine.socket, 'only-here:1', { kind: 'good' })
    const { Id } = await docker.getImage('only-here:1').inspect()
    await host.deploy({ services: { web: web('only-here:1') } })
    await host.deploy({ services: { web: web(image('2')) } })
    const before = await host.running()
    await prune()
    const asked = await host.cli('rollback', host.stack)
    expect(asked.code).toBe(0)
    await host.eventually(async () => host.entry().status?.sync === 'Blocked', 'the rollback to be blocked')
    expect(message()).toContain(`The image ${Id} is gone, and it cannot be pulled`)
    expect(identities(await host.running())).toEqual(identities(before))
    expect(await ask(before[0])).toBe('app:2')
  }, 120_000)
})

async function isBlockedByDisk(what: string): Promise<void> {
  await host.eventually(async () => host.entry().record.trouble !== null, 'the disk to be full')
  expect(message()).toContain(what)
  expect(message()).toContain('the disk is full')
  expect(host.entry().status?.sync).toBe('Blocked')
  expect(host.entry().record.quarantine).toEqual({})
}

async function goesThrough(commit: string): Promise<void> {
  const isThere = () => {
    const { latest, record, status } = host.entry()
    return latest?.commit === commit && latest.digest === record.stable && status?.sync === 'Synced'
  }
  await until(async () => isThere(), 'the commit to go through', PATIENCE_MS).catch((cause) => {
    throw new Error(`${cause.message} ${message()} ${host.output()}`)
  })
}

async function imageIds(): Promise<string[]> {
  return (await docker.listImages()).map(({ Id }) => Id).sort()
}

/** Fills the engine's disk up to so many bytes, by a container that writes into a volume. */
async function fillDisk(leave: number): Promise<{ remove(): Promise<void> }> {
  const fill = `dd if=/dev/zero of=/data/spare bs=1000 count=${leave / 1000}; dd if=/dev/zero of=/data/rest bs=64k; rm /data/spare`
  const container = await docker.createContainer({
    Image: 'app:1',
    Entrypoint: ['sh', '-c', fill],
    Healthcheck: { Test: ['NONE'] },
    HostConfig: { NetworkMode: 'none', Binds: ['/data'] },
  })
  await container.start()
  await container.wait()
  const remove = () => container.remove({ v: true, force: true })
  return { remove: () => remove().catch(isGone) }
}

function isGone(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error
}

/** What `docker system prune -af --volumes` does. */
async function prune(): Promise<void> {
  await docker.pruneContainers()
  await docker.pruneNetworks()
  await docker.pruneVolumes()
  await docker.pruneImages({ filters: { dangling: ['false'] } })
}

/** Prunes after the first step of each kind; tells how many replicas were healthy each time. */
function pruneOnceForEachKind(): { stop(): Promise<number[]> } {
  const healthy: number[] = []
  const kinds = new Set<string>()
  const from = host.history()[0]?.id ?? 0
  let stopped = false
  async function look(): Promise<boolean> {
    const steps = host.history().filter(({ id, kind }) => id > from && kind === 'step')
    const fresh = steps.map((told) => told.message.split(' ')[0] ?? '').filter((kind) => !kinds.has(kind))
    if (fresh.length === 0) return stopped
    for (const kind of fresh) kinds.add(kind)
    await prune()
    healthy.push((await host.running()).filter((seen) => seen.health === 'healthy').length)
    return stopped
  }
  const going = until(look, 'the pruning to be stopped', PATIENCE_MS)
  return {
    async stop() {
      stopped = true
      await going
      return healthy
    },
  }
}
