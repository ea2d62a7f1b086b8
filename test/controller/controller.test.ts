import { expect, test } from 'vitest'
import { readAnswer } from '../../src/controller/answer.ts'
import type { EngineEvent } from '../../src/engine/engine.ts'
import type { Request, Store } from '../../src/store/store.ts'
import { until } from '../support/until.ts'
import { bench, compose, untilStable, untilStack } from './bench.ts'

/** Leaves a request as another process does, and waits for the answer. */
async function ask(store: Store, request: Request) {
  const id = store.ask(request)
  await until(async () => store.answerOf(id) !== null, 'the answer')
  return readAnswer(store.answerOf(id) ?? '')
}

test('brings every stack in at start, side by side', async () => {
  const { repo, store, start, running } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:2', 1) }, 'one')
  start()
  await Promise.all([untilStable(store, 'a'), untilStable(store, 'b')])
  expect(running('a')).toEqual(['web:1', 'web:1'])
  expect(running('b')).toEqual(['web:2'])
})

test('R9 a commit that comes during a rollout wins, and nothing of the superseded one is left', async () => {
  const { repo, store, engine, start, running, outside } = await bench()
  engine.world.behaviours.set('web:2', { healthyAfterMs: null })
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start()
  await untilStable(store, 'a')
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'two')
  await ask(outside(), { kind: 'sync', stack: 'a' })
  await untilStack(store, 'a', ({ record }) => record.rollout !== null, 'rolling')
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:3') }, 'three')
  await ask(outside(), { kind: 'sync', stack: null })
  await untilStable(store, 'a')
  expect(running('a')).toEqual(['web:3', 'web:3'])
})

test('R17 a bad commit is tried once and rolled back; looking again does not try it again', async () => {
  const { repo, store, start, running, told, outside } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start()
  await untilStable(store, 'a')
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:bad') }, 'two')
  for (let count = 0; count < 3; count += 1) {
    expect(await ask(outside(), { kind: 'sync', stack: 'a' })).toMatchObject({ ok: true })
    await untilStack(store, 'a', ({ status }) => status?.sync === 'RolledBack', 'rolled back')
  }
  expect(told.filter(({ kind }) => kind === 'failed')).toHaveLength(1)
  expect(running('a')).toEqual(['web:1', 'web:1'])
})

test('retry gives a failed release one more chance', async () => {
  const { repo, store, engine, start, running, outside } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start()
  await untilStable(store, 'a')
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:bad') }, 'two')
  await ask(outside(), { kind: 'sync', stack: 'a' })
  await untilStack(store, 'a', ({ status }) => status?.sync === 'RolledBack', 'rolled back')
  engine.world.behaviours.delete('web:bad')
  expect(await ask(outside(), { kind: 'retry', stack: 'a' })).toMatchObject({ ok: true })
  await untilStable(store, 'a')
  expect(running('a')).toEqual(['web:bad', 'web:bad'])
})

test('a step is kept in the history with the release of the container it is about', async () => {
  const { repo, store, start, outside } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1', 1) }, 'one')
  start()
  await untilStable(store, 'a')
  const stable = store.stack('a').record.stable
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2', 1) }, 'two')
  await ask(outside(), { kind: 'sync', stack: 'a' })
  await untilStable(store, 'a')
  const next = store.stack('a').record.stable
  const steps = store.history('a', 100).filter(({ kind }) => kind === 'step')
  const releaseOf = (kind: string) => steps.find(({ message }) => message.startsWith(kind))?.release
  expect([releaseOf('create web.1'), releaseOf('promote web.1'), releaseOf('mark-stable')]).toEqual([next, next, next])
  expect([releaseOf('drain web.1'), releaseOf('stop web.1')]).toEqual([stable, stable])
})

test('rollback goes to the stable release before, and later to one that is named', async () => {
  const { repo, store, start, running, outside } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start()
  await untilStable(store, 'a')
  const first = store.stack('a').record.stable ?? ''
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'two')
  await ask(outside(), { kind: 'sync', stack: 'a' })
  await untilStable(store, 'a')
  const second = store.stack('a').record.stable ?? ''
  expect(second).not.toBe(first)

  expect(await ask(outside(), { kind: 'rollback', stack: 'a', release: null })).toMatchObject({ ok: true })
  await untilStack(store, 'a', ({ status }) => status?.sync === 'RolledBack' && status.health === 'Healthy', 'back')
  expect(running('a')).toEqual(['web:1', 'web:1'])

  const named = { kind: 'rollback', stack: 'a', release: second.slice(0, 8) } as const
  expect(await ask(outside(), named)).toMatchObject({ ok: true })
  await untilStable(store, 'a')
  expect(running('a')).toEqual(['web:2', 'web:2'])
})

