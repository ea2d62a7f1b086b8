import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { keysOf } from '../../src/model/keys.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { StackEntry } from '../../src/store/store.ts'
import { type FailingRegistry, startFailingRegistry } from '../support/failing-registry.ts'
import { buildImage } from '../support/images.ts'
import { publish } from '../support/publish.ts'
import { type Account, type Registry, startRegistry } from '../support/registry.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { web } from './compose.ts'
import { ask, identities } from './engine.ts'
import { type Host, type HostOptions, startHost } from './host.ts'

const ACCOUNT: Account = { username: 'ada', password: 'canary-c0ffee-7f3a91' }

let host: Host
let registry: Registry
let front: FailingRegistry
const ends: (() => void | Promise<void>)[] = []

beforeAll(async () => {
  registry = await startRegistry()
  front = await startFailingRegistry(null, registry.host)
})
afterAll(async () => {
  await front.stop()
  await registry.stop()
})
afterEach(async () => {
  front.trouble = null
  for (const end of ends.splice(0).reverse()) await end()
})

async function begin(options: HostOptions = {}): Promise<void> {
  host = await startHost(options)
  ends.push(host.close)
}

const failures = () => host.history().filter((told) => told.kind === 'failed')
const isBlocked = () => host.entry().status?.sync === 'Blocked'
const message = () => host.entry().status?.message ?? ''

/** A commit that is blocked first counts as settled already; this waits until it runs. */
async function goesThrough(commit: string): Promise<void> {
  const isThere = ({ latest, record, status }: StackEntry) =>
    latest?.commit === commit && latest.digest === record.stable && status?.sync === 'Synced' && record.rollout === null
  await host.eventually(async () => isThere(host.entry()), 'the commit to go through')
}

/** Publishes the sample app with content of its own, so that every pull has something to download. */
async function publishFresh(version: number, image: string, account?: Account, bytes = 300_000): Promise<void> {
  const local = `fresh/${host.stack}:${version}`
  const files = { content: randomBytes(bytes) }
  const dockerfile = `FROM app:${version}\nADD content /content\n`
  await publish(host.docker, await buildImage(inject('engineSocket'), local, { files, dockerfile }), image, account)
  await host.docker.getImage(local).remove()
}

describe('images from a real registry', () => {
  it('are pulled by digest; I1 a tag that does not exist fails at once; a tag that moved is taken up when asked for', async () => {
    await begin()
    const image = `${registry.host}/${host.stack}/app`
    await publish(host.docker, 'app:1', `${image}:1`)
    await host.deployAsPlanned({ services: { web: web(`${image}:1`) } })
    const [first] = await host.running()
    expect(await ask(first)).toBe('app:1')
    expect(host.history().map((told) => told.message)).toContainEqual(expect.stringMatching(/^pull-image .*@sha256:/))

    const bad = await host.deploy({ services: { web: web(`${image}:nowhere`) } })
    expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(bad.status?.message).toMatch(/nowhere does not exist/)
    expect(await host.running()).toEqual([first])
    expect(failures().length).toBe(1)

    // Published after all: the same commit is tried once more, because a person asks.
    await publish(host.docker, 'app:2', `${image}:nowhere`)
    const retried = await host.cli('retry', host.stack, '--wait')
    expect([retried.code, retried.stderr]).toEqual([0, ''])
    const [second] = await host.running()
    expect(await ask(second)).toBe('app:2')

    // I5: the same tag with new content is a rollout, the same content is not.
    const isSynced = () => host.entry().status?.sync === 'Synced'
    await host.cli('sync', host.stack, '--wait')
    expect(await host.running()).toEqual([second])
    await publish(host.docker, 'app:3', `${image}:nowhere`)
    const synced = await host.cli('sync', host.stack, '--wait')
    expect([synced.code, isSynced()]).toEqual([0, true])
    const [third] = await host.running()
    expect(await ask(third)).toBe('app:3')
  }, 120_000)

  it('pull_policy: always needs the registry, missing and if_not_present are content with a local copy, never asks nobody', async () => {
    await begin()
    const image = `${front.host}/${host.stack}/app:1`
    const direct = `${registry.host}/${host.stack}/app:1`
    const deploy = (policy: string, round: number) =>
      host.commit({ services: { web: web(image, { pull_policy: policy, environment: { ROUND: `${round}` } }) } })
    await publish(host.docker, 'app:1', direct)
    const never = await host.settled(await deploy('never', 0))
    expect(Object.values(never.record.quarantine)[0]?.reason).toContain(`there is no image ${image} on this engine`)
    expect((await host.settled(await deploy('always', 1))).status?.sync).toBe('Synced')
    expect(await ask((await host.running())[0])).toBe('app:1')

    // The tag moved, and nobody can ask: what is here is what there is.
    await host.docker.getImage((await host.running())[0]?.image ?? '').tag({ repo: image.replace(/:1$/, ''), tag: '1' })
    await publish(host.docker, 'app:2', direct)
    await front.down()
    ends.push(() => host.docker.getImage(image).remove({ force: true }))
    for (const [index, policy] of ['missing', 'if_not_present', 'never'].entries()) {
      expect((await host.settled(await deploy(policy, 2 + index))).status?.sync).toBe('Synced')
      expect(await ask((await host.running())[0])).toBe('app:1')
    }
    const before = await host.running()
    await deploy('always', 5)
    await host.eventually(async () => isBlocked(), 'the stack to be blocked')
    expect(message()).toContain(`Cannot resolve ${image}`)
    expect(identities(await host.running())).toEqual(identities(before))

    await front.up()
    await host.eventually(async () => host.entry().status?.sync === 'Synced', 'the stack to go through')
    expect(await ask((await host.running())[0])).toBe('app:2')
    // With the registry there, `missing` takes up what moved as well, and `never` still does not look.
    await publish(host.docker, 'app:3', direct)
    await host.settled(await deploy('never', 6))
    expect(await ask((await host.running())[0])).toBe('app:1')
    await host.settled(await deploy('missing', 7))
    expect(await ask((await host.running())[0])).toBe('app:3')
  }, 120_000)

  it('rollback to a stable release two back: its containers and its image are gone, it is pulled by digest', async () => {
    await begin()
    const image = `${registry.host}/${host.stack}/app`
    for (const version of [1, 2, 3]) {
      await publish(host.docker, `app:${version}`, `${image}:${version}`)
      await host.deploy({ services: { web: web(`${image}:${version}`) } })
    }
    const stable = host.history().filter((told) => told.kind === 'stable')
    const first = stable.at(-1)?.release ?? ''
    expect(stable.length).toBe(3)
    // What an `image prune` removes: the tags that Holdfast leaves are on the newer ones.
    const reference = pinsOf(first)[0] ?? ''
    await host.docker.getImage(reference).remove({ force: true })
    expect((await host.containers()).some((seen) => seen.image === 'app:1')).toBe(false)

    const back = await host.cli('rollback', host.stack, first.slice(0, 8), '--wait')
    expect([back.code, back.stderr]).toEqual([0, ''])
    expect(await ask((await host.running())[0])).toBe('app:1')
    expect((await host.running()).length).toBe(1)
    expect(host.entry().record.stable).toBe(first)
    const pulled = host.history().find((told) => told.message.startsWith(`pull-image ${reference}`))
    expect(pulled?.kind).toBe('step')
  }, 120_000)
})

