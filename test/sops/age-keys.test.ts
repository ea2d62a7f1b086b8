import { beforeAll, describe, expect, it } from 'vitest'
import { parseAgeKeys } from '../../src/sops/age-keys.ts'
import { type AgeKey, makeAgeKey } from '../support/age.ts'

let one: AgeKey
let two: AgeKey

beforeAll(async () => {
  one = await makeAgeKey()
  two = await makeAgeKey()
})

describe('an age key file', () => {
  it('is read as age-keygen writes it, with several keys, comments and blank lines', () => {
    expect(parseAgeKeys(one.file, 'keys.txt')).toEqual([one.identity])
    expect(parseAgeKeys(`${one.file}\n\n  # the old one\r\n${two.identity}\r\n`, 'keys.txt')).toEqual([
      one.identity,
      two.identity,
    ])
  })

  it('may be one line, as a variable of the environment has it', () => {
    expect(parseAgeKeys(`${one.identity} ${two.identity}`, 'HOLDFAST_AGE_KEY')).toEqual([one.identity, two.identity])
  })

  it.each<[what: string, text: (key: AgeKey) => string, words: RegExp]>([
    ['nothing', () => '\n# created: today\n', /^keys.txt holds no age key. Make one with: age-keygen -o <file>$/],
    ['a public key', (key) => key.recipient, /^Line 1 of keys.txt is a public key. Give the secret one/],
    ['a damaged key', (key) => `#\n${changed(key.identity)}`, /^Line 2 of keys.txt is damaged: a letter is wrong/],
    ['a key that was cut off', (key) => key.identity.slice(0, -3), /^Line 1 of keys.txt is damaged/],
    ['a key of a plugin', () => 'AGE-PLUGIN-YUBIKEY-1XYZ', /the key of an age plugin, which is not supported/],
    ['an SSH key', () => '-----BEGIN OPENSSH PRIVATE KEY-----\nabc', /is an SSH key, which is not supported/],
    [
      'an encrypted file',
      () => '-----BEGIN AGE ENCRYPTED FILE-----\nabc',
      /begins an encrypted file. Decrypt the key file/,
    ],
    ['something else', () => 'password=hunter2', /is not an age key, which begins AGE-SECRET-KEY-1/],
  ])('with %s is refused in words that quote nothing of it', (_what, text, words) => {
    const content = text(one)
    const error = (() => {
      try {
        return parseAgeKeys(content, 'keys.txt')
      } catch (refusal) {
        return refusal
      }
    })() as Error
    expect(error).toMatchObject({ handling: 'terminal', message: expect.stringMatching(words) })
    const secret = content.split('\n').at(-1)?.slice(0, 30) ?? ''
    if (secret !== '') expect(`${error.message}${error.stack}`).not.toContain(secret)
  })
})

function changed(identity: string): string {
  return `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`
}
