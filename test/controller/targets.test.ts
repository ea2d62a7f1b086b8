import { expect, test } from 'vitest'
import { StepFailed } from '../../src/model/errors.ts'
import { targetOf } from '../../src/store/target.ts'
import { until } from '../support/until.ts'
import { type Bench, bench, compose, runningOn, untilStable, untilStack } from './bench.ts'

const on = (target: string, image: string, replicas = 1) =>
  `${compose(image, replicas)}x-holdfast: { target: ${target} }\n`

/** Looks at the repository now, as a person asks for; does not wait for what comes of it. */
async function look({ start }: Bench) {
  const controller = start()
  return { handle: () => controller.handle({ kind: 'sync', stack: null }), controller }
}

test('each stack runs on the target it names, those without a name on the default one', async () => {
  const made = await bench(['web', 'db'])
  await made.repo.commit(
    { 'stacks/a/compose.yaml': on('web', 'web:1'), 'stacks/b/compose.yaml': compose('web:2') },
    'x',
  )
  made.start()
  await Promise.all([untilStable(made.store, 'a'), untilStable(made.store, 'b')])
  expect(made.others['web']?.world.containers.map(({ stack }) => stack)).toEqual(['a'])
  expect(new Set(made.engine.world.containers.map(({ stack }) => stack))).toEqual(new Set(['b']))
  expect(made.others['db']?.world.containers).toEqual([])
})

test('O1 an event of another target heals its stack at once', async () => {
  const made = await bench(['web'])
  await made.repo.commit({ 'stacks/a/compose.yaml': on('web', 'web:1') }, 'one')
  made.start()
  await untilStable(made.store, 'a')
  const web = made.others['web']
  const [victim] = web?.world.containers ?? []
  if (!web || !victim) throw new Error('there is no replica')
  await web.execute({
    ...{ kind: 'remove', stack: 'a', resource: 'web.1', because: 'somebody does it by hand' },
    args: { container: victim.name },
  })
  await until(
    async () => web.world.containers.some(({ id, state }) => id !== victim.id && state === 'running'),
    'healing',
  )
})

test('an unknown target blocks its stack alone, with the known names', async () => {
  const made = await bench(['web'])
  await made.repo.commit(
    { 'stacks/a/compose.yaml': on('wbe', 'web:1'), 'stacks/b/compose.yaml': compose('web:1') },
    'x',
  )
  made.start()
  await untilStable(made.store, 'b')
  await untilStack(made.store, 'a', ({ status }) => status?.sync === 'Blocked', 'blocked')
  expect(made.store.stack('a').status?.message).toContain('There is no target "wbe" (known: web)')
})

test('a target that is down is told of its own stacks; those of others roll out meanwhile, and later it is taken up', async () => {
  const made = await bench(['web'])
  const web = made.others['web']
  if (!web) throw new Error('there is no target web')
  const { resolve, observe } = web
  const down = () => Promise.reject(new StepFailed('platform', 'web does not answer at port 2376'))
  // Its answer, that there is none, is longer in coming than anything the other target does.
  let giveUp: () => void = () => {}
  const silence = new Promise<void>((done) => {
    giveUp = done
  })
  web.resolve = () => silence.then(down)
  web.observe = down
  await made.repo.commit(
    { 'stacks/a/compose.yaml': on('web', 'web:1'), 'stacks/b/compose.yaml': compose('web:2') },
    'x',
  )
  made.start({ sourceRetryMs: 50, passRetryMs: 50 })
  await untilStable(made.store, 'b')
  expect(made.running('b')).toEqual(['web:2', 'web:2'])
  giveUp()
  await untilStack(made.store, 'a', ({ latest }) => latest?.blocked !== null && latest !== null, 'blocked')
  expect(made.store.stack('a').latest?.blocked).toContain('web does not answer')

  Object.assign(web, { resolve, observe })
  const { handle } = await look(made)
  await handle()
  await untilStable(made.store, 'a')
  expect(runningOn(web, 'a')).toEqual(['web:1'])
})

test('a stack whose target changes in git stays where it is, says what to do, and is moved by doing it', async () => {
  const made = await bench(['web', 'db'])
  const { repo, store, others } = made
  const [web, db] = [others['web'], others['db']]
  if (!web || !db) throw new Error('a target is missing')
  await repo.commit({ 'stacks/a/compose.yaml': on('web', 'web:1'), 'stacks/b/compose.yaml': compose('web:1') }, 'one')
  const controller = made.start()
  const sync = () => controller.handle({ kind: 'sync', stack: null })
  await untilStable(store, 'a')

  await repo.commit({ 'stacks/a/compose.yaml': on('db', 'web:2') }, 'move it')
  await sync()
  await untilStack(store, 'a', ({ status }) => status?.sync === 'Blocked', 'blocked')
  expect(store.stack('a').status?.message).toMatch(
    /runs on the target web, and git names the target db.*Delete its folder/,
  )
  expect([runningOn(web, 'a'), runningOn(db, 'a')]).toEqual([['web:1'], []])
  expect(targetOf(store.stack('a'))).toBe('web')

  await repo.commit({ 'stacks/a/compose.yaml': null }, 'remove it')
  await sync()
  await until(async () => !store.stacks().includes('a'), 'the stack to be removed')
  expect(web.world.containers).toEqual([])
  await repo.commit({ 'stacks/a/compose.yaml': on('db', 'web:2') }, 'add it again')
  await sync()
  await untilStable(store, 'a')
  expect([runningOn(web, 'a'), runningOn(db, 'a')]).toEqual([[], ['web:2']])
})

test('a stack that an older Holdfast left runs on the default target', () => {
  const nothing = { commit: '', subject: '', digest: null, gone: false, problems: [], blocked: null }
  expect(targetOf({ latest: nothing })).toBe('')
  expect(targetOf({ latest: null })).toBeNull()
})
