import { expect, test } from 'vitest'
import { readAnswer } from '../../src/controller/answer.ts'
import type { Controller } from '../../src/controller/controller.ts'
import type { Request, Store } from '../../src/store/store.ts'
import { until } from '../support/until.ts'
import { type Bench, bench, compose, untilStable, untilStack } from './bench.ts'

/** Leaves a request as another process does, and waits for the answer. */
async function ask(store: Store, request: Request) {
  const id = store.ask(request)
  await until(async () => store.answerOf(id) !== null, 'the answer')
  return readAnswer(store.answerOf(id) ?? '')
}

/** A stack `a` of two replicas that runs. */
async function running(): Promise<Bench & { controller: Controller }> {
  const made = await bench()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  const controller = made.start()
  await untilStable(made.store, 'a')
  return { ...made, controller }
}

/** The same, with a rollout to web:2 under way that does not get on by itself. */
async function rolling(): Promise<Bench> {
  const made = await running()
  made.engine.world.behaviours.set('web:2', { exit: { afterMs: 3_600_000, code: 1 } })
  await made.repo.commit({ 'stacks/a/compose.yaml': slow('web:2') }, 'two')
  await ask(made.outside(), { kind: 'sync', stack: 'a' })
  await untilStack(made.store, 'a', ({ record }) => record.rollout !== null, 'rolling')
  return made
}

const slow = (image: string) => compose(image).replace('200ms', '10h')

test('R24 a suspended stack is left alone by commits, a retry and a restart; resume brings the newest in', async () => {
  const { repo, store, engine, controller, start, outside, told, running: shown } = await running()
  const suspend = { kind: 'suspend', stack: 'a', by: 'ann', reason: 'the disk is moved' } as const
  expect(await ask(outside(), suspend)).toMatchObject({ ok: true, text: expect.stringContaining('holdfast resume a') })
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'two')
  await ask(outside(), { kind: 'sync', stack: null })
  const container = engine.world.containers[0]?.name ?? ''
  await engine.execute({ kind: 'remove', stack: 'a', resource: 'web.1', because: 'docker rm -f', args: { container } })
  await untilStack(store, 'a', ({ status }) => status?.health === 'Degraded', 'seen as it is')
  expect(store.stack('a').status).toMatchObject({ sync: 'Suspended', services: { web: { ready: 1, wanted: 2 } } })
  expect(store.stack('a').status?.message).toMatch(/on resume release \w+ is rolled out/)

  for (const refused of [
    { kind: 'retry', stack: 'a' },
    { kind: 'rollback', stack: 'a', release: null },
    { kind: 'cancel', stack: 'a' },
    { kind: 'pause', stack: 'a' },
  ] as const) {
    const answer = await ask(outside(), refused)
    expect(answer).toEqual({ ok: false, text: expect.stringContaining('Resume it first: holdfast resume a') })
  }
  expect(await ask(outside(), suspend)).toMatchObject({ ok: false })

  await controller.stop()
  await start().handle({ kind: 'sync', stack: null })
  expect(shown('a')).toEqual(['web:1'])
  expect(told.at(-1)).toMatchObject({ kind: 'suspended', message: 'suspended by ann: the disk is moved' })

  expect(await ask(outside(), { kind: 'resume', stack: 'a', by: 'ann' })).toMatchObject({ ok: true })
  await untilStable(store, 'a')
  expect(shown('a')).toEqual(['web:2', 'web:2'])
  expect(told.find(({ kind }) => kind === 'resumed')?.message).toBe('resumed by ann')
  expect(await ask(outside(), { kind: 'resume', stack: 'a' })).toMatchObject({
    ok: false,
    text: 'a is neither held nor down.',
  })
})

test('a suspended stack whose folder is gone is removed when it is resumed, not before', async () => {
  const { repo, store, outside, running: shown } = await running()
  await ask(outside(), { kind: 'suspend', stack: 'a' })
  await repo.commit({ 'stacks/a/compose.yaml': null, 'stacks/b/compose.yaml': compose('web:1', 1) }, 'two')
  await ask(outside(), { kind: 'sync', stack: null })
  await untilStack(store, 'a', ({ status }) => status?.message.includes('is gone') ?? false, 'seen to be gone')
  expect(store.stacks()).toEqual(['a', 'b'])
  expect(shown('a')).toHaveLength(2)
  await ask(outside(), { kind: 'resume', stack: 'a' })
  await until(async () => !store.stacks().includes('a'), 'a to be forgotten')
  expect(shown('a')).toEqual([])
})

test('R25 a stack that is taken down stays so, also when it was suspended, until it is resumed', async () => {
  const { repo, store, engine, controller, start, outside, told, running: shown } = await running()
  await ask(outside(), { kind: 'suspend', stack: 'a' })
  const down = { kind: 'down', stack: 'a', by: 'ann', reason: 'it is moved' } as const
  expect(await ask(outside(), down)).toMatchObject({ ok: true, text: expect.stringContaining('its volumes stay') })
  await untilStack(store, 'a', ({ status }) => status?.health === 'Missing', 'away')
  expect(engine.world.containers).toEqual([])
  expect(store.stack('a').status?.message).toMatch(/^is down, by ann: it is moved; its volumes stay; on resume/)
  for (const kind of ['down', 'suspend', 'pause', 'cancel', 'retry'] as const) {
    const answer = await ask(outside(), { kind, stack: 'a' })
    expect(answer).toEqual({ ok: false, text: expect.stringContaining('holdfast resume a') })
  }
  await controller.stop()
  const again = start()
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'two')
  await again.handle({ kind: 'sync', stack: null })
  expect(shown('a')).toEqual([])
  expect(told.at(-1)?.kind).not.toBe('memory-lost')
  expect(told.find(({ kind }) => kind === 'down')?.message).toBe('taken down by ann: it is moved')
  await ask(outside(), { kind: 'resume', stack: 'a' })
  await untilStable(store, 'a')
  expect(shown('a')).toEqual(['web:2', 'web:2'])
})

