import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { emptyRecord } from '../../src/model/record.ts'
import { manifestDigest } from '../../src/model/release.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { folder, KEYS, release, stack, store } from './builders.ts'

const latest = { commit: 'c1', subject: 'one', digest: null, gone: false, problems: [], blocked: null }
const entry = { stack: 'shop', kind: 'stable', release: null, message: 'is stable', logs: [] }

test('a stack nobody saved has an empty entry and is not listed', () => {
  const memory = store()
  expect(memory.stack('shop')).toEqual({ record: emptyRecord(), latest: null, status: null })
  expect(memory.stacks()).toEqual([])
})

test('saving a part of an entry leaves the others, also for the next process', () => {
  const directory = folder()
  const memory = store(directory)
  const record = { ...emptyRecord(), stable: 'r1', jobsDone: { migrate: 'v1:ab' } }
  const status = { sync: 'Synced', health: 'Healthy', message: 'fine', services: {} } as const
  memory.save('shop', { record })
  memory.save('shop', { latest })
  memory.save('blog', { status })
  memory.save('shop', { status })
  expect(store(directory).stack('shop')).toEqual({ record, latest, status })
  expect(memory.stacks()).toEqual(['blog', 'shop'])
  memory.save('shop', { latest: null })
  expect(memory.stack('shop')).toEqual({ record, latest: null, status })
})

test('a release is found by its digest, and the newest one by its manifest', () => {
  const memory = store()
  const [old, young, other] = [release(), release({}, 'sha256:bb'), release({ rollback: 'off' })]
  for (const one of [old, young, other]) memory.putRelease(one)
  expect(memory.release('shop', old.digest)).toEqual(old)
  expect(memory.release('blog', old.digest)).toBeNull()
  expect(memory.releaseOfManifest('shop', manifestDigest(stack()))).toEqual(young)
  memory.putRelease(old)
  expect(memory.releaseOfManifest('shop', manifestDigest(stack()))).toEqual(old)
  expect(memory.releaseOfManifest('shop', 'unknown')).toBeNull()
})

test('old releases go, those the record names stay', () => {
  const memory = store()
  const made = Array.from({ length: 104 }, (_, n) => release({ progressDeadlineMs: n }))
  const [stable, previous, gone] = made
  memory.save('shop', {
    record: { ...emptyRecord(), stable: stable?.digest ?? null, previous: previous?.digest ?? null },
  })
  for (const one of made) memory.putRelease(one)
  expect(memory.release('shop', stable?.digest ?? '')).toEqual(stable)
  expect(memory.release('shop', previous?.digest ?? '')).toEqual(previous)
  expect(memory.release('shop', gone?.digest ?? '')).toBeNull()
  expect(memory.release('shop', made[4]?.digest ?? '')).toEqual(made[4])
})

test('forgetting a stack takes its entry and releases, not its history', () => {
  const memory = store()
  memory.save('shop', { latest })
  memory.putRelease(release())
  memory.append(entry)
  memory.forget('shop')
  expect(memory.stacks()).toEqual([])
  expect(memory.release('shop', release().digest)).toBeNull()
  expect(memory.history('shop', 10)).toHaveLength(1)
})

test('history is given newest first, with the time, for one stack or all', () => {
  const memory = store()
  memory.append({ ...entry, message: 'one', logs: ['line 1', 'line 2'] })
  memory.append({ ...entry, stack: 'blog', message: 'two' })
  memory.append({ ...entry, message: 'three' })
  expect(memory.history(null, 2).map(({ message }) => message)).toEqual(['three', 'two'])
  const [, first] = memory.history('shop', 10)
  expect(first).toEqual({ ...entry, id: 1, at: first?.at, message: 'one', logs: ['line 1', 'line 2'] })
  expect(Math.abs(Date.now() - Date.parse(first?.at ?? ''))).toBeLessThan(60_000)
})

