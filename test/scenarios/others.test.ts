import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LABEL } from '../../src/model/labels.ts'
import { freePort } from '../support/port.ts'
import { web } from './compose.ts'
import { ask, identities, type Seen, shell } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const failures = () => host.history().filter((told) => told.kind === 'failed')

describe('memory of bad commits', () => {
  it('R17 a bad commit polled many times: one attempt; retry: one more; a new commit: runs', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const bad = await host.deploy({ services: { web: web('app:exits') } })
    expect(bad.status?.sync).toBe('RolledBack')
    const { requests } = host.git
    const from = requests()
    await host.eventually(async () => requests() >= from + 5, 'five more polls')
    await host.repo.commit({ 'README.md': 'a commit that does not change the stack' }, 'write a word')
    await host.eventually(async () => host.entry().latest?.commit !== bad.latest?.commit, 'the unrelated commit')
    expect(failures().length).toBe(1)
    expect((await host.containers()).filter((seen) => seen.image === 'app:exits').length).toBe(1)

    const retried = await host.cli('retry', host.stack, '--wait')
    expect(retried.code).toBe(3)
    expect(failures().length).toBe(2)

    const good = await host.deployAsPlanned({ services: { web: web('app:2') } })
    expect(good.status?.sync).toBe('Synced')
  })
})

describe("others' hands", () => {
  it('O1 docker rm -f of a replica: replaced within two seconds', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const [victim] = await host.running()
    if (!victim) throw new Error('nothing runs')
    const begun = performance.now()
    await host.docker.getContainer(victim.id).remove({ force: true })
    await host.eventually(async () => (await host.running()).length === 2, 'a replacement')
    expect(performance.now() - begun).toBeLessThan(2_000)
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    expect((await host.running()).map((seen) => seen.slot)).toEqual([1, 2])
  })

  it('O4 docker stop and docker pause: healed', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const [first, second] = await host.running()
    if (!first || !second) throw new Error('nothing runs')
    await host.docker.getContainer(first.id).stop({ t: 0 })
    await host.docker.getContainer(second.id).pause()
    await host.eventually(async () => {
      const running = await host.running()
      return running.length === 2 && host.entry().status?.health === 'Healthy'
    }, 'both to be back')
  })

  it('O8 a port taken by a stranger: blocked, the holder named, the old replica serves on; then it goes through', async () => {
    const port = await freePort()
    const on = (published: number) => web('app:1', { ports: [`127.0.0.1:${published}:8080`] })
    await host.deploy({ services: { web: on(await freePort()) } })
    const before = await host.running()
    const stranger = await host.docker.createContainer({
      name: `stranger-${host.stack}`,
      Image: 'app:2',
      HostConfig: {
        NetworkMode: `${host.stack}_default`,
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] },
      },
      ExposedPorts: { '8080/tcp': {} },
    })
    await stranger.start()
    const commit = await host.commit({ services: { web: on(port) } })
    await host.eventually(async () => host.entry().status?.sync === 'Blocked', 'the block')
    expect(host.entry().status?.message).toContain(`is taken by the container stranger-${host.stack}`)
    expect(identities(await host.running())).toEqual(identities(before))
    await stranger.remove({ force: true })
    expect((await host.settled(commit)).status?.sync).toBe('Synced')
  })

  it('O8 a port that a program outside Docker holds: the old replica is brought back, the cause is told', async () => {
    const on = (published: number) => web('app:1', { ports: [`127.0.0.1:${published}:8080`] })
    await host.deploy({ services: { web: on(await freePort()) } })
    const [before] = await host.running()
    const program = createServer().listen(0, '127.0.0.1')
    await once(program, 'listening')
    try {
      const { port } = program.address() as AddressInfo
      const entry = await host.deploy({ services: { web: on(port) } })
      expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
      expect(entry.status?.message).toContain(`port ${port} is taken by a program outside Docker`)
      expect((await host.running()).map((seen) => seen.id)).toEqual([before?.id])
    } finally {
      program.close()
    }
  })

  it('O12 a container with copied labels is foreign: it is never touched', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const [ours] = await host.running()
    if (!ours) throw new Error('nothing runs')
    const { Config } = await host.docker.getContainer(ours.id).inspect()
    const copied = { ...Config.Labels, [LABEL.slot]: '9' }
    const name = `${host.stack}-web-9-copied`
    const stranger = await host.docker.createContainer({ name, Image: 'app:1', Labels: copied })
    await stranger.start()
    const { State } = await stranger.inspect()
    const settled = await host.deployAsPlanned({ services: { web: web('app:2') } })
    expect(settled.status?.sync).toBe('Synced')
    const after = await stranger.inspect()
    expect([after.State.Running, after.State.StartedAt]).toEqual([true, State.StartedAt])
    await host.repo.commit(
      { [`stacks/${host.stack}/compose.yaml`]: null, 'stacks/other/compose.yaml': '{}' },
      'drop it',
    )
    await host.eventually(async () => !host.store.stacks().includes(host.stack), 'the stack to be gone')
    expect((await stranger.inspect()).State.StartedAt).toBe(State.StartedAt)
    await stranger.remove({ force: true })
  })

  it('R18 the old version crash-loops: the fix rolls out', async () => {
    const entry = await host.deploy({ services: { web: web('app:crash-loops') } })
    expect(entry.status?.sync).toBe('Synced')
    await host.eventually(async () => {
      const [seen] = await host.containers()
      const { RestartCount } = await host.docker.getContainer(seen?.id ?? '').inspect()
      return RestartCount > 0
    }, 'the first restart')
    const fixed = await host.deploy({ services: { web: web('app:2') } })
    expect(fixed.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect((await host.running()).map((seen) => seen.image)).toEqual(['app:2'])
  })

  it('R20 a writable volume: stop-first, data intact, and the plan says "brief downtime" and why', async () => {
    const stack = (image: string) => ({
      services: { web: web(image, { volumes: ['data:/data'] }) },
      volumes: { data: null },
    })
    await host.deployAsPlanned(stack('app:1'))
    const [first] = await host.running()
    if (!first) throw new Error('nothing runs')
    await write(first, 'kept for ever')
    await host.stop()
    const commit = await host.commit(stack('app:2'))
    const { stdout } = await host.cli('plan', host.stack)
    expect(stdout).toContain('brief downtime: web writes to volume data')
    await host.start()
    await host.settled(commit)
    const [second] = await host.running()
    expect([second?.image, await read(second)]).toEqual(['app:2', 'kept for ever'])

    // Back and forth: a release that fails after the old one was stopped brings it back, with its data.
    const bad = await host.deploy(stack('app:exits'))
    expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    const [back] = await host.running()
    expect([back?.id, await read(back)]).toEqual([second?.id, 'kept for ever'])
  })
})

