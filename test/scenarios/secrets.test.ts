import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LABEL } from '../../src/model/labels.ts'
import { spotted } from '../support/canary.ts'
import { web } from './compose.ts'
import { ask, identities, type Seen } from './engine.ts'
import { type Host, startHost } from './host.ts'

const SEVERAL_DEPLOYS_MS = 180_000
const CANARY = 'canary-in-the-coal-mine'
/** It answers with what it could read of its secrets, at /secret. */
const SHOW = 'mkdir -p /tmp/www && cat /run/secrets/* >/tmp/www/secret 2>&1; exec /app.sh'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const reader = (parts: Record<string, unknown> = {}) =>
  web('app:1', { entrypoint: ['sh', '-c', SHOW], secrets: ['password'], ...parts })

const stack = (parts: Record<string, unknown> = {}, other: Record<string, unknown> = {}) => ({
  services: { web: reader(parts), other: web('app:1', other) },
  secrets: { password: { file: './password' } },
})

const file = (content: string) => ({ [`stacks/${host.stack}/password`]: content })
const of = (service: string, seen: Seen[]) => seen.filter((one) => one.service === service)
const kinds = () => host.history().map(({ kind }) => kind)

async function secretVolumes(): Promise<string[]> {
  const { Volumes } = await host.docker.listVolumes({ filters: { label: [`${LABEL.stack}=${host.stack}`] } })
  return (Volumes ?? []).map(({ Name }) => Name).filter((name) => name.startsWith(`${host.stack}_secret-`))
}

describe('a secret', () => {
  it(
    'R15 that changes is rolled out to the service that mounts it, and to no other',
    async () => {
      await host.deployAsPlanned(stack({ replicas: 2 }), file('first'))
      const before = await host.running()
      expect(await Promise.all(of('web', before).map((one) => ask(one, '/secret')))).toEqual(['first', 'first'])
      await host.deployAsPlanned(stack({ replicas: 2 }), file('second'))
      const after = await host.running()
      expect(await Promise.all(of('web', after).map((one) => ask(one, '/secret')))).toEqual(['second', 'second'])
      expect(identities(of('other', after))).toEqual(identities(of('other', before)))
      expect(await secretVolumes()).toHaveLength(2)

      // Back from what was kept.
      const back = await host.cli('rollback', host.stack, '--wait')
      expect(back).toMatchObject({ code: 0 })
      expect(await Promise.all(of('web', await host.running()).map((one) => ask(one, '/secret')))).toEqual([
        'first',
        'first',
      ])
    },
    SEVERAL_DEPLOYS_MS,
  )

  it('is read by a service that is not root, in a read-only container with a tmpfs at /run', async () => {
    const readOnly = { read_only: true, tmpfs: ['/run', '/tmp'], user: 'nobody' }
    await host.deploy(stack(readOnly, { user: '1234' }), file('for nobody else'))
    const [one] = of('web', await host.running())
    expect(await ask(one, '/secret')).toBe('for nobody else')
  })

  it('whose owner the image does not know fails the release in words, and the old serves on', async () => {
    await host.deploy(stack(), file('one'))
    const before = identities(await host.running())
    const entry = await host.deploy(stack({ user: 'ghost' }), file('one'))
    expect(entry.status).toMatchObject({ sync: 'RolledBack', message: expect.stringMatching(/no user "ghost"/) })
    expect(identities(await host.running())).toEqual(before)
  })

  it(
    'stands nowhere: not in the data directory, not in what is printed, not in what the engine tells',
    async () => {
      await host.deploy(stack(), file(CANARY))
      const compose = { ...stack(), 'x-holdfast': { env: { TOKEN: `${CANARY}-too` } } }
      await host.stop()
      await host.commit(
        {
          ...compose,
          services: { ...compose.services, more: reader({ secrets: ['token'] }) },
          secrets: { ...compose.secrets, token: { environment: 'TOKEN' } },
        },
        file(`${CANARY}-2`),
      )
      const plan = await host.cli('plan', host.stack, '--json')
      await host.start()
      await host.eventually(async () => (await secretVolumes()).length === 3, 'the new secrets to be there')
      await host.eventually(async () => host.entry().status?.health === 'Healthy', 'it to be healthy')
      // An error at every point that deals with it: a file in its place that cannot be mounted, and an unknown key.
      const broken = { ...compose, secrets: { ...compose.secrets, token: { environment: 'TOKEN', x: 1 } } }
      const commit = await host.commit(broken, file(`${CANARY}-3`))
      await host.settled(commit)
      const told = await Promise.all([
        host.cli('status', '--json'),
        host.cli('status', host.stack),
        host.cli('history', host.stack, '--json', '--steps', '-n', '1000'),
      ])
      const running = await Promise.all(
        (await host.containers()).map(({ id }) => host.docker.getContainer(id).inspect()),
      )
      const volumes = await host.docker.listVolumes()
      const output = [host.output(), plan, told, running, volumes].map((one) => JSON.stringify(one)).join('\n')
      expect(output).toContain('secret-in-plain-text')
      expect(spotted(`${CANARY} ${btoa(`a=${CANARY}`)}`, [CANARY])).toHaveLength(2)
      expect(output).toContain('`x` is not a key')
      expect(spotted(output, [CANARY])).toEqual([])
      expect(spotted(lying(host.data), [CANARY])).toEqual([])
    },
    SEVERAL_DEPLOYS_MS,
  )
})

/** All that Holdfast keeps, but for git's own copy of the repository, where whoever commits a secret puts it. */
function lying(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}

describe('the key file', () => {
  it(
    'C5 lost: nothing is restarted and it is said; a new commit rolls out, and going back to before is refused',
    async () => {
      await host.deploy(stack(), file('zero'))
      const { record } = await host.deploy(stack(), file('one'))
      const [before, volumes] = [identities(await host.running()), (await secretVolumes()).length]
      await host.stop()
      rmSync(join(host.data, 'key'))
      await host.start()
      await host.eventually(async () => kinds().includes('key-changed'), 'it to be said')
      await host.eventually(async () => host.entry().record.stable !== record.stable, 'the release to be known again')
      const isWell = () => host.entry().status?.sync === 'Synced' && host.entry().status?.health === 'Healthy'
      await host.eventually(async () => isWell(), 'it to be settled')
      expect(identities(await host.running())).toEqual(before)
      expect((await secretVolumes()).length).toBeLessThanOrEqual(volumes)

      const refused = await host.cli('rollback', host.stack)
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/not stored any more.*Revert the commit/),
      })

      await host.deployAsPlanned(stack(), file('two'))
      const after = await host.running()
      expect(await ask(of('web', after)[0], '/secret')).toBe('two')
      expect(identities(of('other', after))).toEqual(
        before.filter(([id]) => of('other', after).some((o) => o.id === id)),
      )

      // To the release that was running while the key was lost, from what was kept.
      expect(await host.cli('rollback', host.stack, '--wait')).toMatchObject({ code: 0 })
      expect(await ask(of('web', await host.running())[0], '/secret')).toBe('one')
      expect(kinds().filter((kind) => kind === 'key-changed')).toHaveLength(1)
    },
    SEVERAL_DEPLOYS_MS,
  )
})