describe('a registry in trouble', () => {
  it('I3 429 to the question, 500 to the pull, a refused connection: blocked, and goes through by itself each time', async () => {
    await begin({ args: ['--pull-timeout', '3s'] })
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const image = (version: number) => `${front.host}/${host.stack}/app:${version}`
    for (const version of [2, 3]) {
      await publishFresh(version, `${registry.host}/${host.stack}/app:${version}`)
    }

    front.trouble = 'too-many'
    const commit = await host.commit({ services: { web: web(image(2)) } })
    await host.eventually(async () => isBlocked(), 'the question to be refused')
    expect(message()).toContain('allows no more requests for now')
    front.trouble = 'broken-blobs'
    await host.eventually(async () => host.entry().record.trouble !== null, 'the pull to fail')
    expect(message()).toContain(`Cannot pull ${front.host}`)
    expect(isBlocked()).toBe(true)
    expect(identities(await host.running())).toEqual(identities(before))
    front.trouble = null
    await goesThrough(commit)
    expect(await ask((await host.running())[0])).toBe('app:2')

    await front.down()
    const next = await host.commit({ services: { web: web(image(3)) } })
    await host.eventually(async () => isBlocked(), 'the connection to be refused')
    expect(message()).toContain('connection refused')
    await front.up()
    await goesThrough(next)
    expect(failures()).toEqual([])
    expect(host.entry().record.quarantine).toEqual({})
  }, 180_000)

  it('I2 a pull that hangs ends at the limit: blocked, not quarantined, the old untouched; then it goes through by itself', async () => {
    await begin({ args: ['--pull-timeout', '2s'] })
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    await publishFresh(2, `${registry.host}/${host.stack}/app:2`)
    front.trouble = 'stalls'
    const commit = await host.commit({ services: { web: web(`${front.host}/${host.stack}/app:2`) } })
    await host.eventually(async () => (host.entry().record.trouble?.failures ?? 0) >= 2, 'two pulls to hang')
    expect(isBlocked()).toBe(true)
    expect(message()).toContain('the time limit was reached (no progress for 2 s)')
    expect(host.entry().record.quarantine).toEqual({})
    expect(identities(await host.running())).toEqual(identities(before))
    front.trouble = null
    await goesThrough(commit)
    expect(await ask((await host.running())[0])).toBe('app:2')
    expect(failures()).toEqual([])
  }, 120_000)

  it('a pull that is slow goes on past the limit; status and output say how far it is, the history does not', async () => {
    await begin({ args: ['--pull-timeout', '3s'] })
    // At the speed of the front it takes sixteen seconds.
    await publishFresh(2, `${registry.host}/${host.stack}/app:2`, undefined, 10_000_000)
    front.trouble = 'slow'
    const commit = await host.commit({ services: { web: web(`${front.host}/${host.stack}/app:2`) } })
    const progress = /pull-image \S+: \d+ % of 10 MB/
    await host.eventually(async () => progress.test(message()), 'the progress in the status')
    expect((await host.cli('status')).stdout).toMatch(progress)
    await goesThrough(commit)
    expect(message()).not.toMatch(progress)
    expect(host.output()).toMatch(progress)
    expect(JSON.stringify(host.history())).not.toMatch(progress)
    expect(host.history().some(({ kind }) => kind === 'trouble')).toBe(false)
  }, 120_000)

  it('I3 a registry that hangs keeps the other stacks of the commit waiting for nothing', async () => {
    await begin()
    front.trouble = 'hangs'
    const other = JSON.stringify({ services: { web: web(`${front.host}/team/app:1`) } })
    const begun = performance.now()
    await host.deploy({ services: { web: web('app:1') } }, { 'stacks/other/compose.yaml': other })
    // A registry is given thirty seconds to say what a tag is.
    expect(performance.now() - begun).toBeLessThan(25_000)
    expect(host.store.stacks()).toEqual([host.stack])
  })
})