test('history is bounded for each stack by itself', () => {
  const memory = store()
  memory.append({ ...entry, stack: 'blog' })
  for (let n = 1; n <= 1003; n += 1) memory.append({ ...entry, message: String(n) })
  const kept = memory.history('shop', 5000)
  expect([kept.length, kept.at(0)?.message, kept.at(-1)?.message]).toEqual([1000, '1003', '4'])
  expect(memory.history('blog', 10)).toHaveLength(1)
})

test('that a stored release was stable is remembered however long ago', () => {
  const memory = store()
  const { digest } = release()
  memory.putRelease(release())
  const entry = { stack: 'shop', release: digest, message: '', logs: [] }
  memory.append({ ...entry, kind: 'stable' })
  memory.append({ ...entry, kind: 'stable', release: 'one that is not stored' })
  for (let n = 0; n < 1005; n += 1) memory.append({ ...entry, kind: 'step' })
  const kept = memory.history('shop', 5000)
  expect(kept.length).toBe(1001)
  expect(kept.filter(({ kind }) => kind === 'stable')).toMatchObject([{ release: digest }])
})

test('a request waits until it is answered, and its answer is found by whoever asked', () => {
  const directory = folder()
  const [command, service] = [store(directory), store(directory)]
  const first = command.ask({ kind: 'sync', stack: null })
  const second = command.ask({ kind: 'rollback', stack: 'shop', release: 'r1' })
  expect(service.requests()).toEqual([
    { id: first, request: { kind: 'sync', stack: null } },
    { id: second, request: { kind: 'rollback', stack: 'shop', release: 'r1' } },
  ])
  service.answer(first, 'done')
  expect(command.answerOf(first)).toBe('done')
  expect(command.answerOf(second)).toBeNull()
  expect(service.requests().map(({ id }) => id)).toEqual([second])
})

test('answers do not pile up; a request is never dropped', () => {
  const memory = store()
  const waiting = memory.ask({ kind: 'retry', stack: 'shop' })
  const answered = memory.ask({ kind: 'retry', stack: 'shop' })
  memory.answer(answered, 'yes')
  for (let n = 0; n < 1000; n += 1) memory.ask({ kind: 'sync', stack: null })
  expect(memory.answerOf(answered)).toBeNull()
  expect(memory.requests()[0]?.id).toBe(waiting)
})

test('the version changes when another process wrote, and only then', () => {
  const directory = folder()
  const [mine, theirs] = [store(directory), store(directory)]
  const before = mine.version()
  mine.append(entry)
  theirs.stacks()
  expect(mine.version()).toBe(before)
  theirs.ask({ kind: 'sync', stack: null })
  const after = mine.version()
  expect(after).not.toBe(before)
  expect(mine.version()).toBe(after)
})

test('only the owner can read the files and the folder', () => {
  const directory = join(folder(), 'data')
  store(directory).append(entry)
  const mode = (name: string) => (statSync(join(directory, name)).mode & 0o777).toString(8)
  expect(['.', 'holdfast.db', 'holdfast.db-wal', 'holdfast.db-shm'].map(mode)).toEqual(['700', '600', '600', '600'])
})

test('how much is kept is asked at each write, so that settings read again hold at once', () => {
  let retention = { history: 5, releases: 2 }
  const memory = openStore(folder(), KEYS, () => retention)
  onTestFinished(memory.close)
  const made = Array.from({ length: 6 }, (_, n) => release({ progressDeadlineMs: n }))
  const stored = () => made.filter(({ digest }) => memory.release('shop', digest) !== null).length
  const write = () => {
    for (const one of made) memory.putRelease(one)
    for (let n = 0; n < 10; n += 1) memory.append({ ...entry, kind: 'step' })
    return [stored(), memory.history('shop', 100).length]
  }
  expect(write()).toEqual([2, 5])
  retention = { history: 8, releases: 4 }
  expect(write()).toEqual([4, 8])
})
