import { describe, expect, test } from 'vitest'
import { hash8, specHash } from '../../src/model/hash.ts'
import { differsByKey } from '../../src/model/keyless.ts'
import { keyedHash } from '../../src/model/keys.ts'
import { makeRelease, manifestDigest } from '../../src/model/release.ts'
import type { Stack } from '../../src/model/stack.ts'
import { brief, type Files, listing, load, loadShop, SECRETS, shopOf, web } from './builders.ts'

const TOP = 'secrets: { password: { file: ./password }, token: { environment: TOKEN } }\n'
const BESIDE = { 'stacks/shop/password': 'hunter2', 'stacks/shop/.env': 'TOKEN=tok-canary-en' }
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The mounts of `web`, each with the set it mounts. */
function mounted(lines: string, top = TOP, beside: Files = BESIDE) {
  const stack = shopOf(web(lines, top), beside)
  return (stack.services['web']?.container.mounts ?? []).map((mount) => {
    return mount.kind === 'files' ? { mount, set: stack.files[mount.volume] } : { mount }
  })
}

describe('a secret', () => {
  test('of a file or a variable is mounted below /run/secrets, or where the long form says', () => {
    const found = mounted('secrets: [password, { source: token, target: t }, { source: token, target: /etc/token }]')
    expect(found.map(({ mount }) => mount.target)).toEqual(['/run/secrets/password', '/run/secrets/t', '/etc/token'])
    expect(found.map(({ set }) => set?.contents)).toEqual([
      { password: base64('hunter2') },
      { token: base64('tok-canary-en') },
      { token: base64('tok-canary-en') },
    ])
    expect(found[0]?.mount).toMatchObject({
      kind: 'files',
      path: 'password',
      secret: { name: 'password', key: SECRETS.id },
    })
  })

  test('has a name that follows from its content by the key', () => {
    const [found] = mounted('user: 5:6\nsecrets: [password]')
    const set = { contents: { password: base64('hunter2') }, secret: { user: '5:6', mode: 0o400 } }
    expect(found?.set).toEqual(set)
    expect(found?.mount).toMatchObject({ volume: `shop_secret-${keyedHash(SECRETS.key, set)}` })
  })

  test.each<[user: string, given: string, owner: unknown]>([
    ['', '', { user: '', mode: 0o400, image: 'web:1' }],
    ['user: 1000', '', { user: '1000', mode: 0o400 }],
    ['user: app:app', '', { user: 'app:app', mode: 0o400, image: 'web:1' }],
    ['user: 1000:1000', 'uid: 5', { user: '5:1000', mode: 0o400 }],
    ['user: app', 'gid: "7", mode: 0440', { user: 'app:7', mode: 0o440, image: 'web:1' }],
    ['', 'uid: 5, gid: 6, mode: "0440"', { user: '5:6', mode: 0o440 }],
    ['', 'gid: 6', { user: ':6', mode: 0o400, image: 'web:1' }],
  ])('of a service with "%s" and {%s} belongs to whom they say', (user, given, owner) => {
    const comma = given === '' ? '' : `, ${given}`
    const [found] = mounted(`${user === '' ? '' : `${user}\n`}secrets: [{ source: password${comma} }]`)
    expect(found?.set?.secret).toEqual(owner)
  })

  test('with another content, owner or key has another name', () => {
    const volume = (lines: string, beside = BESIDE) => {
      const [found] = mounted(lines, TOP, beside)
      return found?.mount.kind === 'files' ? found.mount.volume : ''
    }
    const names = [
      volume('secrets: [password]'),
      volume('secrets: [password]', { ...BESIDE, 'stacks/shop/password': 'hunter3' }),
      volume('user: 1000\nsecrets: [password]'),
      volume('secrets: [{ source: password, mode: 0440 }]'),
    ]
    expect(new Set(names).size).toBe(4)
    expect(volume('secrets: [password]')).toBe(names[0])
  })
})

describe('a config', () => {
  test('with an owner or a mode is another file set, and without them the same as ever', () => {
    const top = 'configs: { c: { content: text } }\n'
    const [plain, owned] = mounted('user: 5\nconfigs: [c, { source: c, target: /d, gid: 6, mode: 0640 }]', top, {})
    expect(plain?.set).toEqual({ contents: { c: base64('text') } })
    expect(owned?.set).toEqual({ contents: { c: base64('text') }, owner: { user: '5:6', mode: 0o640 } })
    expect(plain?.mount).not.toHaveProperty('secret')
    const [moded] = mounted('configs: [{ source: c, mode: 0444 }]', top, {})
    expect(moded?.set?.owner).toEqual({ user: '', mode: 0o444, image: 'web:1' })
  })
})