describe('a registry that wants a credential', () => {
  let closed: Registry
  beforeAll(async () => {
    closed = await startRegistry(ACCOUNT)
  })
  afterAll(() => closed.stop())

  it('I3 401 blocks and says what to do, the old untouched; it goes through once the credential is there; no trace of it', async () => {
    const folder = temporaryFolder()
    ends.push(folder.remove)
    await begin({ args: ['--docker-config', folder.path] })
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const image = `${closed.host}/${host.stack}/app`
    for (const version of [2, 3]) await publishFresh(version, `${image}:${version}`, ACCOUNT)

    const commit = await host.commit({ services: { web: web(`${image}:2`) } })
    await host.eventually(async () => isBlocked(), 'the stack to be blocked')
    expect(message()).toContain(`the registry ${closed.host} refuses access`)
    expect(message()).toContain(`docker --config ${folder.path} login ${closed.host}`)
    expect(identities(await host.running())).toEqual(identities(before))
    expect(host.entry().record.quarantine).toEqual({})

    const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64')
    writeFileSync(join(folder.path, 'config.json'), JSON.stringify({ auths: { [closed.host]: { auth } } }))
    await goesThrough(commit)
    expect(await ask((await host.running())[0])).toBe('app:2')
    expect(failures()).toEqual([])

    // By a helper, which answers for this registry alone.
    const helper = join(folder.path, 'docker-credential-test')
    const answer = JSON.stringify({ ServerURL: closed.host, Username: ACCOUNT.username, Secret: ACCOUNT.password })
    writeFileSync(helper, `#!/bin/sh\nread -r host && [ "$host" = ${closed.host} ] && echo '${answer}'\n`, {
      mode: 0o755,
    })
    await host.stop()
    writeFileSync(join(folder.path, 'config.json'), JSON.stringify({ credHelpers: { [closed.host]: 'test' } }))
    const next = await host.commit({ services: { web: web(`${image}:3`) } })
    const plans = [await host.cli('plan'), await host.cli('plan', '--json')]
    expect(plans[0]?.stdout).toContain('Cannot log in to')
    expect(plans[0]?.stdout).toContain('the credential helper docker-credential-test is not installed')
    host.setEnv({ PATH: `${folder.path}:${process.env['PATH']}` })
    plans.push(await host.cli('plan'), await host.cli('plan', '--json'))
    expect(plans[2]?.stdout).toContain('create web.1')
    await host.start()
    await goesThrough(next)
    expect(await ask((await host.running())[0])).toBe('app:3')

    const told = [host.output(), JSON.stringify([host.history(), host.entry(), plans])]
    const shown = [await host.cli('status', '--json'), await host.cli('history', host.stack, '--json')]
    const places = [...told, JSON.stringify(shown), ...filesUnder(host.data), JSON.stringify(await inspected())]
    for (const place of places) {
      expect(place).not.toContain(ACCOUNT.password)
      expect(place).not.toContain(auth)
    }
  }, 180_000)
})

/** Stored releases are sealed: only who has the key file can read them. */
function pinsOf(digest: string): string[] {
  const store = openStore(host.data, keysOf(readFileSync(join(host.data, 'key'), 'utf8').trim()))
  const pins = Object.values(store.release(host.stack, digest)?.pins ?? {})
  store.close()
  return pins.flatMap((pin) => ('reference' in pin ? [pin.reference] : []))
}

async function inspected(): Promise<unknown[]> {
  const containers = await host.containers()
  return await Promise.all(containers.map(({ id }) => host.docker.getContainer(id).inspect()))
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
}
