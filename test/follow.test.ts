import { expect, test } from 'vitest'
import { enginesOf } from '../src/engine/engines.ts'
import { follow } from '../src/follow.ts'
import { policyOf } from '../src/manifests/policy/read.ts'
import type { PolicyFile } from '../src/manifests/policy/schema.generated.ts'
import { keysOf } from '../src/model/keys.ts'
import type { Snapshot } from '../src/source/source.ts'
import { emptyTipMemory } from '../src/tip.ts'
import { bench, compose } from './controller/bench.ts'

test('notes for every stack what git asks for, and stores its release', async () => {
  const made = await bench()
  const commit = await made.repo.commit(
    { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:2') },
    'Two stacks',
  )
  expect(await follow(made)).toEqual({ commit, changed: ['a', 'b'] })
  const { latest } = made.store.stack('a')
  expect(latest).toMatchObject({ commit, subject: 'Two stacks', gone: false, blocked: null })
  expect(made.store.release('a', latest?.digest ?? '')?.pins).toEqual({ 'web:1': { reference: 'web:1', local: true } })
  expect(made.store.repository('default')).toMatchObject({ commit, error: null })
})

test('does nothing at a commit that was taken up whole', async () => {
  const made = await bench()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  made.store.saveRepository('default', { ...made.store.repository('default'), subject: 'untouched' })
  expect((await follow(made)).changed).toEqual([])
  expect(made.store.repository('default').subject).toBe('untouched')
})

test('resolves tags once for each manifest, and anew for a stack that is refreshed', async () => {
  const made = await bench()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  await made.repo.commit({ 'README.md': 'unrelated' }, 'two')
  await follow(made)
  expect(made.resolved.get('web:1')).toBe(1)
  await follow(made, { refresh: ['a'] })
  expect(made.resolved.get('web:1')).toBe(2)
})

test('stores a release whose image exists nowhere: deciding on it is not its business', async () => {
  const made = await bench()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:none') }, 'one')
  await follow(made)
  const { latest } = made.store.stack('a')
  expect(latest?.blocked).toBeNull()
  expect(made.store.release('a', latest?.digest ?? '')?.pins['web:none']).toHaveProperty('missing')
})

test('a registry that cannot be reached blocks its stack alone, and the next look at the same commit tries again', async () => {
  const made = await bench()
  made.engine.world.behaviours.set('web:2', { pull: 'unreachable' })
  await made.repo.commit(
    { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:2') },
    'one',
  )
  await follow(made)
  expect(made.store.stack('a').latest?.digest).not.toBeNull()
  expect(made.store.stack('b').latest).toMatchObject({
    digest: null,
    blocked: expect.stringContaining('cannot be reached'),
  })
  made.engine.world.behaviours.delete('web:2')
  expect((await follow(made)).changed).toEqual(['b'])
  expect(made.store.stack('b').latest).toMatchObject({ digest: expect.any(String), blocked: null })
  expect(made.resolved.get('web:1')).toBe(1)
})

test('G10 a broken manifest blocks its stack with the place of its first error; others go on, nothing is pruned', async () => {
  const made = await bench()
  await made.repo.commit(
    { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:1') },
    'one',
  )
  await follow(made)
  const { record } = made.store.stack('a')
  await made.repo.commit(
    { 'stacks/a/compose.yaml': 'services:\n  web:\n    imagee: x\n', 'stacks/b/compose.yaml': compose('web:2') },
    'two',
  )
  expect((await follow(made)).changed).toEqual(['a', 'b'])
  const broken = made.store.stack('a')
  expect(broken.latest).toMatchObject({ digest: null, gone: false })
  expect(broken.latest?.blocked).toMatch(/^stacks\/a\/compose\.yaml:\d+:\d+ .*\(1 more\)$/)
  expect(broken.latest?.problems.length).toBeGreaterThan(1)
  expect(broken.record).toEqual(record)
  expect(made.store.stack('b').latest?.digest).not.toBeNull()
})

test('another folder for binds gives the same commit another meaning: it is taken up again', async () => {
  const made = await bench()
  const bound = `${compose('web:1')}    volumes: ["./data:/data"]\n`
  await made.repo.commit({ 'stacks/a/compose.yaml': bound, 'stacks/b/compose.yaml': compose('web:1') }, 'one')
  const sourceOf = () => {
    const { latest } = made.store.stack('a')
    return made.store.release('a', latest?.digest ?? '')?.stack.services['web']?.container.mounts
  }
  await follow({ ...made, load: { targets: { '': { bindRoot: '/one' } } } })
  expect(sourceOf()).toMatchObject([{ source: '/one/a/data' }])
  expect(await follow({ ...made, load: { targets: { '': { bindRoot: '/two' } } } })).toMatchObject({ changed: ['a'] })
  expect(sourceOf()).toMatchObject([{ source: '/two/a/data' }])
  await follow(made)
  expect(made.store.stack('a').latest).toMatchObject({ digest: null, blocked: expect.stringContaining('./data') })
})

test('S4 another policy judges the same commit anew, and an exception for one source is for no other', async () => {
  const made = await bench()
  const asking = `${compose('web:1')}    pid: host\n`
  await made.repo.commit({ 'stacks/a/compose.yaml': asking, 'stacks/b/compose.yaml': compose('web:1') }, 'one')
  const judged = (stacks: PolicyFile['stacks'] = {}) =>
    follow({ ...made, load: { policy: policyOf({ stacks }).policy } })
  await judged()
  expect(made.store.stack('a').latest).toMatchObject({
    digest: null,
    blocked: expect.stringMatching(/:7:10 .*of the host/),
  })
  expect(made.store.stack('b').latest?.digest).not.toBeNull()
  expect(await judged({ 'other/a': { hostNamespaces: ['pid'] } })).toMatchObject({ changed: [] })
  expect(await judged({ 'default/a': { hostNamespaces: ['pid'] } })).toMatchObject({ changed: ['a'] })
  const { latest } = made.store.stack('a')
  expect(made.store.release('a', latest?.digest ?? '')?.stack.services['web']?.container.pidMode).toBe('host')
  expect(await judged()).toMatchObject({ changed: ['a'] })
  // What was taken up before is kept: whatever runs of it can be healed.
  expect(made.store.release('a', latest?.digest ?? '')).not.toBeNull()
})

test('G7 a stack whose folder is deleted is gone, as long as the commit holds others', async () => {
  const made = await bench()
  await made.repo.commit(
    { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:1') },
    'one',
  )
  await follow(made)
  await made.repo.commit({ 'stacks/a/compose.yaml': null }, 'two')
  await follow(made)
  expect(made.store.stack('a').latest).toMatchObject({ gone: true, digest: null, blocked: null })
  expect(made.store.stack('b').latest).toMatchObject({ gone: false })
})

test('G8 a commit without any stack removes nothing, and the way back needs only the folder', async () => {
  const made = await bench()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  await made.repo.commit({ 'stacks/a/compose.yaml': null, 'README.md': 'x' }, 'two')
  await follow(made)
  expect(made.store.stack('a').latest).toMatchObject({
    gone: false,
    blocked: expect.stringContaining('nothing is removed'),
  })
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'three')
  await follow(made)
  expect(made.store.stack('a').latest).toMatchObject({ gone: false, blocked: null, digest: expect.any(String) })
})

test('a repository whose settings are broken removes nothing', async () => {
  const made = await bench()
  await made.repo.commit(
    { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:1') },
    'one',
  )
  await follow(made)
  await made.repo.commit({ 'holdfast.yaml': 'stacks: [', 'stacks/a/compose.yaml': null }, 'two')
  await follow(made)
  for (const stack of ['a', 'b']) {
    expect(made.store.stack(stack).latest).toMatchObject({
      gone: false,
      blocked: expect.stringContaining('holdfast.yaml'),
    })
  }
})

test('G2 a repository that cannot be read changes nothing but what is known of it', async () => {
  const made = await bench()
  const commit = await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  const before = made.store.stack('a')
  const { readAt } = made.store.repository('default')
  await made.repo.deleteBranch()
  await expect(follow(made)).rejects.toThrow()
  expect(made.store.stack('a')).toEqual(before)
  expect(made.store.repository('default')).toMatchObject({ commit, readAt, error: expect.stringContaining('main') })
  await made.repo.reset(commit)
  await follow(made)
  expect(made.store.repository('default').error).toBeNull()
})

test('C5 a release that cannot be read any more is made anew from the same commit', async () => {
  const made = await bench()
  const commit = await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  const digest = made.store.stack('a').latest?.digest ?? ''
  const changed = { ...made, store: made.outside(keysOf('7a'.repeat(32))) }
  expect(changed.store.release('a', digest)).toBeNull()
  expect(await follow(changed)).toEqual({ commit, changed: ['a'] })
  expect(changed.store.release('a', digest)?.digest).toBe(digest)
  expect((await follow(changed)).changed).toEqual([])
})

test('a probe of a stack on an engine of another machine blocks it: the replicas could not be asked', async () => {
  const made = await bench()
  const probe = '{ tcp: { port: 80 } }'
  const text = `services: { web: { image: "web:1", x-holdfast: { probe: ${probe} } } }\n`
  await made.repo.commit({ 'stacks/a/compose.yaml': text }, 'one')
  await follow({ ...made, engines: enginesOf({ '': { ...made.engine, isHere: false } }) })
  expect(made.store.stack('a').latest?.blocked).toMatch(/^web has a probe, and its engine is on another machine/)
  await follow(made)
  expect(made.store.stack('a').latest?.blocked).toBeNull()
})

test('a commit that touches nothing of a stack is seen, read only as far as it changed, and no news', async () => {
  const made = await bench()
  const reads: string[] = []
  const source = { sync: async () => spied(await made.source.sync(), reads) }
  const parts = { ...made, source, memory: emptyTipMemory() }
  const secret = 'secrets: { s: { environment: KEY } }\n'
  const files = {
    'stacks/a/compose.yaml': `${compose('web:1')}    secrets: [s]\n${secret}`,
    'stacks/a/.env': 'KEY=12345678',
    'stacks/b/compose.yaml': compose('web:1'),
  }
  const load = { secrets: { key: '5e'.repeat(32), id: '5e5e5e5e' } }
  await made.repo.commit(files, 'one')
  await follow({ ...parts, load })
  expect(reads.splice(0).sort()).toEqual(Object.keys(files).sort())
  const before = made.store.stack('a').latest

  const commit = await made.repo.commit({ 'stacks/b/compose.yaml': compose('web:2') }, 'two')
  expect(await follow({ ...parts, load })).toEqual({ commit, changed: ['b'] })
  expect(reads.splice(0)).toEqual(['stacks/b/compose.yaml'])
  expect(made.store.stack('a').latest).toEqual({ ...before, commit, subject: 'two' })

  const next = await made.repo.commit({ 'README.md': 'x' }, 'three')
  expect(await follow({ ...parts, load })).toEqual({ commit: next, changed: [] })
  expect(reads).toEqual([])
  expect(made.store.stack('b').latest).toMatchObject({ commit: next, subject: 'three' })
})

/** Notes what is read of a commit. */
function spied(snapshot: Snapshot, reads: string[]): Snapshot {
  return {
    ...snapshot,
    read(path, maxBytes) {
      reads.push(path)
      return snapshot.read(path, maxBytes)
    },
  }
}

test('of two releases of one manifest the one that was made last counts, with and without memory', async () => {
  const made = await bench()
  const memory = emptyTipMemory()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  const pins = (reference: string) => async () => ({ 'web:1': { reference, local: true } })
  const digests: unknown[] = []
  for (const [reference, refresh] of [
    ['x', []],
    ['y', ['a']],
    ['x', ['a']],
    ['z', []],
  ] as const) {
    await follow({ ...made, memory }, { refresh, resolve: pins(reference) })
    digests.push(made.store.stack('a').latest?.digest)
  }
  await made.repo.commit({ 'README.md': 'x' }, 'two')
  await follow({ ...made, memory }, { resolve: pins('z') })
  digests.push(made.store.stack('a').latest?.digest)
  await made.repo.commit({ 'README.md': 'y' }, 'three')
  await follow(made, { resolve: pins('z') })
  digests.push(made.store.stack('a').latest?.digest)
  const [x, y] = digests
  expect(digests).toEqual([x, y, x, x, x, x])
  expect(x).not.toBe(y)
})
