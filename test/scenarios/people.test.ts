import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const images = async () => (await host.running()).map((seen) => `${seen.service}.${seen.slot} ${seen.image}`)
const message = () => host.entry().status?.message ?? ''

describe('what people ask for, on a real engine', { timeout: 120_000 }, () => {
  it('R24 suspend, then commits: nothing happens; O4 a replica that is stopped stays so; resume: the newest, healed', async () => {
    await host.deploy({ services: { web: web('app:1', { replicas: 2 }) } })
    const suspended = await host.cli('suspend', host.stack, '--wait', '--reason', 'the disk is moved')
    expect(suspended).toMatchObject({ code: 0, stdout: expect.stringContaining(`holdfast resume ${host.stack}`) })
    const [first, second] = await host.running()
    if (!first || !second) throw new Error('nothing runs')
    await host.docker.getContainer(first.id).stop({ t: 0 })
    await host.commit({ services: { web: web('app:2', { replicas: 2 }) } })
    const newest = await host.commit({ services: { web: web('app:3', { replicas: 2 }) } })
    await host.eventually(async () => host.entry().latest?.commit === newest, 'the newest commit')
    await host.kill()
    await host.start()
    await host.eventually(async () => host.entry().status?.health === 'Degraded', 'the truth about its health')
    const steps = host.history().filter(({ kind }) => kind === 'step').length
    const { requests } = host.git
    const from = requests()
    await host.eventually(async () => requests() >= from + 3, 'three more looks')
    expect(host.entry().status).toMatchObject({ sync: 'Suspended', services: { web: { ready: 1, wanted: 2 } } })
    expect(identities(await host.running())).toEqual(identities([second]))
    expect(host.history().filter(({ kind }) => kind === 'step').length).toBe(steps)
    expect(await host.cli('rollback', host.stack)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Resume it first: holdfast resume ${host.stack}`),
    })
    const planned = await host.cli('plan', host.stack)
    expect(planned.code).toBe(0)
    expect(planned.stdout).toContain(`${host.stack}: nothing to do`)
    expect(planned.stdout).toMatch(/ {2}then Suspended, Degraded: .*\n {2}on resume: \d+ steps\n/)

    expect(await host.cli('resume', host.stack, '--wait')).toMatchObject({ code: 0 })
    expect(await images()).toEqual(['web.1 app:3', 'web.2 app:3'])
    expect(host.history().find(({ kind }) => kind === 'suspended')?.message).toMatch(
      /^suspended by .+: the disk is moved$/,
    )
  })

  it('O4 a suspended stack is healed when it is resumed', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    await host.cli('suspend', host.stack)
    const [before] = await host.running()
    if (!before) throw new Error('nothing runs')
    await host.docker.getContainer(before.id).stop({ t: 0 })
    await host.eventually(async () => host.entry().status?.health === 'Degraded', 'the truth about its health')
    expect(await host.running()).toEqual([])
    expect(await host.cli('resume', host.stack, '--wait')).toMatchObject({ code: 0 })
    expect((await host.running()).map(({ id }) => id)).toEqual([before.id])
  })

  it('R19 paused and replicas die: each replaced with its own version; then resumed to the end', async () => {
    const now = await pauseInTheMiddle()
    for (const seen of [now[0], now[2]]) await host.docker.getContainer(seen?.id ?? '').remove({ force: true })
    await host.eventually(async () => {
      const seen = await host.running()
      const isBack = seen.length === 3 && seen.every(({ restart }) => restart === 'unless-stopped')
      return isBack && host.entry().status?.health === 'Healthy'
    }, 'both to be replaced')
    expect(await images()).toEqual(now.map((seen) => `web.${seen.slot} ${seen.image}`))
    expect(message()).toContain('paused after')
    expect(host.entry().record.quarantine).toEqual({})
    expect(await host.cli('resume', host.stack, '--wait')).toMatchObject({ code: 0 })
    expect(await images()).toEqual(['web.1 app:2', 'web.2 app:2', 'web.3 app:2'])
  })

  it('R19 paused, then cancelled: back to the stable release, and the other one is not tried again', async () => {
    const now = await pauseInTheMiddle()
    const cancelled = await host.cli('cancel', host.stack, '--wait', '--reason', 'not today')
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining('cancelled release') })
    expect(await images()).toEqual(['web.1 app:1', 'web.2 app:1', 'web.3 app:1'])
    expect((await host.running())[2]?.id).toBe(now[2]?.id)
    expect(host.entry().status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(message()).toContain('not today')
    expect(await host.cli('cancel', host.stack)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is being rolled out'),
    })
  })

  it('R25 down: as planned all of it goes but its data; commits and restarts bring nothing back, resume does', async () => {
    const volume = `${host.stack}_data`
    const compose = (image: string) => ({
      services: { web: { ...web(image, { replicas: 1 }), volumes: ['data:/data'] } },
      volumes: { data: {} },
    })
    await host.deploy(compose('app:1'))
    const [before] = await host.running()
    const write = await host.docker.getContainer(before?.id ?? '').exec({ Cmd: ['touch', '/data/kept'] })
    await write.start({})
    expect(await host.cli('down', host.stack)).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') })
    const asked = ['down', host.stack, '--yes', '--wait', '--reason', 'it is moved']
    expect(await host.cli(...asked)).toMatchObject({ code: 0, stdout: expect.stringContaining('is down, by ') })
    expect(await host.containers()).toEqual([])
    const networks = await host.docker.listNetworks({ filters: { name: [host.stack] } })
    expect(networks).toEqual([])

    await host.kill()
    const newest = await host.commit(compose('app:2'))
    await host.start()
    await host.eventually(async () => host.entry().latest?.commit === newest, 'the newest commit')
    const planned = await host.cli('plan', host.stack)
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining(`${host.stack}: nothing to do`) })
    expect(planned.stdout).toMatch(/then Suspended, Missing: is down, by .+: it is moved; its volumes stay/)
    expect(planned.stdout).toContain('on resume: ')
    expect(await host.cli('rollback', host.stack)).toMatchObject({ code: 1 })
    expect(await host.containers()).toEqual([])

    expect(await host.cli('resume', host.stack, '--wait')).toMatchObject({ code: 0 })
    expect(await images()).toEqual(['web.1 app:2'])
    const [after] = await host.running()
    const look = await host.docker.getContainer(after?.id ?? '').exec({ Cmd: ['test', '-e', '/data/kept'] })
    await look.start({})
    await host.eventually(async () => (await look.inspect()).ExitCode !== null, 'the look to end')
    expect((await look.inspect()).ExitCode).toBe(0)
    expect((await host.docker.listVolumes()).Volumes.map(({ Name }) => Name)).toContain(volume)
  })

  it('of two stacks in one commit the second waits for the first, as planned', async () => {
    const db = `${host.stack}db`
    const files = (image: string) => ({
      [`stacks/${db}/compose.yaml`]: JSON.stringify({ services: { db: web(image, { update: { monitor: '3s' } }) } }),
    })
    const shop = (image: string) => ({ services: { web: web(image) }, 'x-holdfast': { dependsOn: [db] } })
    await host.deployAsPlanned(shop('app:1'), files('app:1'))
    const from = host.history()[0]?.id ?? 0
    const entry = await host.deployAsPlanned(shop('app:2'), files('app:2'))
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await images()).toEqual(['web.1 app:2'])
    const told = host.store.history(null, 1_000).filter(({ id }) => id > from)
    const isStable = told.find(({ stack, kind }) => stack === db && kind === 'stable')
    const begun = told.filter(({ stack, message }) => stack === host.stack && message.startsWith('create web.1')).at(-1)
    expect(isStable?.id).toBeLessThan(begun?.id ?? 0)
  })
})

/** One of three slots runs app:2 by then, or two where the request came late; the others app:1. */
async function pauseInTheMiddle() {
  const three = (image: string) => ({ services: { web: web(image, { replicas: 3, update: { monitor: '2s' } }) } })
  await host.deploy(three('app:1'))
  await host.commit(three('app:2'))
  await host.eventually(async () => (await host.containers()).some(({ image }) => image === 'app:2'), 'the first slot')
  // As `holdfast pause` does, but at once: a program takes its time to start.
  const id = host.store.ask({ kind: 'pause', stack: host.stack })
  await host.eventually(async () => host.store.answerOf(id) !== null, 'the answer')
  await host.eventually(async () => host.entry().status?.health === 'Healthy', 'the slot in flux to finish')
  expect(message()).toMatch(/^paused after [12] of 3 slots; go on with: holdfast resume/)
  const seen = await host.running()
  expect([seen[0]?.image, seen[2]?.image, seen.length]).toEqual(['app:2', 'app:1', 3])
  return seen
}
