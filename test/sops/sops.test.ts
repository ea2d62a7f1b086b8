import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { decryptSops } from 'sops-age'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openSops } from '../../src/sops/sops.ts'
import { type AgeKey, ageEncrypt, makeAgeKey } from '../support/age.ts'
import { type Plain, type SopsFormat, type SopsOptions, seal, sopsEncrypt } from '../support/sops.ts'

const CANARY = 'canary-in-the-coal-mine'

let ours: AgeKey
let other: AgeKey

beforeAll(async () => {
  ours = await makeAgeKey()
  other = await makeAgeKey()
})

function encrypt(format: SopsFormat, data: Plain, options: Partial<SopsOptions> = {}): Promise<string> {
  return sopsEncrypt(format, data, { recipients: [ours.recipient], ...options })
}

async function open(text: string | Uint8Array, path = 'secrets.yaml', keys = [ours.identity]): Promise<string> {
  return Buffer.from((await openSops(keys)(path, Buffer.from(text))) ?? 'not encrypted').toString()
}

/** Why it cannot be opened. It never holds anything of the file's content. */
async function refused(text: string | Uint8Array, path = 'secrets.yaml', keys = [ours.identity]): Promise<string> {
  const error = await openSops(keys)(path, Buffer.from(text)).then(
    () => new Error('it was opened'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'HoldfastError', handling: 'terminal' })
  const { message, stack, cause } = error as Error
  for (const shown of [message, String(stack), String(cause)]) {
    expect(shown).not.toContain(CANARY)
    expect(shown).not.toContain('ENC[')
    expect(shown).not.toContain('AGE-SECRET-KEY')
  }
  return message.replace(`The encrypted file ${path} cannot be opened: `, '')
}

const EVERYTHING = {
  text: CANARY,
  empty: '',
  lines: `first\nsecond ${CANARY}\n`,
  umlaut: 'Zürich 🔐',
  looksLikeNumber: '0x1f',
  looksLikeTruth: 'yes',
  number: 42,
  negative: -7,
  float: 1.5,
  tiny: 0.000001,
  truth: true,
  lie: false,
  nothing: null,
  list: ['one', 2, true, { deep: [CANARY, ''] }],
  nested: { a: { b: { c: CANARY } }, empty: {} },
  plain_unencrypted: { deep: 'readable', port: 5432, ratio: 2.5, on: true },
}

/** As the MAC's order needs it: what `encrypts` is told, and the rule that says it in the file. */
const BY_SUFFIX = { encrypts: (path: string[]) => !path.some((key) => key.endsWith('_unencrypted')) }

