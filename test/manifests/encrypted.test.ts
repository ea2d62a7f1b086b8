import { beforeAll, describe, expect, test } from 'vitest'
import { type LoadedStack, loadAll } from '../../src/manifests/load.ts'
import { shown as shownStack, toYaml } from '../../src/manifests/shown.ts'
import { HoldfastError } from '../../src/model/errors.ts'
import { specHash } from '../../src/model/hash.ts'
import { differsByKey } from '../../src/model/keyless.ts'
import { keyedHash } from '../../src/model/keys.ts'
import { makeRelease, manifestDigest } from '../../src/model/release.ts'
import type { Stack } from '../../src/model/stack.ts'
import { openSops } from '../../src/sops/sops.ts'
import { type AgeKey, ageEncrypt, makeAgeKey } from '../support/age.ts'
import { type Plain, type SopsFormat, sopsEncrypt } from '../support/sops.ts'
import { brief, type Files, listing, loadShop, SECRETS, web } from './builders.ts'

const CANARY = 'canary-in-the-coal-mine'
const OTHER = { key: '6f'.repeat(32), id: '6f6f6f6f' }
const base64 = (text: string) => Buffer.from(text).toString('base64')

let key: AgeKey

beforeAll(async () => {
  key = await makeAgeKey()
})

function sops(format: SopsFormat, data: Plain): Promise<string> {
  return sopsEncrypt(format, data, { recipients: [key.recipient] })
}

interface How {
  secrets?: typeof SECRETS
  /** Age keys; null as where nothing is opened. */
  keys?: string[] | null
}

/** The stack `shop`; files lie in its folder. */
async function load(text: string, files: Files, { secrets = SECRETS, keys = [key.identity] }: How = {}) {
  const placed = Object.entries(files).map(([name, content]) => [`stacks/shop/${name}`, content] as const)
  const all = { 'stacks/shop/compose.yaml': text, ...Object.fromEntries(placed) }
  const read = async (path: string) => Buffer.from(all[path as keyof typeof all] ?? '')
  const decrypt = keys === null ? {} : { decrypt: openSops(keys) }
  const { stacks } = await loadAll(listing(all), read, { secrets, ...decrypt })
  const [shop] = stacks
  if (shop === undefined) throw new Error('no stack was found')
  return shop
}

/** The stack, which must be without errors. */
async function stackOf(text: string, files: Files, how: How = {}): Promise<Stack> {
  const { stack, problems } = await load(text, files, how)
  if (stack === null) throw new Error(brief(problems).join('\n'))
  return stack
}

function codes({ problems }: LoadedStack): string[] {
  return problems.map(({ severity, code }) => `${severity} ${code}`)
}

/** Everything that is stored in the clear or shown of a release: names, digests, hashes. */
function shown(stack: Stack) {
  const release = makeRelease(stack, 'c1', { 'web:1': { reference: 'sha256:1', local: true } })
  const specs = Object.values(stack.services).map((service) => specHash(service, service.image))
  return { digest: release.digest, keyed: release.keyed, manifest: manifestDigest(stack), specs }
}

/** The same stack with other secrets in it, but for what follows from them by a key. */
function withOthers(stack: Stack): Stack {
  return JSON.parse(JSON.stringify(stack).replaceAll(CANARY, 'other').replaceAll(base64(CANARY), base64('other')))
}

