import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Flags } from '../../src/settings/flags.ts'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/temporary.ts'

function folder(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  return made.path
}

/** Settings from a file with this text, in a folder with these other files. */
function settingsOf(
  text: string,
  more: { flags?: Flags; env?: NodeJS.ProcessEnv; files?: Record<string, string> } = {},
) {
  const place = folder()
  for (const [name, text] of Object.entries(more.files ?? {})) writeFileSync(join(place, name), text, { mode: 0o600 })
  const settings = join(place, 'holdfast.yaml')
  writeFileSync(settings, text)
  return { place, read: () => readSettings({ settings, ...more.flags }, more.env ?? {}) }
}

describe('without a file', () => {
  test('everything but the repository has a default', () => {
    const settings = readSettings({ repo: '/r' }, {})
    expect(settings).toMatchObject({
      ...{ file: null, data: '/var/lib/holdfast', keyFile: '/var/lib/holdfast/key', instance: 'holdfast' },
      ...{ pool: '10.201.0.0/16', pullTimeoutMs: 300_000 },
    })
    expect(settings.sources()).toEqual([
      {
        ...{ name: 'default', url: '/r', at: { kind: 'branch', name: 'main' }, poll: '*/30 * * * * *' },
        ...{ staleAfterMs: 900_000, ageKeys: null },
      },
    ])
    expect(settings.targets()).toMatchObject({ '': { endpoint: { kind: 'unix', path: '/var/run/docker.sock' } } })
  })

  test('no repository at all is refused, with where to name it', () => {
    expect(() => readSettings({}, {}).sources()).toThrow('Name it with --repo <url|path> or HOLDFAST_REPO, or under')
    expect(() => readSettings({ branch: 'b' }, {}).sources()).toThrow(/is the source default\? Name it with --repo/)
  })
})

