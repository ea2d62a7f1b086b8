import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { appImage } from '../support/app.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { web } from './compose.ts'
import { type Host, startHost } from './host.ts'

const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** An engine that the test may restart as it likes. */
async function ownEngine(args: readonly string[] = []): Promise<PrivateEngine> {
  const engine = await startPrivateEngine({ args: [...args] })
  open.push({ close: () => engine.stop() })
  for (const tag of ['app:1', 'app:2']) await appImage(engine.socket, tag, { kind: 'good' })
  await appImage(engine.socket, 'app:deaf', { kind: 'ignores-term' })
  return engine
}

async function hostOn({ socket, addresses }: PrivateEngine, through = socket): Promise<Host> {
  const host = await startHost({ socket, addresses, through })
  open.push(host)
  return host
}

const images = async (host: Host) => (await host.running()).map((seen) => `${seen.service}.${seen.slot} ${seen.image}`)
const failures = (host: Host) =>
  host.history().filter((told) => told.kind === 'failed' || told.kind === 'replica-failed')
const three = (image: string) => ({ services: { web: web(image, { replicas: 3, update: { monitor: '2s' } }) } })

describe('an engine that goes away', () => {
  it.each([
    { how: 'restart', args: [], liveRestore: 'off' },
    { how: 'restart', args: ['--live-restore'], liveRestore: 'on' },
    { how: 'crash', args: [], liveRestore: 'off' },
  ] as const)(
    'C6 and comes back in the middle of a rollout ($how, live-restore $liveRestore): it completes',
    async (given) => {
      const engine = await ownEngine(given.args)
      const host = await hostOn(engine)
      await host.deploy(three('app:1'))
      const commit = await host.commit(three('app:2'))
      const isProving = async () =>
        (await host.running()).some((seen) => seen.image === 'app:2' && seen.restart === 'no')
      await host.eventually(isProving, 'a replica in its window')
      await engine.restart(given.how)
      const entry = await host.settled(commit)
      expect(failures(host)).toEqual([])
      expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
      expect(await images(host)).toEqual([1, 2, 3].map((slot) => `web.${slot} app:2`))
    },
    120_000,
  )

  it('C7 cut off in the middle of the event stream: what happened meanwhile is put right', async () => {
    const engine = await ownEngine()
    const front = await openFront(engine.socket)
    const host = await hostOn(engine, front.path)
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const [victim] = await host.running()
    front.cut()
    await host.docker.getContainer(victim?.id ?? '').remove({ force: true })
    front.mend()
    await host.eventually(async () => (await host.running()).length === 2, 'a replacement')
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
    expect(await images(host)).toEqual(['web.1 app:1', 'web.2 app:1'])
  })

  it('C8 with everything in it, in the middle of a replacement: the old one does not come back beside the new one', async () => {
    const engine = await ownEngine()
    const host = await hostOn(engine)
    // Deaf to the stop signal: between the drain and the end of the old one there are five seconds.
    await host.deploy({ services: { web: web('app:deaf', { stop_grace_period: '5s' }) } })
    const commit = await host.commit({ services: { web: web('app:2', { stop_grace_period: '5s' }) } })
    const isDrained = async () =>
      (await host.running()).some((seen) => seen.image === 'app:deaf' && seen.restart === 'no')
    await host.eventually(isDrained, 'the old one to be drained')
    await host.kill()
    await engine.restart('reboot')
    await host.eventually(async () => (await host.running()).length > 0, 'the engine to start what it starts')
    expect(await images(host)).toEqual(['web.1 app:2'])
    await host.start()
    expect((await host.settled(commit)).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images(host)).toEqual(['web.1 app:2'])
    expect(failures(host)).toEqual([])
  })
})

/** Another way to the engine's socket, which can be cut. */
async function openFront(socket: string): Promise<{ path: string; cut(): void; mend(): void }> {
  const folder = temporaryFolder()
  const path = join(folder.path, 'front')
  const sockets = new Set<Socket>()
  let isCut = false
  const server: Server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = createConnection(socket)
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((done) => server.listen(path, done))
  open.push({
    close() {
      for (const one of sockets) one.destroy()
      server.close()
      folder.remove()
    },
  })
  return {
    path,
    cut() {
      isCut = true
      for (const one of sockets) one.destroy()
      sockets.clear()
    },
    mend() {
      isCut = false
    },
  }
}
