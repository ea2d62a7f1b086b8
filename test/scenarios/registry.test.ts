import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Registry, startRegistry } from '../support/registry.ts'
import { web } from './compose.ts'
import { ask } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host
let registry: Registry

beforeAll(async () => {
  registry = await startRegistry()
})
afterAll(() => registry.stop())
beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

describe('images from a real registry', () => {
  it('are pulled by digest; I1 a tag that does not exist fails at once; a tag that moved is taken up when asked for', async () => {
    const image = `${registry.host}/${host.stack}/app`
    await publish('app:1', `${image}:1`)
    await host.deployAsPlanned({ services: { web: web(`${image}:1`) } })
    const [first] = await host.running()
    expect(await ask(first)).toBe('app:1')
    expect(host.history().map((told) => told.message)).toContainEqual(expect.stringMatching(/^pull-image .*@sha256:/))

    const bad = await host.deploy({ services: { web: web(`${image}:nowhere`) } })
    expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(bad.status?.message).toMatch(/nowhere does not exist/)
    expect(await host.running()).toEqual([first])
    expect(host.history().filter((told) => told.kind === 'failed').length).toBe(1)

    // Published after all: the same commit is tried once more, because a person asks.
    await publish('app:2', `${image}:nowhere`)
    const retried = await host.cli('retry', host.stack, '--wait')
    expect([retried.code, retried.stderr]).toEqual([0, ''])
    const [second] = await host.running()
    expect(await ask(second)).toBe('app:2')

    // I5: the same tag with new content is a rollout, the same content is not.
    const isSynced = () => host.entry().status?.sync === 'Synced'
    await host.cli('sync', host.stack, '--wait')
    expect(await host.running()).toEqual([second])
    await publish('app:3', `${image}:nowhere`)
    const synced = await host.cli('sync', host.stack, '--wait')
    expect([synced.code, isSynced()]).toEqual([0, true])
    const [third] = await host.running()
    expect(await ask(third)).toBe('app:3')
  })
})

/** Pushes a local image under another name, which is then removed here: what runs was really pulled. */
async function publish(local: string, image: string): Promise<void> {
  const { docker } = host
  const [repo = '', tag = ''] = [image.slice(0, image.lastIndexOf(':')), image.slice(image.lastIndexOf(':') + 1)]
  await docker.getImage(local).tag({ repo, tag })
  const progress = await docker.getImage(image).push({ authconfig: {} })
  await new Promise((done, fail) =>
    docker.modem.followProgress(progress, (error, output) => (error === null ? done(output) : fail(error))),
  )
  await docker.getImage(image).remove()
}