describe('an encrypted file', () => {
  test('under `secrets:` is a secret like any other, without the warning', async () => {
    const top = 'secrets: { password: { file: ./password }, plain: { file: ./plain } }\n'
    const text = web('secrets: [password, plain]', top)
    const loaded = await load(text, { password: await sops('binary', CANARY), plain: 'hunter2' })
    expect(codes(loaded)).toEqual(['warning secret-in-plain-text'])
    expect(loaded.problems[0]?.message).toBe('The secret `plain` lies readable in the repository')
    const set = { contents: { password: base64(CANARY) }, secret: { user: '', mode: 0o400, image: 'web:1' } }
    expect(loaded.stack?.files[`shop_secret-${keyedHash(SECRETS.key, set)}`]).toEqual(set)
  })

  test('of age is opened as well', async () => {
    const top = 'secrets: { password: { file: ./password.age } }\n'
    const stack = await stackOf(web('secrets: [password]', top), {
      'password.age': await ageEncrypt(CANARY, [key.recipient]),
    })
    expect(Object.values(stack.files)).toMatchObject([{ contents: { 'password.age': base64(CANARY) } }])
  })

  test('under `configs:` is kept like a secret, readable for everybody in the container', async () => {
    const text = web('configs: [c]', 'configs: { c: { file: ./app.yaml } }\n')
    const plain = await stackOf(text, { 'app.yaml': 'a: 1\n' })
    const stack = await stackOf(text, { 'app.yaml': await sops('yaml', { a: CANARY }) })
    const [name = '', set] = Object.entries(stack.files)[0] ?? []
    expect(name).toMatch(/^shop_secret-[0-9a-f]{12}$/)
    expect(set).toEqual({
      contents: { 'app.yaml': base64(`a: ${CANARY}\n`) },
      secret: { user: '', mode: 0o444, image: 'web:1' },
    })
    expect(stack.services['web']?.container.mounts).toMatchObject([
      { kind: 'files', volume: name, target: '/c', secret: { name: 'c', key: SECRETS.id } },
    ])
    expect(Object.keys(plain.files)[0]).toMatch(/^shop_files-/)
  })

  test('as env_file marks its variables, and those made of them', async () => {
    const text = web('env_file: [plain.env, secret.env, after.env]\nenvironment: { OWN: mine, PORT: "80" }')
    const stack = await stackOf(text, {
      'plain.env': 'A=1\nB=2\n',
      'secret.env': await sops('dotenv', { B: CANARY, PORT: '8080', URL: `"postgres://u:${CANARY}@db"` }),
      'after.env': 'C=3\n',
    })
    const { environment, secretEnvironment } = stack.services['web']?.container ?? {}
    expect(environment).toEqual({
      ...{ A: '1', B: CANARY, PORT: '80', URL: `postgres://u:${CANARY}@db`, C: '3', OWN: 'mine' },
    })
    // The last one wins, also in whether it is secret.
    expect(Object.keys(secretEnvironment?.names ?? {})).toEqual(['B', 'URL'])
    expect(secretEnvironment).toMatchObject({ key: SECRETS.id, names: { B: keyedHash(SECRETS.key, { B: CANARY }) } })
  })

  test('as .env makes variables secret, wherever they end', async () => {
    const lines = [
      'env_file: [own.env]',
      'environment:',
      '  PW: ${PW}',
      '  URL: "postgres://u:${PW}@db"',
      '  TAKEN:',
      '  OTHER: ${OTHER:-plain}',
      '  CHOSEN: ${PW:+there}',
      '  EXTENDED: ${EXTENDED}',
      'configs: [c, d]',
      'secrets: [s]',
    ].join('\n')
    const top = [
      'configs: { c: { content: "password=${PW}" }, d: { content: "user=u" } }',
      'secrets: { s: { environment: PW } }',
      'x-holdfast: { env: { EXTENDED: "x${PW}", OTHER: o } }\n',
    ].join('\n')
    const loaded = await load(web(lines, top), {
      '.env': await sops('dotenv', { PW: CANARY, TAKEN: 'taken', OTHER: 'encrypted' }),
      'own.env': 'FROM_FILE=a${PW}b\nPLAIN=c\n',
    })
    expect(codes(loaded)).toEqual([])
    const { environment, secretEnvironment } = loaded.stack?.services['web']?.container ?? {}
    expect(environment).toMatchObject({ PW: CANARY, FROM_FILE: `a${CANARY}b`, EXTENDED: `x${CANARY}`, OTHER: 'o' })
    const names = Object.keys(secretEnvironment?.names ?? {}).sort()
    expect(names).toEqual(['EXTENDED', 'FROM_FILE', 'PW', 'TAKEN', 'URL'])
    expect(Object.values(loaded.stack?.files ?? {}).filter(({ secret }) => secret).length).toBe(2)
  })

  test('a list under `environment` is the same', async () => {
    const text = web('environment: [PW, "URL=u:${PW}", "PLAIN=x"]')
    const stack = await stackOf(text, { '.env': await sops('dotenv', { PW: CANARY }) })
    const { secretEnvironment } = stack.services['web']?.container ?? {}
    expect(Object.keys(secretEnvironment?.names ?? {})).toEqual(['PW', 'URL'])
  })

  test('a variable of the settings takes the place of a secret one, and is none', async () => {
    const all = {
      'stacks/shop/compose.yaml': web('labels: { l: "${PW}" }'),
      'stacks/shop/.env': await sops('dotenv', { PW: 'x' }),
    }
    const read = async (path: string) => Buffer.from(all[path as keyof typeof all])
    const targets = { '': { env: { PW: 'given' } } }
    const { stacks } = await loadAll(listing(all), read, {
      targets,
      secrets: SECRETS,
      decrypt: openSops([key.identity]),
    })
    expect(stacks[0]?.stack?.services['web']?.container.labels).toEqual({ l: 'given' })
  })
})