describe('a file of SOPS', () => {
  it('of YAML keeps every type, order and nesting', async () => {
    const opened = await open(await encrypt('yaml', EVERYTHING, BY_SUFFIX))
    expect(parse(opened)).toEqual(EVERYTHING)
    expect(Object.keys(parse(opened))).toEqual(Object.keys(EVERYTHING))
    // For readers of YAML 1.1.
    expect(opened).toContain('looksLikeTruth: "yes"')
  })

  it('of JSON likewise', async () => {
    const opened = await open(await encrypt('json', EVERYTHING, BY_SUFFIX), 'secrets.json')
    expect(JSON.parse(opened)).toEqual(EVERYTHING)
    expect(opened).toContain('\n\t"number": 42,\n')
  })

  it('of lines keeps its values, quotes included', async () => {
    const lines = { PASSWORD: CANARY, EMPTY: '', QUOTED: '"a b"', PEM: '"-----BEGIN\nabc\n"', PORT_unencrypted: '8080' }
    const text = await encrypt('dotenv', lines, BY_SUFFIX)
    const opened = `PASSWORD=${CANARY}\nEMPTY=\nQUOTED="a b"\nPEM="-----BEGIN\\nabc\\n"\nPORT_unencrypted=8080\n`
    expect(await open(text, 'stacks/shop/.env')).toBe(opened)
    expect(await open(text, 'prod.env.enc')).toBe(opened)
  })

  it('that was encrypted as a whole is what it was', async () => {
    const text = await encrypt('binary', `#!/bin/sh\necho ${CANARY}\n`)
    expect(await open(text, 'password')).toBe(`#!/bin/sh\necho ${CANARY}\n`)
    expect(JSON.parse(await open(text, 'password.json'))).toEqual({ data: `#!/bin/sh\necho ${CANARY}\n` })
  })

  it('that was encrypted as a whole need not be text', async () => {
    const key = randomBytes(32)
    const whole = await encrypt('binary', 'x', { key })
    const bytes = Buffer.from([0xff, 0xfe, 0, 1])
    const made = JSON.parse(whole)
    made.data = sealBytes(bytes, key)
    made.sops.mac = seal(sha512(bytes), 'str', made.sops.lastmodified, key)
    expect(await openSops([ours.identity])('logo.png', Buffer.from(JSON.stringify(made)))).toEqual(
      new Uint8Array(bytes),
    )
    expect(await refused(JSON.stringify(made), 'logo.json')).toMatch(/not UTF-8 text/)
  })

  it('opens with one key of several, and beside keys of other kinds', async () => {
    const pgp = { pgp: [{ fp: '1022470DE3F0BC54BC6AB62DE05550BC07FB1A0A', enc: 'x' }] }
    const text = await encrypt('yaml', { a: CANARY }, { recipients: [other.recipient, ours.recipient], more: pgp })
    expect(parse(await open(text))).toEqual({ a: CANARY })
    expect(parse(await open(text, 'x.yaml', [ours.identity, other.identity]))).toEqual({ a: CANARY })
  })

  it('is not one when nothing in it is encrypted', async () => {
    for (const text of ['', 'a: 1', 'sops: {mac: x}', 'see ENC[AES256_GCM,data:...]', '\u0000\u00ff']) {
      expect(await openSops([])('any.yaml', Buffer.from(text))).toBeNull()
    }
  })

  it('of several documents opens as several', async () => {
    const key = randomBytes(32)
    const text = await encrypt('yaml', { a: 'x', b: 'y' }, { key })
    const [first = '', rest = ''] = text.split(/(?=^b: )/m)
    const own = rest.slice(rest.indexOf('sops:'))
    const documents = `${first}${own}---\n${rest}`
    expect(await open(documents)).toBe('a: x\n---\nb: "y"\n')
  })

  it('with encrypted comments opens without them', async () => {
    const key = randomBytes(32)
    const text = await encrypt('yaml', { a: CANARY }, { key })
    expect(await open(`#${seal('what it is', 'comment', ':', key)}\n# plain\n${text}`)).toBe(`a: ${CANARY}\n`)
    const lines = await encrypt('dotenv', { A: CANARY }, { key })
    expect(await open(`#${seal('what it is', 'comment', ':', key)}\n${lines}`, '.env')).toBe(`A=${CANARY}\n`)
  })
})

describe('another reader of SOPS files, sops-age, agrees', () => {
  const FORMATS = { yaml: 'secrets.yaml', json: 'secrets.json' } as const
  for (const [format, path] of Object.entries(FORMATS)) {
    it(`on ${format}`, async () => {
      const { plain_unencrypted, ...data } = EVERYTHING
      const text = await encrypt(format as 'yaml' | 'json', { ...data, plain_unencrypted }, BY_SUFFIX)
      const theirs = await decryptSops(text, { secretKey: ours.identity, fileType: format as 'yaml' | 'json' })
      expect(parse(await open(text, path))).toEqual(theirs)
    })
  }

  it('on lines', async () => {
    const text = await encrypt('dotenv', { A: CANARY, B: 'b c', C: 'x=y' })
    const theirs = await decryptSops(text, { secretKey: ours.identity, fileType: 'env' })
    const opened = Object.entries(theirs).map(([key, value]) => `${key}=${value}\n`)
    expect(await open(text, '.env')).toBe(opened.join(''))
  })
})

