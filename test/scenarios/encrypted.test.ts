import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ageEncrypt, makeAgeKey } from '../support/age.ts'
import { type AgeHost, startAgeHost } from './age-host.ts'
import { web } from './compose.ts'
import { ask, identities } from './engine.ts'
import type { Host } from './host.ts'

const SEVERAL_DEPLOYS_MS = 240_000
/** It answers at /secret with what it was given, however. */
const SHOW = 'mkdir -p /tmp/www; { echo "$$PW"; cat /run/secrets/* /app.yaml; } >/tmp/www/secret; exec /app.sh'

let one: AgeHost
let host: Host

beforeEach(async () => {
  one = await startAgeHost()
  host = one.host
})
afterEach(() => one.close())

const reader = (parts: Record<string, unknown>) => web('app:1', { entrypoint: ['sh', '-c', SHOW], ...parts })

/** Each service gets its secret another way, and one has none. */
const STACK = {
  services: {
    env: reader({ env_file: ['app.env'] }),
    variable: reader({ environment: { PW: 'u:$DOT' } }),
    file: reader({ secrets: ['password'] }),
    whole: reader({ secrets: ['token'] }),
    config: reader({ configs: [{ source: 'app', target: '/app.yaml' }] }),
    other: web('app:1'),
  },
  secrets: { password: { file: './password' }, token: { file: './token.age' } },
  configs: { app: { file: './app.yaml' } },
}

interface Secrets {
  env: string
  variable: string
  file: string
  whole: string
  config: string
}

const FIRST: Secrets = { env: 'env-1', variable: 'dot-1', file: 'file-1', whole: 'whole-1', config: 'config-1' }

async function files(secrets: Secrets, recipients?: string[]): Promise<Record<string, string>> {
  const all = {
    'app.env': await one.sops('dotenv', { PW: secrets.env }, recipients),
    '.env': await one.sops('dotenv', { DOT: secrets.variable, UNUSED: secrets.env }, recipients),
    password: await one.sops('binary', secrets.file, recipients),
    'token.age': (await ageEncrypt(secrets.whole, recipients ?? [one.key.recipient], ['-a'])).toString(),
    'app.yaml': await one.sops('yaml', { key: secrets.config }, recipients),
  }
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [`stacks/${host.stack}/${name}`, text]))
}

/** What each service was given. */
async function given(): Promise<Record<string, string>> {
  const seen = (await host.running()).filter(({ service }) => service !== 'other')
  return Object.fromEntries(
    await Promise.all(seen.map(async (replica) => [replica.service, await ask(replica, '/secret')])),
  )
}

const asGiven = (secrets: Secrets) => ({
  ...secrets,
  variable: `u:${secrets.variable}`,
  config: `key: ${secrets.config}`,
})

async function blockedBy(reason: RegExp): Promise<void> {
  const isBlocked = ({ sync, message }: { sync: string; message: string }) => sync === 'Blocked' && reason.test(message)
  await host.eventually(
    async () => isBlocked(host.entry().status ?? { sync: '', message: '' }),
    `it to be blocked by ${reason}`,
  )
}

async function byService(): Promise<Record<string, string[][]>> {
  const seen = await host.running()
  return Object.fromEntries(
    [...new Set(seen.map(({ service }) => service))].map((name) => [
      name,
      identities(seen.filter(({ service }) => service === name)),
    ]),
  )
}

describe('a secret in an encrypted file', () => {
  it(
    'K1 that changes is rolled out to the services that use it, and to no other',
    async () => {
      await host.deployAsPlanned(STACK, await files(FIRST))
      expect(await given()).toEqual(asGiven(FIRST))

      let secrets = FIRST
      for (const changed of Object.keys(FIRST) as (keyof Secrets)[]) {
        const before = await byService()
        secrets = { ...secrets, [changed]: `${changed}-2` }
        await host.deployAsPlanned(STACK, await files(secrets))
        const after = await byService()
        const touched = Object.keys(after).filter(
          (name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]),
        )
        expect(touched).toEqual([changed])
        expect(await given()).toEqual(asGiven(secrets))
      }

      // Back from what was kept.
      expect(await host.cli('rollback', host.stack, '--wait')).toMatchObject({ code: 0 })
      expect(await given()).toEqual(asGiven({ ...secrets, config: FIRST.config }))
    },
    SEVERAL_DEPLOYS_MS,
  )

  it('K2 that is only encrypted anew, or for one more reader, changes nothing', async () => {
    expect((await host.deploy(STACK, await files(FIRST))).status).toMatchObject({ health: 'Healthy' })
    const [before, steps] = [await byService(), host.history().filter(({ kind }) => kind === 'step').length]
    const more = [(await makeAgeKey()).recipient, one.key.recipient]
    for (const again of [await files(FIRST), await files(FIRST, more)]) {
      const entry = await host.deploy(STACK, again)
      expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    }
    expect(await byService()).toEqual(before)
    expect(host.history().filter(({ kind }) => kind === 'step')).toHaveLength(steps)
  })

  it(
    'K3 that was tampered with, or is for another key, blocks its stack and no other, and what runs goes on',
    async () => {
      expect((await host.deploy(STACK, await files(FIRST))).status).toMatchObject({ health: 'Healthy' })
      const before = await byService()
      const good = await files({ ...FIRST, env: 'env-2' })
      const env = `stacks/${host.stack}/app.env`
      const tampered = (good[env] ?? '').replace(/^PW=.*$/m, 'PW=mine')
      const other = `${host.stack}-other`
      const neighbour = { [`stacks/${other}/compose.yaml`]: JSON.stringify({ services: { web: web('app:1') } }) }
      await host.deploy(STACK, { ...good, ...neighbour, [env]: tampered })
      await blockedBy(/app\.env cannot be opened: it was changed after SOPS encrypted it/)
      expect(await byService()).toEqual(before)
      await host.eventually(
        async () => host.store.stack(other).status?.health === 'Healthy',
        'the other stack to be healthy',
      )

      await host.deploy(STACK, {
        ...good,
        [env]: await one.sops('dotenv', { PW: 'x' }, [(await makeAgeKey()).recipient]),
      })
      await blockedBy(/it is encrypted for age1\w+, and not for .* sops updatekeys/)

      await one.giveKey(null)
      await host.deploy(STACK, { ...good, [`stacks/${other}/compose.yaml`]: null })
      await blockedBy(/no age key is given/)
      expect(await byService()).toEqual(before)

      await one.giveKey(one.key)
      await host.eventually(async () => host.entry().status?.sync === 'Synced', 'it to be rolled out with the key')
      expect(await given()).toEqual(asGiven({ ...FIRST, env: 'env-2' }))
    },
    SEVERAL_DEPLOYS_MS,
  )
})
