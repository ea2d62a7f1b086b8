import { mkdirSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { At } from '../../src/source/source.ts'
import { signTip, sshKey } from '../support/signing.ts'
import { text } from './bench.ts'
import { PLACE_NAMES, PLACES, REMOTE_NAMES } from './places.ts'

const AS_SAM = ['-c', 'user.name=Sam', '-c', 'user.email=sam@example.org']
const tag = (name: string): { at: At } => ({ at: { kind: 'tag', name } })
const fixed = (name: string): { at: At } => ({ at: { kind: 'commit', name } })
const NOT_GIVEN =
  /Cannot read commit [0-9a-f]{8} of .* gives out only what a branch or tag points to\. .*allowReachableSHA1InWant true/

test.each(PLACE_NAMES)(
  '%s: G4 a tag is followed, and followed when it is moved; a branch of its name is not',
  async (name) => {
    const { repo, open } = await PLACES[name]()
    const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
    await repo.git('tag', 'v1', one)
    const two = await repo.commit({ 'a.yaml': 'two' }, 'two')
    await repo.git('branch', 'v1', two)
    const source = open(tag('v1'))
    const before = await source.sync()
    expect(before.commit).toBe(one)
    await repo.git('tag', '--force', 'v1', two)
    expect(await text(await source.sync(), 'a.yaml')).toBe('two')
    expect(await text(before, 'a.yaml')).toBe('one')
  },
)

test.each(PLACE_NAMES)('%s: G4 of a tag with a message the commit that it is on is followed', async (name) => {
  const { repo, copies, open, asked, resetAsked } = await PLACES[name]()
  const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.git(...AS_SAM, 'tag', '--annotate', '--message', 'first', 'v1', one)
  await repo.git(...AS_SAM, 'tag', '--annotate', '--message', 'of the first', 'current', 'v1')
  await repo.commit({ 'a.yaml': 'two' }, 'two')
  const source = open(tag('current'))
  const snapshot = await source.sync()
  expect(snapshot).toMatchObject({ commit: one, subject: 'one' })
  expect(await text(snapshot, 'a.yaml')).toBe('one')
  if (name === 'local') return
  expect(readdirSync(copies)).toEqual([one])
  for (const again of [source, open(tag('current'))]) {
    resetAsked()
    expect((await again.sync()).commit).toBe(one)
    expect(asked()).toBe(1)
  }
})

test.each(PLACE_NAMES)(
  '%s: G4 a tag that is gone is named with those that are there, and followed once it is back',
  async (name) => {
    const { repo, open } = await PLACES[name]()
    const source = open(tag('v2'))
    await expect(source.sync()).rejects.toThrow(/is empty\. Push its tag v2/)
    const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
    await expect(source.sync()).rejects.toThrow(/has no tag v2; it has no tag at all\. Push the tag/)
    await repo.git('tag', 'v1', one)
    await expect(source.sync()).rejects.toThrow(/has no tag v2; it has v1\. Push the tag, or set another one/)
    await repo.git('tag', 'v2', one)
    expect((await source.sync()).commit).toBe(one)
  },
)

test.each(PLACE_NAMES)('%s: a tag on something that is no commit is refused', async (name) => {
  const { repo, open } = await PLACES[name]()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.git('tag', 'file', 'main:a.yaml')
  await expect(open(tag('file')).sync()).rejects.toThrow(
    /Cannot read tag file of .*: it leads to a blob, not to a commit\. Put it on a commit/,
  )
})

test.each(PLACE_NAMES)(
  '%s: a fixed commit stays, whatever becomes of its branch, and is asked for once',
  async (name) => {
    const { repo, open, asked, resetAsked, stop } = await PLACES[name]()
    const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
    const source = open(fixed(one.toUpperCase()))
    expect(await text(await source.sync(), 'a.yaml')).toBe('one')
    await repo.commit({ 'a.yaml': 'two' }, 'two', { onto: null })
    resetAsked()
    if (name !== 'local') await stop()
    expect((await source.sync()).commit).toBe(one)
    expect(await text(await open(fixed(one)).sync(), 'a.yaml')).toBe('one')
    if (name === 'http') expect(asked()).toBe(0)
  },
)

test.each(REMOTE_NAMES)('%s: an older commit of a branch is followed where the server gives it out', async (name) => {
  const { repo, open } = await PLACES[name]()
  const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.commit({ 'a.yaml': 'two' }, 'two')
  // Over HTTP git does so by itself.
  if (name === 'ssh') {
    await expect(open(fixed(one)).sync()).rejects.toThrow(NOT_GIVEN)
    await repo.git('config', 'uploadpack.allowReachableSHA1InWant', 'true')
  }
  expect(await text(await open(fixed(one)).sync(), 'a.yaml')).toBe('one')
})

test.each(REMOTE_NAMES)('%s: a commit that is in no branch any more is refused with what helps', async (name) => {
  const { repo, open } = await PLACES[name]()
  const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.commit({ 'a.yaml': 'two' }, 'two', { onto: null })
  await expect(open(fixed(one)).sync()).rejects.toThrow(NOT_GIVEN)
  await repo.git('tag', 'keep', one)
  expect(await text(await open(fixed(one)).sync(), 'a.yaml')).toBe('one')
})

test.each(PLACE_NAMES)('%s: a commit that is nowhere, and digits that are a tag’s, are told apart', async (name) => {
  const { repo, open } = await PLACES[name]()
  const empty = /(is empty\. Push commit 11111111 to it|does not hold commit 11111111)/
  await expect(open(fixed('1'.repeat(40))).sync()).rejects.toThrow(empty)
  const one = await repo.commit({ 'a.yaml': 'one' }, 'one')
  await expect(open(fixed('1'.repeat(40))).sync()).rejects.toThrow(/does not (have|hold) (the )?commit/)
  await repo.git(...AS_SAM, 'tag', '--annotate', '--message', 'first', 'v1', one)
  const digits = await repo.git('rev-parse', 'v1')
  await expect(open(fixed(digits)).sync()).rejects.toThrow(`is no commit but a tag; the commit that it is on is ${one}`)
})

test('G13 of a tag the commit that it is on must be signed', async () => {
  const { repo, copies, open } = await PLACES.http()
  mkdirSync(copies)
  const key = await sshKey(copies, 'key')
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  await repo.git(...AS_SAM, 'tag', '--annotate', '--message', 'unsigned', 'v1', 'main')
  const signed = await signTip(repo, key)
  await repo.git(...AS_SAM, 'tag', '--annotate', '--message', 'on a signed one', 'v2', 'main')
  const signers = { ssh: `sam@example.org ${key.line}\n` }
  expect((await open({ ...tag('v1'), signers }).sync()).untrusted).toMatch(/sign/)
  const trusted = await open({ ...tag('v2'), signers }).sync()
  expect([trusted.commit, trusted.untrusted]).toEqual([signed, null])
  expect(await text(trusted, 'a.yaml')).toBe('one')
})

test.each([
  [fixed('abc123'), /follows the commit "abc123"\. Write all 40 digits/],
  [tag(''), /follows a tag without a name/],
])('%j is refused when it is set up', async (what, says) => {
  const { open } = await PLACES.local()
  expect(() => open(what)).toThrow(says)
})