describe('which values are encrypted', () => {
  const data = { db: { password: CANARY, host: 'db.example.org' }, port: 5432 }
  const RULES: [rule: Record<string, string>, encrypts: (path: string[]) => boolean][] = [
    [{ unencrypted_suffix: 'ost' }, (path) => !path.some((key) => key.endsWith('ost'))],
    [{ encrypted_suffix: 'word' }, (path) => path.some((key) => key.endsWith('word'))],
    [{ unencrypted_regex: '^(host|port)$' }, (path) => !path.some((key) => /^(host|port)$/.test(key))],
    [{ encrypted_regex: '(?i)PASS' }, (path) => path.some((key) => /PASS/i.test(key))],
    [{ unencrypted_comment_regex: 'readable' }, (path) => path.at(-1) === 'password'],
  ]

  for (const [rules, encrypts] of RULES) {
    const rule = Object.keys(rules).join()
    it(`${rule} says, with the MAC over all values and over those alone`, async () => {
      for (const macOnlyEncrypted of [false, true]) {
        const text = await encrypt('yaml', data, { rules, encrypts, macOnlyEncrypted })
        expect(text).not.toContain(CANARY)
        expect(parse(await open(text))).toEqual(data)
      }
    })

    it(`${rule}: the MAC covers what is readable, unless the file says otherwise`, async () => {
      const whole = await encrypt('yaml', { ...data, host: 'a' }, { rules, encrypts })
      expect(await refused(`${whole}\nadded: by-hand\n`)).toMatch(/its MAC does not fit|stands readable/)
      const part = await encrypt(
        'yaml',
        { unencrypted: { host: 'a' }, password: CANARY },
        {
          rules: { encrypted_suffix: 'word' },
          encrypts: (path) => path.at(-1) === 'password',
          macOnlyEncrypted: true,
        },
      )
      expect(parse(await open(part.replace('host: a', 'host: b')))).toMatchObject({ unencrypted: { host: 'b' } })
    })
  }

  it('a value that was written in by hand where the rules want it encrypted is refused', async () => {
    for (const [rules, encrypts] of RULES.filter(([rule]) => !('unencrypted_comment_regex' in rule))) {
      const text = await encrypt('yaml', { password: 'x' }, { rules, encrypts, macOnlyEncrypted: true })
      const added = text.replace('sops:', 'my_password: by-hand\nsops:')
      expect(await refused(added)).toMatch(/`my_password` stands readable in it, and its rules want it encrypted/)
    }
  })

  it('a pattern that takes forever is given up', async () => {
    const rules = { encrypted_regex: '^(a+)+$' }
    const text = await encrypt(
      'yaml',
      { [`${'a'.repeat(40)}!`]: 'x', a: 'y' },
      {
        rules,
        encrypts: (path) => path[0] === 'a',
        macOnlyEncrypted: true,
      },
    )
    expect(await refused(text)).toMatch(/the pattern .* cannot be used/)
  })

  it('numbers and truths without quotes count as SOPS reads them', async () => {
    const key = randomBytes(32)
    // What Go makes of them, whose words the MAC is made of.
    const plain = { hex: '0x1F', octal: '0755', under: '1_000', exponent: '1e+06', yes: 'yes', inf: '.inf', none: '~' }
    const covered = ['31', '493', '1000', '1000000', 'yes', '+Inf', 'True', 'x']
    const text = await encrypt('yaml', { last: 'x' }, { key })
    const mac = seal(sha512(covered.join('')), 'str', '2024-05-06T07:08:09Z', key)
    const lines = [...Object.entries(plain), ['sure', 'TRUE']].map(([name, value]) => `${name}: ${value}\n`)
    const made = `${lines.join('')}${text.replace(/mac: ENC.*/, `mac: ${mac}`)}`
    expect(parse(await open(made))).toEqual({
      ...{ hex: 31, octal: 493, under: 1000, exponent: 1e6, yes: 'yes', inf: Number.POSITIVE_INFINITY, none: null },
      ...{ sure: true, last: 'x' },
    })
  })

  it('the time counts as SOPS writes it', async () => {
    for (const [changed, counts] of [
      ['2024-05-06T07:08:09+00:00', '2024-05-06T07:08:09Z'],
      ['2024-05-06T07:08:09.123Z', '2024-05-06T07:08:09Z'],
      ['2024-05-06T09:08:09+02:00', '2024-05-06T09:08:09+02:00'],
    ] as const) {
      const text = await encrypt('yaml', { a: 'x' }, { changed: counts })
      expect(await open(text.replace(`lastmodified: ${counts}`, `lastmodified: "${changed}"`))).toBe('a: x\n')
    }
  })
})

