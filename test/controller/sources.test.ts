import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type FollowedSource, startController } from '../../src/controller/controller.ts'
import { directProber } from '../../src/probe/direct.ts'
import { openGitSource } from '../../src/source/git.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { type Bench, bench, compose, untilStable, untilStack } from './bench.ts'

const OFTEN = '* * * * * *'

interface Sources extends Bench {
  more: Repo
  /** Follows those of the two with these names until the test is over, or until it is ended. */
  follow(...names: ('default' | 'more')[]): () => Promise<void>
}

/** A bench with a second repository beside its own. */
async function twoSources(): Promise<Sources> {
  const made = await bench()
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const more = await createRepo(join(folder.path, 'more'))
  const at = { kind: 'branch', name: 'main' } as const
  const source = openGitSource({ url: more.path, at, directory: join(folder.path, 'git'), timeoutMs: 10_000 })
  const all: FollowedSource[] = [
    { name: 'default', source: made.source, poll: OFTEN },
    { name: 'more', source, poll: OFTEN },
  ]
  function follow(...names: string[]): () => Promise<void> {
    const { engines, store, engine } = made
    const now = () => ({ run: 'test', ms: engine.world.nowMs })
    const report = store.append
    const sources = all.filter(({ name }) => names.includes(name))
    const parts = { sources, engines, store, pool: '10.201.0.0/16', now, report, openProber: directProber }
    const controller = startController(parts, { isAwake: true })
    const clock = setInterval(() => engine.advance(50), 5)
    const end = async () => {
      await controller.stop()
      clearInterval(clock)
    }
    onTestFinished(end)
    return end
  }
  return { ...made, more, follow }
}

test('several repositories are followed side by side; one of them losing a stack removes none of another', async () => {
  const { repo, more, store, follow, running } = await twoSources()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await more.commit({ 'stacks/b/compose.yaml': compose('web:2'), 'stacks/c/compose.yaml': compose('web:2') }, 'two')
  follow('default', 'more')
  for (const stack of ['a', 'b', 'c']) await untilStable(store, stack)
  expect(Object.keys(store.repositories())).toEqual(['default', 'more'])

  await more.commit({ 'stacks/c/compose.yaml': null }, 'c is gone')
  await until(async () => !store.stacks().includes('c'), 'c to be removed')
  expect(running('c')).toEqual([])
  expect([running('a'), running('b')]).toEqual([
    ['web:1', 'web:1'],
    ['web:2', 'web:2'],
  ])
})

test('a stack that two repositories hold stays with the first, is said, and goes over when that one deletes it', async () => {
  const { repo, more, store, follow, running } = await twoSources()
  const first = { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/z/compose.yaml': compose('web:1') }
  await repo.commit(first, 'one')
  const end = follow('default')
  await untilStable(store, 'a')
  await end()
  await more.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'the same name')
  follow('default', 'more')
  await until(async () => store.repository('more').problems.length > 0, 'the word')
  expect(store.repository('more').problems).toMatchObject([
    { code: 'stack-in-two-sources', message: expect.stringContaining('comes from the source default already') },
  ])
  expect(running('a')).toEqual(['web:1', 'web:1'])

  await repo.commit({ 'stacks/a/compose.yaml': null }, 'over to the other')
  await untilStack(store, 'a', ({ latest, status }) => latest?.source === 'more' && status?.sync === 'Synced', 'taken')
  expect(running('a')).toEqual(['web:2', 'web:2'])
  await until(async () => store.repository('more').problems.length === 0, 'the problem to be over')
})

test('a repository that cannot be read holds up no other, and is told once by its name', async () => {
  const { repo, more, store, follow } = await twoSources()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  expect(more.path).not.toBe(repo.path)
  follow('default', 'more')
  await untilStable(store, 'a')
  await until(async () => store.repository('more').error !== null, 'the error')
  expect(store.repository('default').error).toBeNull()
  await more.commit({ 'stacks/b/compose.yaml': compose('web:2') }, 'there it is')
  await untilStable(store, 'b')
  const told = store.history('', 100).filter(({ kind }) => kind === 'source-failed' || kind === 'recovered')
  expect(told.map(({ message }) => message)).toEqual([
    'the repository of source more can be read again',
    expect.stringContaining('is empty'),
  ])
})

test('a source that is taken out of the settings removes nothing: its stacks go on, and are blocked with what to do', async () => {
  const { repo, more, store, follow, running } = await twoSources()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await more.commit({ 'stacks/b/compose.yaml': compose('web:2') }, 'two')
  const end = follow('default', 'more')
  for (const stack of ['a', 'b']) await untilStable(store, stack)
  await end()
  const without = follow('default')
  await untilStack(store, 'b', ({ status }) => status?.sync === 'Blocked', 'blocked')
  expect(store.stack('b').status?.message).toContain('its source more is not in the settings any more')
  expect(running('b')).toEqual(['web:2', 'web:2'])
  await without()

  follow('default', 'more')
  await untilStable(store, 'b')
  expect(running('b')).toEqual(['web:2', 'web:2'])
})
