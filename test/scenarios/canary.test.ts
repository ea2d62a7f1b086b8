import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LABEL } from '../../src/model/labels.ts'
import { type AgeKey, ageEncrypt, makeAgeKey } from '../support/age.ts'
import { spotted } from '../support/canary.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type AgeHost, startAgeHost } from './age-host.ts'
import { web } from './compose.ts'
import { ask, identities, remake } from './engine.ts'
import type { Host } from './host.ts'

const MINUTES = 600_000
const MASK = '********'

/** Each by the way it takes into a container. */
const FIRST = {
  env: 'canary-env/1+2&b=c',
  lines: 'canary-line-one\ncanary-line-two',
  variable: 'canary-dot/1+2&b=c',
  file: 'canary-file-one\ncanary-file-two\n',
  whole: 'canary-age-file',
  config: 'canary-of-the-config',
}
const SECOND = asSecond(FIRST)

/** It answers at /secret with all that it was given. */
const SHOW = 'mkdir -p /tmp/www; { env; cat /run/secrets/* /app.yaml; } >/tmp/www/secret; exec /app.sh'
/** It says all that it was given, as it is and as programs are used to pass it on. */
const SPEAK = [
  'env | grep -e PW -e LINES -A1 -e DOTTED',
  'cat /run/secrets/* /app.yaml',
  'echo "$$DOTTED" | base64',
  'echo "password=$$PW" | base64',
  'echo "https://app:$$(echo -n "$$PW" | sed "s|/|%2F|g;s|+|%2B|g;s|&|%26|g;s|=|%3D|g")@example.org/"',
].join('; ')
const COMPLAIN = 'echo "no access with $$PW and $$(cat /run/secrets/token)"; exit 1'

let one: AgeHost
let host: Host
/** Everything that was printed. */
let said: string[]

beforeEach(async () => {
  one = await startAgeHost()
  host = one.host
  said = []
})
afterEach(() => one.close())

type Secrets = typeof FIRST

function asSecond(secrets: Secrets): Secrets {
  return JSON.parse(JSON.stringify(secrets).replaceAll('canary', 'another-canary'))
}

function stack(parts: Record<string, unknown> = {}): unknown {
  const given = {
    env_file: ['app.env'],
    environment: { DOTTED: 'user:$DOT' },
    secrets: ['password', 'token'],
    configs: [{ source: 'app', target: '/app.yaml' }],
  }
  return {
    services: { web: web('app:1', { entrypoint: ['sh', '-c', SHOW], ...given, ...parts }) },
    secrets: { password: { file: './password' }, token: { file: './token.age' } },
    configs: { app: { file: './app.yaml' } },
  }
}

async function files(secrets: Secrets, key: AgeKey = one.key): Promise<Record<string, string>> {
  const readers = [key.recipient]
  const lines = `"${secrets.lines.replace('\n', '\\n')}"`
  const all = {
    'app.env': await one.sops('dotenv', { PW: secrets.env, LINES: lines }, readers),
    '.env': await one.sops('dotenv', { DOT: secrets.variable }, readers),
    password: await one.sops('binary', secrets.file, readers),
    'token.age': (await ageEncrypt(secrets.whole, readers, ['-a'])).toString(),
    'app.yaml': await one.sops('yaml', { db: { password: secrets.config } }, readers),
  }
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [`stacks/${host.stack}/${name}`, text]))
}

/** With another value, or another end of a file that is encrypted whole. */
function tampered(text: string): string {
  const place = text.includes('data:') ? /(?<=data:)./ : /(?<=\n).(?=[^\n]*\n-----END)/
  const other = text.replace(place, (found) => (found === 'A' ? 'B' : 'A'))
  expect(other).not.toBe(text)
  return other
}

async function say(...args: string[]): Promise<string> {
  const { stdout, stderr } = await host.cli(...args)
  said.push(stdout, stderr)
  return stdout + stderr
}

/** Deploys, after a look at what would be done. */
async function deploy(compose: unknown, secrets: Secrets) {
  await host.stop()
  const commit = await host.commit(compose, await files(secrets))
  expect(await say('plan', host.stack)).toContain(host.stack)
  await say('plan', host.stack, '--json')
  await host.start()
  const entry = await host.settled(commit)
  expect(entry.latest?.blocked).toBeNull()
  return entry
}

async function sayAll(): Promise<void> {
  await say('status')
  await say('status', host.stack)
  await say('status', '--json')
  await say('history', host.stack, '--steps', '-n', '1000')
  await say('history', host.stack, '--steps', '-n', '1000', '--json')
}

