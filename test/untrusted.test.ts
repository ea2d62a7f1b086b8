import { expect, onTestFinished, test } from 'vitest'
import { planAll } from '../src/cli/plan-all.ts'
import { follow } from '../src/follow.ts'
import { readTip, resolveImages } from '../src/tip.ts'
import { bench, compose, untilStable, untilStack } from './controller/bench.ts'
import { signTip, sshKey } from './support/signing.ts'
import { temporaryFolder } from './support/temporary.ts'

/** A repository of which only what Sam signed is followed. */
async function signedBench() {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const [sam, mallory] = [await sshKey(folder.path, 'sam'), await sshKey(folder.path, 'mallory')]
  const made = await bench([], { signers: { ssh: `sam@example.org ${sam.line}\n` } })
  const commit = async (...change: Parameters<typeof made.repo.commit>) => {
    await made.repo.commit(...change)
    return signTip(made.repo, sam)
  }
  return { ...made, commit, signTip: () => signTip(made.repo, sam), forge: () => signTip(made.repo, mallory) }
}

test('G13 a commit that is not trusted blocks every stack, and is not read: nothing is removed, nothing is new', async () => {
  const made = await signedBench()
  const files = { 'stacks/a/compose.yaml': compose('web:1'), 'stacks/b/compose.yaml': compose('web:1') }
  await made.commit(files, 'Two stacks')
  await follow(made)
  const [a, b] = ['a', 'b'].map((name) => made.store.stack(name).latest)

  await made.repo.commit({ 'stacks/a/compose.yaml': 'broken: [', 'stacks/b/compose.yaml': null }, 'Break it')
  const commit = await made.forge()
  expect((await follow(made)).changed).toEqual(['a', 'b'])
  const blocked = expect.stringMatching(/^commit [0-9a-f]{8} is not followed, .* not among the allowed signers; push/)
  expect(made.store.stack('a').latest).toEqual({ ...a, commit, subject: 'Break it', blocked, problems: [] })
  expect(made.store.stack('b').latest).toEqual({ ...b, commit, subject: 'Break it', blocked, problems: [] })
  expect(made.store.repository('default').problems).toMatchObject([{ code: 'untrusted-commit', message: blocked }])
  expect((await follow(made)).changed).toEqual([])

  const good = await made.commit(files, 'Mend it')
  await follow(made)
  expect(made.store.stack('a').latest).toEqual({ ...a, commit: good, subject: 'Mend it' })
  expect(made.store.repository('default').problems).toEqual([])
})

test('G13 where nothing is followed yet, the repository itself says so', async () => {
  const made = await signedBench()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  expect(made.store.stacks()).toEqual([])
  expect(made.store.repository('default').problems).toMatchObject([
    { severity: 'error', message: expect.stringContaining('it is not signed'), hint: expect.any(String) },
  ])
  await made.signTip()
  expect((await follow(made)).changed).toEqual(['a'])
})

test('G13 what a trusted commit asked for goes on: its rollout, its healing', async () => {
  const made = await signedBench()
  await made.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  const controller = made.start()
  await untilStable(made.store, 'a')
  await made.commit({ 'stacks/a/compose.yaml': compose('web:2', 4) }, 'two')
  const sync = () => controller.handle({ kind: 'sync', stack: null })
  await sync()
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:3') }, 'three')
  await sync()
  const isDone = () => made.running('a').join() === 'web:2,web:2,web:2,web:2'
  await untilStack(
    made.store,
    'a',
    ({ status }) => isDone() && status?.health === 'Healthy',
    'at what was trusted last',
  )
  expect(made.store.stack('a').status).toMatchObject({
    sync: 'Blocked',
    message: expect.stringContaining('it is not signed'),
  })
  await made.signTip()
  await sync()
  await untilStable(made.store, 'a')
  expect(made.running('a')).toEqual(['web:3', 'web:3'])
})

test('G13 plan says the same', async () => {
  const made = await signedBench()
  await made.commit({ 'stacks/a/compose.yaml': compose('web:1') }, 'one')
  await follow(made)
  await made.repo.commit({ 'stacks/a/compose.yaml': compose('web:2') }, 'two')
  const resolve = (stack: Parameters<typeof resolveImages>[0]) => resolveImages(stack, made.engine)
  const tip = await readTip(await made.source.sync(), { ...made, resolve }, [])
  expect(tip.problems).toMatchObject([{ code: 'untrusted-commit' }])
  const [planned] = await planAll(tip.stacks, ['a'], { ...made, pool: '10.201.0.0/16', adopt: [] })
  expect(planned?.latest.blocked).toContain('it is not signed')
  expect(planned?.plan.status).toMatchObject({ sync: 'Blocked', message: expect.stringContaining('it is not signed') })
  expect(planned?.plan.steps.map(({ because }) => because).join()).not.toContain('web:2')
})