describe('memory', () => {
  it('C3 the database deleted: nothing restarts, the stable release is known, and that it was lost is said', async () => {
    const compose = { services: { web: web('app:1', { replicas: 2 }) } }
    await host.deploy(compose)
    const before = await host.containers()
    const digest = host.entry().record.stable
    await host.stop()
    host.store.close()
    for (const end of ['', '-wal', '-shm']) rmSync(join(host.data, `holdfast.db${end}`), { force: true })
    host.reopen()
    await host.start()
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    expect(host.entry().record.stable).toBe(digest)
    // Told right after what the pass found was saved.
    await host.eventually(async () => host.history().some(({ kind }) => kind === 'memory-lost'), 'the word about it')
    expect(await host.containers()).toEqual(before)

    // With another commit in git meanwhile, it rolls from there.
    const next = await host.deployAsPlanned({ services: { web: web('app:2', { replicas: 2 }) } })
    expect(next.status?.sync).toBe('Synced')
  })
})

describe('git', () => {
  it('G6 the server refuses, knows nothing, breaks, cuts packs short: the last release runs, staleness is told', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const commit = await host.commit({ services: { web: web('app:2') } })
    await host.stop()
    const faults = [
      ...[401, 404, 500].map((status) => ({ kind: 'status' as const, status })),
      { kind: 'cut' as const },
      { kind: 'truncate' as const },
    ]
    for (const fault of faults) {
      host.git.fail(fault)
      const asked = await host.cli('sync', host.stack)
      expect(asked.code).toBe(1)
      const { error, commit: last } = host.store.repository('default')
      expect(asked.stderr).toContain(error)
      expect(error).toContain('config.git')
      if (fault.kind === 'status') expect(error).toContain(String(fault.status))
      expect((await host.cli('status')).stdout).toContain(error)
      expect(last).not.toBe(commit)
      expect(identities(await host.running())).toEqual(identities(before))
    }

    // A running Holdfast waits longer after each failure, tells it once, and goes on by itself.
    await host.start()
    await host.eventually(
      async () => host.store.history('', 100).some(({ kind }) => kind === 'source-failed'),
      'the word',
    )
    host.git.fail(null)
    const entry = await host.settled(commit)
    expect(entry.status?.sync).toBe('Synced')
    expect(failures()).toEqual([])
    expect(host.store.repository('default').error).toBe(null)
  })

  it('G10 invalid YAML in one of two stacks: the other deploys, and nothing of the first is touched', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const other = `${host.stack}b`
    const commit = await host.repo.commit(
      {
        [`stacks/${host.stack}/compose.yaml`]: 'services:\n  web: [broken\n',
        [`stacks/${other}/compose.yaml`]: JSON.stringify({ services: { web: web('app:2') } }),
      },
      'break one, add one',
    )
    await host.eventually(async () => host.store.stack(other).status?.sync === 'Synced', 'the other stack')
    const entry = host.entry()
    expect(entry.latest?.commit).toBe(commit)
    expect(entry.status?.sync).toBe('Blocked')
    expect(entry.status?.message).toContain(`stacks/${host.stack}/compose.yaml:`)
    expect(identities(await host.running())).toEqual(identities(before))
    expect(await ask(before[0] as Seen)).toBe('app:1')
  })
})

const write = (seen: Seen, text: string) => shell(host.docker, seen.id, `echo '${text}' > /data/word`)
const read = (seen: Seen | undefined) => shell(host.docker, seen?.id, 'cat /data/word')
