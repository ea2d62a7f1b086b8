import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readKeys, throwAwayKeys } from '../../src/cli/keys.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'

function folder(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  return made.path
}

function keyIn(folder: string): { keyFile: string } {
  return { keyFile: join(folder, 'key') }
}

test('a key is made at the first start, for its owner alone, and stays the same', () => {
  const data = folder()
  const keys = readKeys(keyIn(data))
  expect(keys).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}$/),
    names: expect.stringMatching(/^[0-9a-f]{64}$/),
    store: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(readdirSync(data)).toEqual(['key'])
  expect((statSync(join(data, 'key')).mode & 0o777).toString(8)).toBe('600')
  expect(readKeys(keyIn(data))).toEqual(keys)
  const written = readFileSync(join(data, 'key'), 'utf8').trim()
  expect(written).toMatch(/^[0-9a-f]{64}$/)
  for (const key of Object.values(keys)) expect(written).not.toContain(key)
  expect(new Set([keys.names, keys.store, readKeys(keyIn(folder())).names, throwAwayKeys().names]).size).toBe(4)
})

test('it may lie elsewhere', () => {
  const [data, other] = [folder(), folder()]
  const keyFile = join(other, 'my-key')
  const keys = readKeys({ keyFile })
  expect([readdirSync(data), readdirSync(other)]).toEqual([[], ['my-key']])
  expect(readKeys({ keyFile })).toEqual(keys)
})

test('one that others can read, that holds no key or that cannot be made is refused, with what to do', () => {
  const data = folder()
  const file = join(data, 'key')
  readKeys(keyIn(data))
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(file, mode)
    expect(() => readKeys(keyIn(data))).toThrow(`Run: chmod 600 ${file}`)
  }
  chmodSync(file, 0o600)
  for (const text of ['', 'abc', 'z'.repeat(64), 'a'.repeat(63)]) {
    writeFileSync(file, text)
    expect(() => readKeys(keyIn(data))).toThrow(/does not hold a key, which is 64 hex digits\. Put the right file/)
  }
  expect(() => readKeys({ keyFile: join(data, 'none', 'key') })).toThrow(/cannot be used: .*--key-file/)
  mkdirSync(join(data, 'folder'), { mode: 0o700 })
  expect(() => readKeys({ keyFile: join(data, 'folder') })).toThrow(/cannot be used/)
  symlinkSync(join(data, 'nowhere', 'key'), join(data, 'link'))
  expect(() => readKeys({ keyFile: join(data, 'link') })).toThrow(/leads nowhere/)
})

test('validate needs none and leaves none behind, and shows no secret', async () => {
  const dir = folder()
  const stack = join(dir, 'stacks', 'shop')
  mkdirSync(stack, { recursive: true })
  const compose = 'services:\n  web: { image: "web:1", secrets: [s] }\nsecrets: { s: { file: ./secret } }\n'
  writeFileSync(join(stack, 'compose.yaml'), compose)
  writeFileSync(join(stack, 'secret'), 'canary')
  const { code, out, err } = await holdfast(['validate', dir])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('secret-in-plain-text')
  expect(out).not.toContain('canary')
  expect(readdirSync(dir)).toEqual(['stacks'])
})