describe('a file of SOPS is refused', () => {
  const data = { db: { password: CANARY, user: 'u' }, token: 't', list: ['one', 'two'] }
  const advice = 'Restore the file from git, and change it with: sops edit.'
  const value = /ENC\[[^\]]*\]/

  it.each<[what: string, change: (text: string) => string, reason: RegExp]>([
    [
      'a value is changed',
      (text) => text.replace(/(token: ENC\[AES256_GCM,data:)./, '$1_'),
      /value of `token` is not what/,
    ],
    [
      'a value stands elsewhere',
      (text) => swapped(text, /(?<=password: ).*/, /(?<=token: ).*/),
      /changed, moved or cut off/,
    ],
    ['a value is taken away', (text) => text.replace(/token: .*\n/, ''), /its MAC does not fit its values/],
    [
      'a value is written by hand',
      (text) => text.replace(/token: .*/, 'token: mine'),
      /its MAC does not fit its values/,
    ],
    ['a value is added', (text) => `added: 1\n${text}`, /its MAC does not fit its values/],
    [
      'the order in a list is another one',
      (text) => swapped(text, /(?<= - ).*/, /(?<= - ).*(?=\nsops)/),
      /its MAC does not fit/,
    ],
    [
      'a value is cut off',
      (text) => text.replace(/(token: ENC\[AES256_GCM,data:.).*/, '$1'),
      /value of `token` is not what/,
    ],
    [
      'the type of a value is another one',
      (text) => text.replace('type:str', 'type:odd'),
      /a type that is not supported/,
    ],
    [
      'its MAC is changed',
      (text) => text.replace(/(mac: ENC\[AES256_GCM,data:)./, '$1_'),
      /its MAC is not what SOPS encrypted/,
    ],
    ['its MAC is gone', (text) => text.replace(/mac: .*/, 'mac: ""'), /it has no MAC/],
    [
      'its MAC is of another file',
      (text) => text.replace(/mac: .*/, `mac: ${value.exec(text)?.[0]}`),
      /its MAC is not what/,
    ],
    ['its time is another one', (text) => text.replace('07:08:09Z', '07:08:10Z'), /its MAC is not what SOPS encrypted/],
    ['its time is none', (text) => text.replace('2024-05-06T07:08:09Z', 'soon'), /`lastmodified` is not a time/],
    ['its end is lacking', (text) => text.slice(0, text.indexOf('sops:')), /it was cut off/],
    [
      'it ends in the middle of what SOPS added',
      (text) => text.slice(0, text.indexOf('lastmodified')),
      /it was cut off/,
    ],
    ['a key stands twice', (text) => `token: x\n${text}`, /a key stands twice/],
    [
      'a key stands twice in what SOPS added',
      (text) => text.replace('  mac:', '  mac: x\n  mac:'),
      /a key stands twice/,
    ],
    ['it has an alias', (text) => `a: &a [x]\nb: *a\n${text}`, /it has an alias/],
    ['it has an alias bomb', (text) => `a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n${text}`, /it has an alias/],
    ['it has a tag', (text) => `a: !!binary x\n${text}`, /it has a tag/],
    [
      'it is nested without end',
      (text) => `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n${text}`,
      /100 levels|not YAML/,
    ],
    ['it is nested too deep', (text) => `a: ${'{a: '.repeat(120)}x${'}'.repeat(120)}\n${text}`, /more than 100 levels/],
    ['it is larger than any file', (text) => `${text}\n# ${'x'.repeat(1024 * 1024)}`, /larger than 1 MiB/],
    ['it is no YAML', (text) => `${CANARY}: [\n${text}`, /not YAML that can be read, see its line \d/],
    ['it is a list', (text) => `- ${value.exec(text)?.[0]}\n`, /neither a map/],
    ['the key of its values is damaged', damageKey, /the key of its values is damaged/],
  ])('when %s', async (_what, change, reason) => {
    const text = await encrypt('yaml', data)
    const changed = change(text)
    expect(changed).not.toBe(text)
    expect(await refused(changed)).toMatch(reason)
  })

  it('when it is JSON that was cut off, has a key twice, or is none', async () => {
    const text = await encrypt('json', data)
    expect(await refused(text.slice(0, -10), 'a.json')).toMatch(/not JSON: it was cut off/)
    expect(await refused(text.replace('{', '{"token": "x",'), 'a.json')).toMatch(/a key stands twice/)
    expect(await refused(text.replace('{', `{${CANARY}`), 'a.json')).toMatch(/not JSON/)
  })

  it('when a line of it is none, or a key stands in two', async () => {
    const text = await encrypt('dotenv', { A: CANARY })
    expect(await refused(`${CANARY}\n${text}`, '.env')).toMatch(/its line 1 is not KEY=value/)
    expect(await refused(`${text}A=x\n`, '.env')).toMatch(/a key stands in it twice/)
  })

  it('when it is an INI file', async () => {
    const text = `[main]\na = ${seal('x', 'str', 'main:a:', randomBytes(32))}\n[sops]\nversion = 3.9.0\n`
    expect(await refused(text, 'app.conf')).toMatch(/INI file, which is not supported. .*--input-type binary/)
  })

  it('when it needs several groups of keys, and opens with one group', async () => {
    const text = await encrypt('yaml', data)
    const age = /^ {2}age:\n(?: {4}.*\n| {6}.*\n)*/m.exec(text)?.[0] ?? ''
    const group = age.replace(/^/gm, '    ').replace('      age:', '    - age:').trimEnd()
    const one = text.replace(age, `  key_groups:\n${group}\n`)
    expect(parse(await open(one))).toEqual(data)
    const two = text.replace(age, `  key_groups:\n${group}\n${group}\n`)
    expect(await refused(two)).toMatch(/shared out among 2 key groups, which is not supported/)
  })

  it('with a sentence that names its recipients and how to add ours', async () => {
    const more = { pgp: [{ fp: '1022470DE3F0', enc: 'x' }], kms: [{ arn: 'arn:aws:kms:eu:1:key/2', enc: 'x' }] }
    const text = await encrypt('yaml', data, { recipients: [other.recipient], more })
    expect(await refused(text, 'db/secrets.yaml')).toBe(
      `it is encrypted for ${other.recipient}, PGP 1022470DE3F0, AWS KMS arn:aws:kms:eu:1:key/2, and not for the key that is ` +
        `given here. Add ${ours.recipient} to .sops.yaml, then run: sops updatekeys db/secrets.yaml.`,
    )
  })

  it('names no recipient that a terminal would obey', async () => {
    const text = await encrypt('yaml', data, { recipients: [other.recipient] })
    expect(await refused(text.replaceAll(other.recipient, '"\\e[2Jx"'))).toMatch(/encrypted for \(unreadable\), and/)
  })

  it('without a key, with the setting that is missing', async () => {
    const text = await encrypt('yaml', data)
    expect(await refused(text, 'a.yaml', [])).toMatch(/no age key is given. .*`ageKeyFile`.*HOLDFAST_AGE_KEY_FILE/)
    expect(await refused(await ageEncrypt(CANARY, [ours.recipient]), 'a.age', [])).toMatch(/no age key is given/)
  })

  it('and every sentence says what to do', async () => {
    expect(await refused((await encrypt('yaml', data)).replace(/token: .*\n/, ''))).toContain(advice)
  })
})

describe('a file of age', () => {
  it('opens, armored or not', async () => {
    const binary = await ageEncrypt(CANARY, [other.recipient, ours.recipient])
    const armored = await ageEncrypt(CANARY, [ours.recipient], ['-a'])
    expect(await open(binary, 'password.age')).toBe(CANARY)
    expect(await open(armored, 'password')).toBe(CANARY)
    expect(await open(`\r\n${armored.toString().replaceAll('\n', '\r\n')}`, 'password')).toBe(CANARY)
  })

  it('may be of any bytes, and empty', async () => {
    const bytes = randomBytes(200_000)
    const opened = await openSops([ours.identity])('a', await ageEncrypt(bytes, [ours.recipient]))
    expect(bytes.equals(opened ?? new Uint8Array())).toBe(true)
    expect(await open(await ageEncrypt('', [ours.recipient]), 'a')).toBe('')
  })

  it('is refused when it is for somebody else, or for a passphrase', async () => {
    const text = await ageEncrypt(CANARY, [other.recipient], ['-a'])
    expect(await refused(text, 'a.age')).toBe(
      `it is not encrypted for the key that is given here. Encrypt it for that one too: age -r ${ours.recipient}.`,
    )
    const scrypt = `age-encryption.org/v1\n-> scrypt ${'A'.repeat(22)} 18\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\nxxxx`
    expect(await refused(scrypt, 'a.age')).toMatch(/encrypted with a passphrase/)
  })

  it('is refused when it is damaged', async () => {
    const whole = await ageEncrypt(CANARY, [ours.recipient])
    for (const damaged of [whole.subarray(0, -1), whole.subarray(0, 60), changedAt(whole, -1), changedAt(whole, 100)]) {
      expect(await refused(damaged, 'a.age')).toMatch(/damaged|not encrypted for/)
    }
    const armored = (await ageEncrypt(CANARY, [ours.recipient], ['-a'])).toString()
    expect(await refused(armored.replace('-----END', '-----EN'), 'a.age')).toMatch(/damaged. Restore it from git/)
  })
})

function swapped(text: string, one: RegExp, other: RegExp): string {
  const [a = '', b = ''] = [one.exec(text)?.[0], other.exec(text)?.[0]]
  return text.replace(a, '@').replace(b, a).replace('@', b)
}

/** The second line of what age encrypted. */
function damageKey(text: string): string {
  return text.replace(/(BEGIN AGE ENCRYPTED FILE-----\n.*\n +.{20})./, '$1_')
}

function changedAt(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  const index = at < 0 ? changed.length + at : at
  changed[index] = (changed[index] ?? 0) ^ 1
  return changed
}

function sha512(content: string | Uint8Array): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase()
}

function sealBytes(bytes: Buffer, key: Buffer): string {
  const iv = randomBytes(32)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from('data:'))
  const data = Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64')
  return `ENC[AES256_GCM,data:${data},iv:${iv.toString('base64')},tag:${cipher.getAuthTag().toString('base64')},type:str]`
}
