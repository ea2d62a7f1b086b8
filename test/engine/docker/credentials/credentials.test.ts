import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openCredentials } from '../../../../src/engine/docker/credentials/credentials.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const CANARY = 'canary-7f3a91'

/** A folder of Docker's with a `config.json`, and programs beside it on the path. */
function dockerFolder(config: unknown, helpers: Record<string, string> = {}): string {
  const { path, remove } = temporaryFolder()
  onTestFinished(remove)
  write(path, config)
  for (const [name, script] of Object.entries(helpers)) {
    const file = join(path, `docker-credential-${name}`)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }
  vi.stubEnv('PATH', `${path}:${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  return path
}

function write(folder: string, config: unknown): void {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  writeFileSync(join(folder, 'config.json'), text)
}

function encoded(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64')
}

async function authFor(image: string, config: unknown, helpers: Record<string, string> = {}) {
  return (await openCredentials(dockerFolder(config, helpers)).loginFor(image)).auth
}

test.each([
  ['web', 'https://index.docker.io/v1/'],
  ['team/web:1', 'https://index.docker.io/v1/'],
  ['docker.io/team/web', 'https://index.docker.io/v1/'],
  ['index.docker.io/team/web', 'https://index.docker.io/v1/'],
  ['ghcr.io/team/web@sha256:1', 'ghcr.io'],
  ['localhost/web', 'localhost'],
  ['registry:5000/web:1', 'registry:5000'],
])('the credential of %s is kept as that of %s', async (image, key) => {
  expect(await authFor(image, { auths: { [key]: { auth: encoded('ada', 'a:b') } } })).toEqual({
    username: 'ada',
    password: 'a:b',
    serveraddress: key,
  })
})

test.each(['https://ghcr.io', 'https://ghcr.io/v1/', 'http://ghcr.io/v2/'])(
  'a key as older Dockers wrote it is found too: %s',
  async (key) => {
    const auths = { [key]: { auth: encoded('ada', 'x') } }
    expect(await authFor('ghcr.io/web', { auths })).toMatchObject({ username: 'ada', serveraddress: 'ghcr.io' })
  },
)

test('identity and registry tokens are passed on, with or without a password', async () => {
  const auths = { 'ghcr.io': { auth: encoded('ada', ''), identitytoken: 'i' }, 'quay.io': { registrytoken: 'r' } }
  expect(await authFor('ghcr.io/web', { auths })).toMatchObject({ identitytoken: 'i' })
  expect(await authFor('quay.io/web', { auths })).toEqual({ registrytoken: 'r', serveraddress: 'quay.io' })
})

test('without a file, an entry, or with an empty one, the registry is asked as anybody, and the advice says so', async () => {
  const folder = dockerFolder({ auths: { 'ghcr.io': {} } })
  const { loginFor } = openCredentials(folder)
  const advice = expect.stringContaining(
    `no credential for it in ${folder}/config.json; \`docker --config ${folder} login`,
  )
  expect(await loginFor('ghcr.io/web')).toEqual({ auth: null, advice })
  expect(await loginFor('quay.io/web')).toEqual({ auth: null, advice })
  rmSync(join(folder, 'config.json'))
  expect(await loginFor('quay.io/web')).toEqual({ auth: null, advice })
  expect((await openCredentials(null).loginFor('quay.io/web')).auth).toBeNull()
})

test('what `docker login` writes counts at once', async () => {
  const folder = dockerFolder({})
  const { loginFor } = openCredentials(folder)
  expect((await loginFor('ghcr.io/web')).auth).toBeNull()
  write(folder, { auths: { 'ghcr.io': { auth: encoded('ada', 'x') } } })
  expect((await loginFor('ghcr.io/web')).auth).toMatchObject({ password: 'x' })
})

const ANSWERS = (user: string) =>
  `read -r key; echo "{\\"Username\\":\\"${user}\\",\\"Secret\\":\\"${CANARY} of $key\\"}"`

test('a helper is asked by the key of the registry; the one of the registry before the one of all', async () => {
  const config = { credsStore: 'all', credHelpers: { 'ghcr.io': 'one' }, auths: { 'ghcr.io': {}, 'quay.io': {} } }
  const helpers = { all: ANSWERS('all'), one: ANSWERS('<token>') }
  expect(await authFor('quay.io/web', config, helpers)).toEqual({
    username: 'all',
    password: `${CANARY} of quay.io`,
    serveraddress: 'quay.io',
  })
  expect(await authFor('ghcr.io/web', config, helpers)).toEqual({
    identitytoken: `${CANARY} of ghcr.io`,
    serveraddress: 'ghcr.io',
  })
  expect(await authFor('web', config, helpers)).toMatchObject({ password: `${CANARY} of https://index.docker.io/v1/` })
})

test('a helper that has no credential is no error', async () => {
  const none = 'echo "credentials not found in native keychain"; exit 1'
  const { auth, advice } = await openCredentials(dockerFolder({ credsStore: 'x' }, { x: none })).loginFor('ghcr.io/web')
  expect(auth).toBeNull()
  expect(advice).toContain('no credential for it in the helper docker-credential-x')
})

test.each([
  ['is missing', {}, 'the credential helper docker-credential-x is not installed'],
  ['fails', { x: `echo ${CANARY}; exit 3` }, 'docker-credential-x failed (exit code 3); try it: echo ghcr.io |'],
  ['writes no JSON', { x: `echo ${CANARY}` }, 'did not answer with a user and a secret'],
  ['answers half', { x: `echo '{"Secret":"${CANARY}"}'` }, 'did not answer with a user and a secret'],
  ['hangs', { x: 'sleep 60' }, 'gave no answer within 0.5 s'],
  ['hangs and lets a child hold its output', { x: 'sleep 60 & sleep 60' }, 'gave no answer within 0.5 s'],
  ['never ends its answer', { x: `yes ${CANARY}` }, 'failed (exit code none)'],
])('a helper that %s is trouble of the platform, and what it wrote is not repeated', async (_, helpers, words) => {
  const login = openCredentials(
    dockerFolder({ credsStore: 'x' }, helpers),
    words.includes('0.5 s') ? 500 : 30_000,
  ).loginFor('ghcr.io/web')
  const error = await login.then(
    () => expect.unreachable(),
    (thrown: Error) => thrown,
  )
  expect(error).toMatchObject({ name: 'StepFailed', fault: 'platform' })
  expect(error.message).toContain('Cannot log in to ghcr.io: ')
  expect(error.message).toContain(words)
  expect(JSON.stringify(error, ['message', 'stack', 'cause'])).not.toContain(CANARY)
})

test.each([
  ['no JSON', `{"auths": ${CANARY}`, 'it is not JSON'],
  ['auths of another type', { auths: CANARY }, 'auths is not an object'],
  ['an auth of another type', { auths: { 'ghcr.io': { auth: [CANARY] } } }, 'auths.ghcr.io.auth is not a string'],
  ['an auth that cannot be decoded', { auths: { 'ghcr.io': { auth: CANARY } } }, 'not user:password in base64'],
  ['a helper outside the path', { credsStore: '../x' }, 'cannot be the name of a credential helper'],
])('a configuration with %s is refused with the place, not with what is in it', async (_, config, words) => {
  const login = openCredentials(dockerFolder(config)).loginFor('ghcr.io/web')
  const error = await login.then(
    () => expect.unreachable(),
    (thrown: Error) => thrown,
  )
  expect(error).toMatchObject({ name: 'StepFailed', fault: 'platform', message: expect.stringContaining(words) })
  expect(error.message + String(error.cause)).not.toContain(CANARY)
})