describe('problems', () => {
  const WARNING = 'warning secret-in-plain-text'

  test.each<[promise: string, lines: string, top: string, problems: string[]]>([
    ['in order', 'secrets: [password, token]', TOP, [`6:12 ${WARNING}`, `6:44 ${WARNING}`]],
    [
      'not defined',
      'secrets: [pasword]',
      'secrets: { password: { file: ./password } }\n',
      ['5:15 error unresolved-reference', `6:12 ${WARNING}`],
    ],
    ['no content', 'secrets: [s]', 'secrets: { s: {} }\n', ['6:12 error missing-key']],
    [
      'two contents',
      'secrets: [s]',
      'secrets: { s: { file: ./password, environment: TOKEN } }\n',
      ['6:12 error conflicting-keys'],
    ],
    [
      'no such variable',
      'secrets: [s]',
      'secrets: { s: { environment: NONE } }\n',
      [`6:12 ${WARNING}`, '6:30 error variable-missing'],
    ],
    [
      'no such file',
      'secrets: [s]',
      'secrets: { s: { file: ./none } }\n',
      [`6:12 ${WARNING}`, '6:23 error file-missing'],
    ],
    [
      'outside',
      'secrets: [s]',
      'secrets: { s: { file: /etc/shadow } }\n',
      [`6:12 ${WARNING}`, '6:23 error path-outside'],
    ],
    ['unused', '', 'secrets: { password: { file: ./password } }\n', ['5:12 warning no-effect', `5:12 ${WARNING}`]],
    [
      'external',
      'secrets: [s]',
      'secrets: { s: { external: true } }\n',
      ['6:12 error missing-key', '6:17 error unsupported-key'],
    ],
    [
      'a driver',
      'secrets: [s]',
      'secrets: { s: { file: ./password, driver: x } }\n',
      [`6:12 ${WARNING}`, '6:35 error unsupported-key'],
    ],
    [
      'decimal mode',
      'secrets: [{ source: s, mode: 440 }]',
      'secrets: { s: { file: ./password } }\n',
      ['5:34 error wrong-type', `6:12 ${WARNING}`],
    ],
    [
      'odd mode',
      'secrets: [{ source: s, mode: "7777" }]',
      'secrets: { s: { file: ./password } }\n',
      ['5:34 error wrong-value', `6:12 ${WARNING}`],
    ],
    [
      'one path twice',
      'secrets: [s, { source: s }]',
      'secrets: { s: { file: ./password } }\n',
      ['5:18 error duplicate-target', `6:12 ${WARNING}`],
    ],
  ])('%s', (_promise, lines, top, problems) => {
    expect(brief(loadShop(web(lines, top), BESIDE).problems)).toEqual(problems)
  })

  test('never show what a secret holds, not even on the line where it is written', () => {
    const top = 'secrets: { s: { environment: TOKEN } }\nx-holdfast: { env: { TOKEN: canary-1 }, rolback: off }\n'
    const { problems } = loadShop(web('secrets: [s]', top), BESIDE)
    expect(problems.map(({ code }) => code)).toContain('unknown-key')
    expect(JSON.stringify(problems)).not.toContain('canary')
    expect(problems.find(({ code }) => code === 'unknown-key')?.excerpt).toContain('TOKEN: ******** }, rolback')
  })
})

describe('what follows from a secret', () => {
  const release = (password: string, key = SECRETS) => {
    const text = `services:
  web: { image: "web:1", healthcheck: { test: "true" }, secrets: [password] }
  api: { image: "api:1", healthcheck: { test: "true" } }
secrets: { password: { file: ./password } }
`
    const stack = stackUnder(text, { 'stacks/shop/password': password }, key)
    return makeRelease(stack, 'c1', {
      'web:1': { reference: 'w', local: true },
      'api:1': { reference: 'a', local: true },
    })
  }
  const specs = ({ stack }: { stack: Stack }) => Object.values(stack.services).map((service) => specHash(service, 'x'))
  const OTHER = { key: '7a'.repeat(32), id: '7a7a7a7a' }

  test('changes with its content: the release, and the spec of who mounts it, and no other', () => {
    const [before, after] = [release('one'), release('two')]
    expect(before.digest).not.toBe(after.digest)
    expect(manifestDigest(before.stack)).not.toBe(manifestDigest(after.stack))
    const [web, api] = specs(before)
    const [changed, same] = specs(after)
    expect([hash8(web ?? '') !== hash8(changed ?? ''), api === same]).toEqual([true, true])
    expect(differsByKey(web ?? '', changed ?? '')).toBe(false)
  })

  test('does not let anybody test a guess: without the key nothing that is shown depends on the content', () => {
    const shown = ({ digest, stack }: ReturnType<typeof release>) => [
      digest,
      manifestDigest(stack),
      ...specs({ stack }),
    ]
    const renamed = (password: string) => {
      const made = release(password)
      const text = JSON.stringify({ stack: made.stack, pins: made.pins })
      const volume = Object.keys(made.stack.files)[0] ?? ''
      const again = JSON.parse(text.replaceAll(volume, 'shop_secret-0').replaceAll(base64(password), base64('x')))
      return shown(makeRelease(again.stack, 'c1', again.pins))
    }
    expect(renamed('one')).toEqual(renamed('two'))
    expect(JSON.stringify(shown(release('hunter2')))).not.toContain('hunter2')
  })

  test('under another key is the same but for the key', () => {
    const [before, after] = [release('one'), release('one', OTHER)]
    expect(before.digest).not.toBe(after.digest)
    expect(before.keyed?.keyless).toBe(after.keyed?.keyless)
    expect([before.keyed?.key, after.keyed?.key]).toEqual([SECRETS.id, OTHER.id])
    const [web, api] = specs(before)
    const [renamed, same] = specs(after)
    expect([differsByKey(web ?? '', renamed ?? ''), api === same]).toEqual([true, true])
  })

  test('a release without secrets says nothing of keys', () => {
    const made = makeRelease(shopOf(web('')), 'c1', {})
    expect(made).not.toHaveProperty('keyed')
    expect(specs(made)[0]).toMatch(/^v1:[0-9a-f]{64}$/)
  })
})

function stackUnder(text: string, beside: Files, secrets: typeof SECRETS): Stack {
  const files = { 'stacks/shop/compose.yaml': text, ...beside }
  const have = new Map(Object.entries(files).map(([path, one]) => [path, Buffer.from(one)]))
  const stack = load(listing(files), have, new Map(), { secrets }).stacks[0]?.stack
  if (!stack) throw new Error('the stack has problems')
  return stack
}
