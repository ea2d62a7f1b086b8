import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAgeKeys } from '../../src/sops/age-keys.ts'
import { openSops } from '../../src/sops/sops.ts'

const KEYS = read('keys.txt').toString()

/** What files hold that SOPS itself wrote, in versions from 3.7 to 3.10; `samples/keys.txt` tells where they are from. */
const SAMPLES: Record<string, string> = {
  'types.yaml': [
    'secret: this is a secret',
    'string: string',
    'int: 7',
    'float: 3.14',
    'boolean: true',
    'complex:',
    '  value: this is a secret',
    '  array:',
    '    - one',
    '    - two',
    '    - three',
    '',
  ].join('\n'),
  'types.json': `${JSON.stringify(
    {
      secret: 'this is a secret',
      string: 'string',
      int: 7,
      float: 3.14,
      boolean: true,
      complex: { value: 'this is a secret', array: ['one', 'two', 'three'] },
    },
    null,
    '\t',
  )}\n`,
  'kubernetes.yaml': [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    '  name: global-age-secret',
    '  namespace: default',
    'type: Opaque',
    'stringData:',
    '  key: global-value',
    '',
  ].join('\n'),
  'lines.env': 'key=value\n',
  'whole.txt': 'value',
  'with-pgp.yaml': [
    'test_key: test_value',
    'a_list:',
    '  - "e1"',
    '  - "e3"',
    'nested:',
    '  test:',
    '    file: another value',
    '',
  ].join('\n'),
}

describe('a file that SOPS itself wrote', () => {
  for (const [name, content] of Object.entries(SAMPLES)) {
    it(`${name} opens, and its MAC is right`, async () => {
      const decrypt = openSops(parseAgeKeys(KEYS, 'keys.txt'))
      expect(Buffer.from((await decrypt(name, read(name))) ?? []).toString()).toBe(content)
    })

    it(`${name} does not open once any value or its time is another one`, async () => {
      const decrypt = openSops(parseAgeKeys(KEYS, 'keys.txt'))
      const text = read(name).toString()
      const changes = [
        text.replace(/(\d\d:\d\d:)(\d\d)Z/, (_, before, seconds) => `${before}${seconds === '10' ? '11' : '10'}Z`),
        ...[...text.matchAll(/ENC\[AES256_GCM,data:(.)/g)].map(({ index }) => flipped(text, index + 21)),
      ]
      expect(changes.length).toBeGreaterThan(2)
      for (const changed of changes) {
        await expect(decrypt(name, Buffer.from(changed))).rejects.toThrow(/cannot be opened: (its MAC|the value)/)
      }
    })
  }
})

function read(name: string): Buffer {
  return readFileSync(new URL(`samples/${name}`, import.meta.url))
}

function flipped(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}