describe('a secret variable in what is shown is refused, naming the field and not the value', () => {
  test.each<[lines: string, top: string, field: string, hint: RegExp]>([
    ['labels: { l: "${PW}" }', '', 'services.web.labels.l', /can stand in `environment`/],
    ['labels: ["a=${PW}"]', '', 'services.web.labels[0]', /can stand in `environment`/],
    ['command: run --password ${PW}', '', 'services.web.command', /write `\$\$NAME` here/],
    ['entrypoint: [run, "${PW}"]', '', 'services.web.entrypoint[1]', /write `\$\$NAME` here/],
    ['container_name: "c-${PW}"', '', 'services.web.container_name', /x-holdfast.env/],
    ['hostname: "${PW}"', '', 'services.web.hostname', /x-holdfast.env/],
    ['user: "${PW}"', '', 'services.web.user', /x-holdfast.env/],
    ['ports: ["${PW}:80"]', '', 'services.web.ports[0]', /x-holdfast.env/],
    ['environment: ["${PW}=x"]', '', 'services.web.environment[0]', /x-holdfast.env/],
    ['', 'networks: { default: { name: "${PW}" } }\n', 'networks.default.name', /x-holdfast.env/],
    ['logging: { options: { tag: "${PW}" } }', '', 'services.web.logging.options.tag', /x-holdfast.env/],
  ])('%s %s', async (lines, top, field, hint) => {
    const text = web(lines, top)
    for (const format of ['dotenv', 'age'] as const) {
      const env =
        format === 'age' ? await ageEncrypt(`PW=${CANARY}\n`, [key.recipient]) : await sops('dotenv', { PW: CANARY })
      const { problems, stack } = await load(text, { '.env': env })
      const [found] = problems.filter(({ code }) => code === 'secret-exposed')
      expect(found).toMatchObject({ severity: 'error', message: `\`${field}\` would show what is encrypted in git` })
      expect(found?.hint).toMatch(hint)
      expect(found?.line).toBeGreaterThan(4)
      expect(JSON.stringify(problems)).not.toContain(CANARY)
      expect(stack).toBeNull()
    }
  })

  test('an image, too', async () => {
    const { problems } = await load(web('').replace('web:1', 'web:${PW}'), {
      '.env': await sops('dotenv', { PW: CANARY }),
    })
    expect(problems.map(({ message }) => message)).toContain('`services.web.image` would show what is encrypted in git')
    expect(JSON.stringify(problems)).not.toContain(CANARY)
  })

  test('but whether it is set may be', async () => {
    const text = web('labels: { l: "${PW:+protected}" }')
    const stack = await stackOf(text, { '.env': await sops('dotenv', { PW: CANARY }) })
    expect(stack.services['web']?.container.labels).toEqual({ l: 'protected' })
  })
})

describe('an encrypted file in another place is refused, with where it may stand', () => {
  const HINT = /Only `secrets:`, `configs:`, `env_file` and the .env of a stack may be encrypted/

  test.each<[what: string, lines: string, files: (encrypted: string) => Files]>([
    ['a mounted file', 'volumes: ["./app.yaml:/app.yaml:ro"]', (encrypted) => ({ 'app.yaml': encrypted })],
    ['a mounted folder', 'volumes: ["./conf:/conf:ro"]', (encrypted) => ({ 'conf/a': 'x', 'conf/b.yaml': encrypted })],
  ])('%s', async (_what, lines, files) => {
    const { problems, stack } = await load(web(lines), files(await sops('yaml', { a: CANARY })))
    expect(problems).toMatchObject([{ code: 'encrypted-file', line: 5, hint: expect.stringMatching(HINT) }])
    expect(problems[0]?.message).toMatch(/^`stacks\/shop\/.*` is encrypted, and would be used as it is in git$/)
    expect(stack).toBeNull()
  })

  test('a Compose file', async () => {
    const encrypted = await sops('yaml', { services: { web: { image: 'web:1' } } })
    const loaded = await load(encrypted, {})
    expect(codes(loaded)).toEqual(['error encrypted-file'])
  })
})