describe('the file', () => {
  test('names sources and targets, and the files beside it', () => {
    const text = `
data: state
poll: "0 * * * * *"
bindRoot: /srv/
sources:
  shop:
    url: https://git.example.org/shop.git
    tag: live
    tokenFile: token
    caFile: ca.pem
    staleAfter: 1h
  infra: { url: ./infra, poll: "*/5 * * * * *", ageKeyFile: age, allowedSignersFile: signers }
targets:
  default: { env: { REGION: eu, DEBUG: false } }
  edge: { engine: ssh://ops@edge, sshKeyFile: key, bindRoot: /data }
`
    const files = { token: 'secret\n', 'ca.pem': 'CA', age: 'AGE-SECRET-KEY-1X', signers: 'a@b ssh-ed25519 AAAA' }
    const { place, read } = settingsOf(text, { files })
    const settings = read()
    expect(settings).toMatchObject({ file: join(place, 'holdfast.yaml'), data: join(place, 'state') })
    expect(settings.sources()).toEqual([
      {
        ...{ name: 'infra', url: join(place, 'infra'), at: { kind: 'branch', name: 'main' }, poll: '*/5 * * * * *' },
        ...{ staleAfterMs: 900_000, ageKeys: 'AGE-SECRET-KEY-1X', signers: { ssh: 'a@b ssh-ed25519 AAAA' } },
      },
      {
        ...{ name: 'shop', url: 'https://git.example.org/shop.git', at: { kind: 'tag', name: 'live' } },
        ...{ poll: '0 * * * * *', staleAfterMs: 3_600_000, ageKeys: null, http: { token: 'secret', ca: 'CA' } },
      },
    ])
    expect(settings.targets()).toMatchObject({
      '': { endpoint: { kind: 'unix' }, bindRoot: '/srv/', env: { REGION: 'eu', DEBUG: 'false' } },
      edge: { endpoint: { kind: 'ssh', host: 'edge', keys: [join(place, 'key')] }, bindRoot: '/data' },
    })
  })

  test('an empty one says nothing', () => {
    expect(settingsOf('# later\n').read()).toMatchObject({ instance: 'holdfast' })
  })

  test.each([
    ['sorces: {}', ':1:1: error: `sorces` is not a key at the top level', 'Did you mean `sources`?'],
    [
      'sources:\n  a: { url: u, brnch: b }',
      ':2:16: error: `brnch` is not a key in sources.a',
      'Did you mean `branch`?',
    ],
    ['sources:\n  a: { url: [] }', ':2:13: error: `sources.a.url` must be a string', 'https://host/path'],
    ['sources: { A: { url: u } }', '`A` cannot be a name in sources', 'letter or digit'],
    ['instance: My One', ':1:11: error: `My One` cannot be `instance`', 'a-z and 0-9'],
    ['data: [', 'error', 'hint'],
    ['data: /a\ndata: /b', ':2:1: error', 'data'],
  ])('%j is refused with its place', (text, message, hint) => {
    const { place, read } = settingsOf(text)
    expect(read).toThrow(`The settings file ${join(place, 'holdfast.yaml')} cannot be used.`)
    expect(read).toThrow(message)
    expect(read).toThrow(hint)
  })

  test.each([
    ['pool: 10.0.0.1/16', ':1:7: The pool "10.0.0.1/16" is no block'],
    ['pullTimeout: soon', ':1:14: "soon" is not a duration for `pullTimeout`'],
    ['bindRoot: here', ':1:11: The folder "here" is not absolute'],
    ['targets:\n  edge:\n    engine: tcp://192.0.2.1', ':3:13: The engine tcp://192.0.2.1 would give'],
    ['targets:\n  edge: {}', ':2:9: The target edge names no engine'],
    ['sources:\n  a: {}', ':2:6: Which repository is the source a? Give it a `url`.'],
    ['sources:\n  a: { url: u, staleAfter: x }', ':2:28: "x" is not a duration for `staleAfter`'],
    ['sources:\n  a: { url: u, tokenFile: none }', ':2:27: The file'],
    ['sources:\n  a: { url: u, branch: b, tag: t }', ':2:32: The source a has both `branch` and `tag`. Keep one.'],
    ['sources:\n  a: { url: u, token: s3cret, passwordFile: p }', 'has both `passwordFile` and `token`'],
  ])('%j is refused where it cannot be used', (text, message) => {
    const { read } = settingsOf(text)
    const all = () => [read().targets(), read().sources()]
    expect(all).toThrow(message)
    expect(all).not.toThrow('s3cret')
  })

  test('an age key that others can read is refused', () => {
    const { place, read } = settingsOf('sources:\n  a: { url: u, ageKeyFile: key }\n', { files: { key: 'k' } })
    expect(read().sources()).toMatchObject([{ ageKeys: 'k' }])
    for (const mode of [0o640, 0o604]) {
      chmodSync(join(place, 'key'), mode)
      const words = `:2:28: The age key file ${join(place, 'key')} can be read by others than its owner. Run: chmod 600`
      expect(() => read().sources()).toThrow(words)
    }
  })

  test('no secret in it is repeated by an error about its line', () => {
    const { read } = settingsOf('sources:\n  a: { url: u, token: [s3cret] }\n')
    expect(read).toThrow('`sources.a.token` must be a string')
    expect(read).not.toThrow('s3cret')
  })

  test('one that is named and cannot be read is refused', () => {
    expect(() => readSettings({ settings: '/none/holdfast.yaml' }, {})).toThrow(/cannot be read: .*--settings/)
    const unreadable = folder()
    mkdirSync(join(unreadable, 'dir'))
    chmodSync(unreadable, 0o700)
    expect(() => readSettings({ settings: join(unreadable, 'dir') }, {})).toThrow('cannot be read')
  })
})

describe('what wins', () => {
  const text = 'instance: file\nsources: { default: { url: /file, tag: t, token: of-file }, other: { url: /other } }\n'

  test('options and variables over the file, for the source and target that have no name', () => {
    const { read } = settingsOf(text, {
      flags: { repo: '/line', instance: 'line' },
      env: { HOLDFAST_GIT_USERNAME: 'u' },
    })
    expect(read()).toMatchObject({ instance: 'line' })
    expect(read().sources()).toMatchObject([
      { name: 'default', url: '/line', at: { kind: 'tag', name: 't' }, http: { username: 'u', token: 'of-file' } },
      { name: 'other', url: '/other' },
    ])
  })

  test('what is laid over takes the place of what cannot stand beside it', () => {
    const place = folder()
    const file = join(place, 'token')
    writeFileSync(file, 'of-twin\n')
    const { read } = settingsOf(text, { flags: { branch: 'b' }, env: { HOLDFAST_GIT_TOKEN_FILE: file } })
    expect(read().sources()).toMatchObject([{ at: { kind: 'branch', name: 'b' }, http: { token: 'of-twin' } }, {}])
  })

  test('both of a pair at once are refused', () => {
    const env = { HOLDFAST_GIT_TOKEN: 'a', HOLDFAST_GIT_TOKEN_FILE: '/b' }
    expect(() => readSettings({ repo: '/r' }, env)).toThrow('has both `token` and `tokenFile`. Keep one.')
  })

  test('an empty variable is as good as none', () => {
    expect(readSettings({ repo: '/r' }, { HOLDFAST_GIT_TOKEN: '' }).sources()[0]).not.toHaveProperty('http')
  })
})