test('rollback is refused, with the reason, to what never was stable and to what runs already', async () => {
  const { repo, store, start, outside } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start()
  await untilStable(store, 'a')
  const before = store.stack('a').record
  const stable = before.stable ?? ''
  const refusals = [
    [null, 'There is no stable release of a before'],
    ['0000', 'No release 0000 of a was ever stable'],
    [stable, 'runs already'],
  ] as const
  for (const [release, text] of refusals) {
    const answer = await ask(outside(), { kind: 'rollback', stack: 'a', release })
    expect(answer).toEqual({ ok: false, text: expect.stringContaining(text) })
  }
  expect(await ask(outside(), { kind: 'retry', stack: 'b' })).toMatchObject({ ok: false })
  expect(store.stack('a').record.stable).toBe(stable)
  expect(store.stack('a').record.quarantine).toEqual({})
})

test('O1 an event heals at once: a replica that was removed by hand is back without any poll', async () => {
  const { repo, store, engine, start, running } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start({ fullPassMs: 3_600_000 })
  await untilStable(store, 'a')
  const container = engine.world.containers[0]?.name ?? ''
  await engine.execute({ kind: 'remove', stack: 'a', resource: 'web.1', because: 'docker rm -f', args: { container } })
  expect(running('a')).toHaveLength(1)
  await until(async () => running('a').length === 2, 'the replacement')
})

test('T10 an event of what all stacks share has every one of them looked at', async () => {
  const { repo, store, engine, start, running } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:2') }, 'one')
  const { watch } = engine
  let tell = (_event: EngineEvent) => {}
  engine.watch = (listener, signal) => {
    tell = listener.onEvent
    watch(listener, signal)
  }
  start({ fullPassMs: 3_600_000 })
  await Promise.all([untilStable(store, 'a'), untilStable(store, 'b')])
  // Nobody tells of it: only the event of the gateway has anybody look.
  engine.world.containers.length = 0
  const event = { stack: '', container: 'holdfast-test-gateway', action: 'die', interrupts: false, byHand: false }
  tell({ ...event, ofAll: true })
  await until(async () => running('a').length === 2 && running('b').length === 2, 'both stacks to be back')
})

test('G7 a stack that is gone is removed, its data volume stays, and it is forgotten', async () => {
  const { repo, store, engine, start, outside } = await bench()
  const data = `${compose('web:1')}    volumes: [ 'data:/data' ]\nvolumes: { data: {} }\n`
  await repo.commit({ 'stacks/a/compose.yaml': data, 'stacks/b/compose.yaml': compose('web:1') }, 'one')
  start()
  await Promise.all([untilStable(store, 'a'), untilStable(store, 'b')])
  await repo.commit({ 'stacks/a/compose.yaml': null }, 'two')
  await ask(outside(), { kind: 'sync', stack: null })
  await until(async () => !store.stacks().includes('a'), 'a to be forgotten')
  expect(engine.world.containers.filter(({ stack }) => stack === 'a')).toEqual([])
  expect([...engine.world.volumes.keys()]).toEqual(['a_data'])
  expect(store.stacks()).toEqual(['b'])
})

test('a repository that cannot be read is told once and again when it is over; what runs is looked after', async () => {
  const { repo, store, told, start, outside, running } = await bench()
  const commit = await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start({ sourceRetryMs: 5 })
  await untilStable(store, 'a')
  await repo.deleteBranch()
  const refused = await ask(outside(), { kind: 'sync', stack: 'a' })
  expect(refused).toMatchObject({ ok: false, text: expect.stringContaining('main') })
  await ask(outside(), { kind: 'sync', stack: 'a' })
  await repo.reset(commit)
  await until(async () => told.some(({ stack, kind }) => stack === '' && kind === 'recovered'), 'the recovery')
  expect(told.filter(({ kind }) => kind === 'source-failed')).toHaveLength(1)
  expect(running('a')).toHaveLength(2)
})