describe('an encrypted file that cannot be opened', () => {
  const top = 'secrets: { password: { file: ./password } }\n'

  test('is an error of its stack alone, with file, line and what is missing', async () => {
    const files = {
      'stacks/shop/compose.yaml': web('secrets: [password]', top),
      'stacks/shop/password': await sops('binary', CANARY),
      'stacks/other/compose.yaml': web(''),
    }
    const read = async (path: string) => Buffer.from(files[path as keyof typeof files])
    const { stacks, problems } = await loadAll(listing(files), read, { secrets: SECRETS, decrypt: openSops([]) })
    expect(problems).toEqual([])
    const [other, shop] = stacks
    expect(other).toMatchObject({ name: 'other', stack: { name: 'other' }, problems: [] })
    expect(shop?.stack).toBeNull()
    expect(shop?.problems).toMatchObject([
      {
        code: 'decryption-failed',
        file: 'stacks/shop/compose.yaml',
        line: 6,
        message: expect.stringMatching(/stacks\/shop\/password cannot be opened: no age key is given.*`ageKeyFile`/),
      },
    ])
  })

  test('with another key, or changed, likewise; nothing of it is shown', async () => {
    const other = await makeAgeKey()
    const text = web('secrets: [password]\nenv_file: a.env', top)
    const files = { password: await sops('yaml', { a: CANARY, b: 'x' }), 'a.env': await sops('dotenv', { A: CANARY }) }
    const wrong = await load(text, files, { keys: [other.identity] })
    expect(codes(wrong)).toEqual(['error decryption-failed', 'error decryption-failed'])
    expect(wrong.problems[0]?.message).toContain(key.recipient)
    const changed = await load(text, { ...files, password: files.password.replace(/^b:.*\n/m, '') })
    expect(changed.problems).toMatchObject([{ message: expect.stringMatching(/its MAC does not fit its values/) }])
    expect(JSON.stringify([wrong.problems, changed.problems])).not.toMatch(/canary|ENC\[/)
  })

  test('and lines that are none, say so without a word of what is in them', async () => {
    const text = web('env_file: a.env')
    const { problems } = await load(text, {
      'a.env': await ageEncrypt(`OK=1\n${CANARY}\nPW=pa$${CANARY.replaceAll('-', '_')}\n`, [key.recipient]),
    })
    expect(problems).toMatchObject([
      { code: 'env-syntax', file: 'stacks/shop/a.env', line: 2, message: 'Line 2 is not KEY=value' },
      { code: 'variable-missing', line: 3, message: 'The value of PW names a variable that is none' },
    ])
    expect(JSON.stringify(problems)).not.toContain('canary')
  })

  test('whatever the error of another reader says', async () => {
    const files = {
      'stacks/shop/compose.yaml': web('env_file: a.env'),
      'stacks/shop/a.env': await sops('dotenv', { A: 'b' }),
    }
    const read = async (path: string) => Buffer.from(files[path as keyof typeof files])
    const decrypt = () => Promise.reject(new TypeError(CANARY))
    const { stacks } = await loadAll(listing(files), read, { secrets: SECRETS, decrypt })
    expect(stacks[0]?.problems).toMatchObject([{ message: expect.stringMatching(/cannot be opened; this is a bug/) }])
    const ours = () => Promise.reject(new HoldfastError('terminal', 'in our words'))
    expect(
      (await loadAll(listing(files), read, { secrets: SECRETS, decrypt: ours })).stacks[0]?.problems,
    ).toMatchObject([{ message: 'in our words' }])
  })
})

describe('where nothing is opened', () => {
  const lines = 'env_file: a.env\nenvironment: { PW: "${PW}", NEEDED: "${PW:?needed}" }\nsecrets: [s, v]\nconfigs: [c]'
  const top = 'secrets: { s: { file: ./s }, v: { environment: PW } }\nconfigs: { c: { file: ./c.yaml } }\n'
  const files = async (env: string | Buffer) => ({
    '.env': env,
    'a.env': await sops('dotenv', { A: CANARY }),
    s: await ageEncrypt(CANARY, [key.recipient]),
    'c.yaml': await sops('yaml', { a: CANARY }),
  })

  test('an encrypted file is noted, and is no error', async () => {
    for (const env of [await sops('dotenv', { PW: CANARY }), await ageEncrypt(`PW=${CANARY}`, [key.recipient])]) {
      const loaded = await load(web(lines, top), await files(env), { keys: null })
      expect(codes(loaded)).toEqual(Array.from({ length: 4 }, () => 'warning encrypted-not-opened'))
      expect(loaded.problems.map(({ message }) => message)).toContain('`stacks/shop/a.env` is encrypted: not opened')
      expect(loaded.stack).not.toBeNull()
    }
  })

  test('what else is wrong is found all the same', async () => {
    const env = await sops('dotenv', { PW: CANARY })
    const { problems } = await load(web(`${lines}\nlabels: { l: "\${PW}", m: "\${NONE}" }`, top), await files(env), {
      keys: null,
    })
    const errors = problems.filter(({ severity }) => severity === 'error').map(({ code }) => code)
    expect(errors).toEqual(['secret-exposed', 'variable-missing'])
  })
})

describe('what is stored and shown', () => {
  const text = () => web('env_file: a.env\nconfigs: [c]', 'configs: { c: { file: ./c.yaml } }\n')
  const files = async () => ({
    'a.env': await sops('dotenv', { A: CANARY, B: 'b' }),
    'c.yaml': await ageEncrypt(CANARY, [key.recipient]),
  })

  test('depends on secrets by their keyed names alone', async () => {
    const stack = await stackOf(text(), await files())
    expect(JSON.stringify(stack)).toContain(CANARY)
    expect(shown(withOthers(stack))).toEqual(shown(stack))
  })

  test('is the same when the files are encrypted anew', async () => {
    const [before, after] = [await files(), await files()]
    expect(before['a.env']).not.toBe(after['a.env'])
    expect(shown(await stackOf(text(), before))).toEqual(shown(await stackOf(text(), after)))
  })

  test('is another with another secret, and only for the services that use it', async () => {
    const both = `${text()}`.replace(
      'services:\n',
      'services:\n  other: { image: web:1, healthcheck: { test: "true" } }\n',
    )
    const [before, after] = [await files(), { ...(await files()), 'a.env': await sops('dotenv', { A: 'new', B: 'b' }) }]
    const [one, two] = [shown(await stackOf(both, before)), shown(await stackOf(both, after))]
    expect(one.digest).not.toBe(two.digest)
    expect(one.specs[0]).toBe(two.specs[0])
    expect(one.specs[1]).not.toBe(two.specs[1])
  })

  test('under another key is the same but for the key', async () => {
    const encrypted = await files()
    const [one, two] = [
      shown(await stackOf(text(), encrypted)),
      shown(await stackOf(text(), encrypted, { secrets: OTHER })),
    ]
    expect(one.digest).not.toBe(two.digest)
    expect(one.keyed?.keyless).toBe(two.keyed?.keyless)
    expect(differsByKey(one.specs[0] ?? '', two.specs[0] ?? '')).toBe(true)
  })

  test('of what it means is that there are secrets, opened or not', async () => {
    const encrypted = await files()
    for (const keys of [[key.identity], null]) {
      const { stack, hidden } = await load(text(), encrypted, { keys })
      const yaml = toYaml(stack && shownStack(stack, hidden))
      expect(yaml).toContain('environment:\n        A: "***"\n        B: "***"\n')
      expect(yaml).not.toMatch(/canary|secretEnvironment/)
    }
  })

  test('of problems shows no value, not even where one stands in the Compose file as well', async () => {
    const { problems } = await load(web(`env_file: a.env\nlabls: { l: ${CANARY} }`), await files())
    expect(problems.map(({ code }) => code)).toContain('unknown-key')
    expect(JSON.stringify(problems)).not.toContain('canary')
  })
})

test('a file that only speaks of SOPS is not encrypted', () => {
  const { problems } = loadShop(web('volumes: ["./README.md:/README.md:ro"]'), {
    'stacks/shop/README.md': 'Values look like `ENC[AES256_GCM,data:...]`, files of age begin age-encryption.org/v1.',
  })
  expect(problems).toEqual([])
})