/** What the engine itself tells, but for the containers' own environment and what their checks printed. */
async function told(): Promise<string> {
  const listed = await host.docker.listContainers({ all: true, filters: { label: [`${LABEL.stack}=${host.stack}`] } })
  const containers = await Promise.all(
    listed.map(async ({ Id }) => {
      const { Config, State, ...rest } = await host.docker.getContainer(Id).inspect()
      return { ...rest, Config: { ...Config, Env: [] }, State: { ...State, Health: null } }
    }),
  )
  expect(containers.length).toBeGreaterThan(0)
  const others = [host.docker.listVolumes(), host.docker.listNetworks(), host.docker.listImages()]
  return JSON.stringify([listed, containers, await Promise.all<unknown>(others)])
}

/** Everything below a folder. */
function lying(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n')
}

async function blockedBy(words: string): Promise<void> {
  await host.eventually(async () => host.entry().status?.message.includes(words) ?? false, `it to be blocked: ${words}`)
}

async function given(): Promise<string> {
  return await ask((await host.running())[0], '/secret')
}

async function validateAndRender(): Promise<void> {
  const folder = temporaryFolder()
  try {
    await host.repo.git('clone', '--quiet', host.repo.path, join(folder.path, 'clone'))
    expect(await say('validate', join(folder.path, 'clone'))).toContain('encrypted: not opened')
    await say('validate', '--json', join(folder.path, 'clone'))
    await say('render', '--dir', join(folder.path, 'clone'))
  } finally {
    folder.remove()
  }
}

function history(): string {
  return JSON.stringify(host.history())
}

it(
  'K4 what encrypted files hold is seen nowhere: not in what is printed, stored or told by the engine',
  async () => {
    expect(await deploy(stack(), FIRST)).toMatchObject({ status: { sync: 'Synced', health: 'Healthy' } })
    await validateAndRender()
    for (const secret of Object.values(FIRST)) expect(await given()).toContain(secret.trim())

    const speaks = { entrypoint: ['sh', '-c', `${SPEAK}; exit 1`] }
    expect((await deploy(stack(speaks), FIRST)).status?.sync).toBe('RolledBack')
    for (const words of [
      `PW=${MASK}`,
      `LINES=${MASK}`,
      `DOTTED=${MASK}`,
      `${MASK}db:`,
      `| ${MASK}"`,
      `https://app:${MASK}@`,
    ]) {
      expect(history()).toContain(words)
    }

    const healthcheck = { test: ['CMD-SHELL', COMPLAIN], interval: '500ms', retries: 2, start_period: '1ms' }
    expect((await deploy(stack({ healthcheck }), SECOND)).status?.sync).toBe('RolledBack')
    expect(history()).toContain(`no access with ${MASK} and ${MASK}`)

    await deploy(stack({ labels: { more: 'x' } }), SECOND)
    expect(await given()).toContain(SECOND.env)
    await sayAll()
    expect(await say('rollback', host.stack, '--wait')).not.toContain('error')
    expect(await given()).toContain(FIRST.env)

    await deploy(stack(), SECOND)
    await host.stop()
    const [replica] = await host.running()
    if (replica === undefined) throw new Error('nothing runs')
    const { Config } = await host.docker.getContainer(replica.id).inspect()
    await remake(host.docker, replica, { Env: [...Config.Env.filter((line) => !line.startsWith('PW=')), 'PW=theirs'] })
    expect(await say('plan', host.stack)).toContain('environment.PW')
    await host.start()
    await host.eventually(async () => history().includes('not as the release says: environment.PW'), 'the drift')
    await host.eventually(async () => (await given().catch(() => '')).includes(`PW=${SECOND.env}`), 'the replacement')
    await host.eventually(async () => host.entry().status?.health === 'Healthy', 'it to be healthy')

    const before = identities(await host.running())
    const good = await files(FIRST)
    for (const [name, text] of Object.entries(good)) {
      await host.commit(stack(), { ...(await files(SECOND)), [name]: tampered(text) })
      await blockedBy(`${name} cannot be opened`)
      await say('plan', host.stack)
    }
    await host.commit(stack(), await files(FIRST, await makeAgeKey()))
    await blockedBy('sops updatekeys')
    await say('plan', host.stack, '--json')
    await sayAll()
    expect(identities(await host.running())).toEqual(before)

    const secrets = [...Object.values(FIRST), ...Object.values(SECOND), one.key.identity]
    // It would be found.
    expect(spotted(`DOTTED=${FIRST.variable} ${btoa(FIRST.env)}`, secrets).length).toBeGreaterThan(1)
    expect(spotted([host.output(), ...said].join('\n'), secrets)).toEqual([])
    expect(spotted(await told(), secrets)).toEqual([])
    expect(spotted(lying(host.data), secrets)).toEqual([])
    await host.stop()
    expect(spotted(lying(host.data), secrets)).toEqual([])
  },
  MINUTES,
)