test('an engine that cannot be reached is told once, shows as unknown, and is taken up again by itself', async () => {
  const { repo, store, engine, told, start } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  start({ passRetryMs: 5, fullPassMs: 20 })
  await untilStable(store, 'a')
  const { observe } = engine
  engine.observe = () => Promise.reject(new Error('the engine is away'))
  await untilStack(store, 'a', ({ status }) => status?.health === 'Unknown', 'unknown')
  engine.observe = observe
  await untilStable(store, 'a')
  expect(told.filter(({ kind }) => kind === 'pass-failed')).toHaveLength(1)
})

test('a schedule that is none is refused before anything starts', async () => {
  const { start } = await bench()
  expect(() => start({}, 'sometimes')).toThrow('not a cron expression')
})

test('I3 a registry that hangs or fails keeps no other stack waiting, and its stack goes through by itself', async () => {
  const { repo, store, engine, start, resolved, running } = await bench()
  const { resolve } = engine
  let answer = () => {}
  const hanging = new Promise<void>((done) => {
    answer = done
  })
  engine.resolve = async (image, pull) => {
    if (image === 'web:2') await hanging
    return resolve(image, pull)
  }
  engine.world.behaviours.set('web:2', { pull: 'unreachable' })
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:2') }, 'one')
  start({ resolveRetryMs: 50 })
  await untilStable(store, 'a')
  expect(store.stacks()).toEqual(['a'])

  answer()
  await untilStack(store, 'b', ({ latest }) => latest?.blocked?.includes('cannot be reached') === true, 'blocked')
  await until(async () => (resolved.get('web:2') ?? 0) >= 3, 'more questions')
  expect(running('b')).toEqual([])
  engine.world.behaviours.delete('web:2')
  await untilStable(store, 'b')
  expect(running('b')).toEqual(['web:2', 'web:2'])
  expect(resolved.get('web:1')).toBe(1)
})

test('I3 a stack that waits for its registry is asked for anew at once when a person asks, and not at each poll', async () => {
  const { repo, store, engine, start, resolved, outside } = await bench()
  engine.world.behaviours.set('web:2', { pull: 'unreachable' })
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'one')
  start({ resolveRetryMs: 3_600_000 }, '* * * * * *')
  await untilStack(store, 'a', ({ latest }) => latest?.blocked != null, 'blocked')
  for (let looks = 0; looks < 2; looks += 1) {
    const { readAt } = store.repository('default')
    await until(async () => store.repository('default').readAt !== readAt, 'another look')
  }
  expect(resolved.get('web:2')).toBe(1)
  engine.world.behaviours.delete('web:2')
  expect(await ask(outside(), { kind: 'sync', stack: 'a' })).toMatchObject({ ok: true })
  await untilStable(store, 'a')
})

test('how far a pull is shows in the status while it goes on, and not in the history', async () => {
  const { repo, store, engine, start } = await bench()
  const { execute } = engine
  let end = () => {}
  const pulled = new Promise<void>((done) => {
    end = done
  })
  engine.execute = async (step, tell) => {
    if (step.kind === 'pull-image') {
      tell?.('43 % of 120 MB')
      await pulled
    }
    return execute(step)
  }
  engine.resolve = async () => ({ reference: 'web@sha256:1', local: false })
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'one')
  start()
  const says = (text: string) => (store.stack('a').status?.message ?? '').includes(text)
  await until(async () => says('pull-image web@sha256:1: 43 % of 120 MB'), 'the progress')
  end()
  await untilStable(store, 'a')
  expect(says('43 %')).toBe(false)
  expect(store.history('a', 100).filter(({ message }) => message.includes('43 %'))).toEqual([])
})

test('a commit that touches nothing of a stack makes no pass of it, and its status names that commit', async () => {
  const made = await bench()
  const { repo, store, engine } = made
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:1') }, 'one')
  const passes: string[] = []
  const { observe } = engine
  engine.observe = (query) => {
    passes.push(query.stack)
    return observe(query)
  }
  const controller = made.start({}, '* * * * * *')
  for (const stack of ['a', 'b']) await untilStable(store, stack)
  await controller.idle()
  passes.splice(0)
  const commit = await repo.commit({ 'stacks/b/compose.yaml': compose('web:2') }, 'two')
  await untilStack(
    store,
    'b',
    ({ status }) => made.running('b').join() === 'web:2,web:2' && status?.sync === 'Synced',
    'at two',
  )
  expect(store.stack('a').latest?.commit).toBe(commit)
  expect(passes).toContain('b')
  expect(passes).not.toContain('a')
})