test('a stack that is being taken over from docker compose is not taken down half-way', async () => {
  const { store, outside } = await running()
  const { record } = store.stack('a')
  store.save('a', { record: { ...record, adoption: { by: null, containers: {} } } })
  const answer = await ask(outside(), { kind: 'down', stack: 'a' })
  expect(answer).toEqual({ ok: false, text: expect.stringContaining('being taken over from docker compose') })
})

test('R19 pause says how far it came; cancel goes back, and the release is not tried again', async () => {
  const { store, outside, told, running: shown } = await rolling()
  expect(await ask(outside(), { kind: 'pause', stack: 'a', by: 'ann' })).toMatchObject({ ok: true })
  await untilStack(
    store,
    'a',
    ({ status }) => status?.message.startsWith('paused after 0 of 2 slots') ?? false,
    'paused',
  )
  expect(await ask(outside(), { kind: 'pause', stack: 'a' })).toMatchObject({ ok: false })
  const answer = await ask(outside(), { kind: 'cancel', stack: 'a', by: 'ann', reason: 'not today' })
  expect(answer).toMatchObject({
    ok: true,
    text: expect.stringMatching(/^cancelled release \w+ of a; going back to \w+$/),
  })
  await untilStack(store, 'a', ({ status }) => status?.sync === 'RolledBack' && status.health === 'Healthy', 'back')
  expect(shown('a')).toEqual(['web:1', 'web:1'])
  expect(store.stack('a').status?.message).toContain('held back: its rollout was cancelled by ann: not today')
  expect(told.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['paused', 'cancelled', 'rolled-back']))
  expect(told.filter(({ kind }) => kind === 'failed')).toEqual([])
})

test('a cancelled rollout makes room for a newer commit that waited behind the pause', async () => {
  const { repo, store, outside, running: shown } = await rolling()
  await ask(outside(), { kind: 'pause', stack: 'a' })
  await repo.commit({ 'stacks/a/compose.yaml': compose('web:3') }, 'three')
  await ask(outside(), { kind: 'sync', stack: 'a' })
  await untilStack(store, 'a', ({ status }) => status?.message.includes('takes its place') ?? false, 'told')
  const { text } = await ask(outside(), { kind: 'cancel', stack: 'a' })
  expect(text).toContain('meanwhile, which is rolled out')
  await untilStable(store, 'a')
  expect(shown('a')).toEqual(['web:3', 'web:3'])
})

test('pause and cancel are refused while nothing is being rolled out', async () => {
  const { outside } = await running()
  for (const kind of ['pause', 'cancel'] as const) {
    const answer = await ask(outside(), { kind, stack: 'a' })
    expect(answer).toEqual({
      ok: false,
      text: expect.stringMatching(/^Nothing of a is being rolled out: release \w+ runs/),
    })
  }
  expect(await ask(outside(), { kind: 'suspend', stack: 'b' })).toEqual({
    ok: false,
    text: 'There is no stack b. Followed are: a.',
  })
})

test('a stack waits for the one it depends on, also in one commit, and is woken when that one is there', async () => {
  const { repo, store, told, start, outside, running: shown } = await bench()
  const dependent = (image: string) => `${compose(image)}x-holdfast: { dependsOn: [ db ] }\n`
  await repo.commit({ 'stacks/a/compose.yaml': dependent('web:1'), 'stacks/db/compose.yaml': compose('web:1') }, 'one')
  start({ fullPassMs: 3_600_000 })
  await Promise.all([untilStable(store, 'a'), untilStable(store, 'db')])
  expect(orderOf(told)).toEqual(['db stable', 'a create', 'a stable'])

  told.length = 0
  await repo.commit({ 'stacks/a/compose.yaml': dependent('web:2'), 'stacks/db/compose.yaml': compose('web:2') }, 'two')
  await ask(outside(), { kind: 'sync', stack: null })
  await until(async () => orderOf(told).includes('a stable'), 'a to be stable again')
  expect(orderOf(told)).toEqual(['db stable', 'a create', 'a stable'])

  // What was stable runs: a failed release of the one does not hold up the other.
  const both = { 'stacks/a/compose.yaml': dependent('web:3'), 'stacks/db/compose.yaml': compose('web:bad') }
  await repo.commit(both, 'three')
  await ask(outside(), { kind: 'sync', stack: null })
  await untilStack(store, 'db', ({ status }) => status?.sync === 'RolledBack', 'back')
  await until(async () => shown('a').join() === 'web:3,web:3', 'a to be at web:3')
})

test('a stack whose dependency is not in the repository is blocked, and goes on when it comes', async () => {
  const { repo, store, start, outside } = await bench()
  await repo.commit({ 'stacks/a/compose.yaml': `${compose('web:1')}x-holdfast: { dependsOn: [ db ] }\n` }, 'one')
  start({ fullPassMs: 3_600_000 })
  await untilStack(store, 'a', ({ status }) => status?.sync === 'Blocked' && status.message.includes('db'), 'the block')
  await repo.commit({ 'stacks/db/compose.yaml': compose('web:1') }, 'two')
  await ask(outside(), { kind: 'sync', stack: null })
  await untilStable(store, 'a')
})

/** Who began to change containers, and became stable, in which order; each first time only. */
function orderOf(told: Bench['told']): string[] {
  const steps = told.flatMap(({ stack, kind, message }) => {
    if (kind === 'stable') return [`${stack} stable`]
    return stack === 'a' && message.startsWith('create web') ? ['a create'] : []
  })
  return [...new Set(steps)]
}
