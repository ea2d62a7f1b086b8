import { expect, test } from 'vitest'
import { bench, compose } from './bench.ts'
import { holdfast, start } from './program.ts'
import { documented } from './schema.ts'

test('plan, run, a second instance, sync, status, history, rollback and a stop, as a person types them', async () => {
  const { repo, env } = await bench()
  expect(await holdfast(['plan'], env)).toMatchObject({ code: 2, out: expect.stringContaining('create web.1') })
  const plan = documented<{ stacks: { steps: unknown[] }[] }>('plan', (await holdfast(['plan', '--json'], env)).out)
  expect(plan.stacks[0]?.steps.length).toBeGreaterThan(2)
  const running = start(['run'], env)
  await running.printed('is stable')
  expect(await holdfast(['plan'], env)).toMatchObject({ code: 0, out: expect.stringContaining('nothing to do') })

  const second = await holdfast(['run'], env)
  expect(second).toMatchObject({ code: 1, err: expect.stringContaining('Another Holdfast is running') })

  await repo.commit({ 'stacks/clistack/compose.yaml': compose('cli:bad') }, 'a bad one')
  const sync = await holdfast(['sync', 'clistack', '--wait'], env)
  expect(sync).toMatchObject({ code: 3, out: expect.stringContaining('rolled back to') })

  const status = documented('status', (await holdfast(['status', '--json'], env)).out)
  expect(status).toMatchObject({ stacks: [{ stack: 'clistack', sync: 'RolledBack', health: 'Healthy' }] })
  expect((await holdfast(['status'], env)).out).toMatch(/clistack {2}RolledBack {2}Healthy {2}1\/1/)
  const history = await holdfast(['history', 'clistack'], env)
  expect(history.out).toContain('failed: release')
  expect(history.out).toMatch(/\| .*giving up with 1/)
  const printed = (await holdfast(['history', '--json', '--steps', '-n', '500'], env)).out
  expect(documented<{ kind: string }[]>('history', printed).at(-1)?.kind).toBe('rollout-started')
  const again = documented('result', (await holdfast(['sync', 'clistack', '--wait', '--json'], env)).out)
  expect(again).toMatchObject({ outcome: 'otherwise', stacks: [{ stack: 'clistack', sync: 'RolledBack' }] })

  const rollback = await holdfast(['rollback', 'clistack', 'ffff'], env)
  expect(rollback).toMatchObject({ code: 1, err: expect.stringContaining('was ever stable') })

  const began = performance.now()
  expect(await running.end('SIGTERM')).toMatchObject({ code: 0, err: '' })
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('without a running Holdfast sync and retry do it themselves, until it is settled', async () => {
  const { repo, env } = await bench()
  const first = await holdfast(['sync'], env)
  expect(first).toMatchObject({ code: 0, out: expect.stringContaining('is stable') })
  await repo.commit({ 'stacks/clistack/compose.yaml': compose('cli:bad') }, 'a bad one')
  expect(await holdfast(['sync', 'clistack'], env)).toMatchObject({ code: 3 })
  expect(await holdfast(['sync', 'clistack'], env)).toMatchObject({ code: 3 })
  const retried = await holdfast(['retry', 'clistack'], env)
  expect(retried).toMatchObject({ code: 3, out: expect.stringContaining('giving up with 1') })
  const failures = (await holdfast(['history', 'clistack'], env)).out.match(/ failed: release/g)
  expect(failures).toHaveLength(2)

  await repo.commit({ 'holdfast.yaml': 'stacks: [' }, 'nobody can tell which stacks there are')
  const broken = await holdfast(['sync', '--json'], env)
  expect(broken.code).toBe(3)
  expect(documented('result', broken.out)).toMatchObject({
    outcome: 'otherwise',
    problems: [{ file: 'holdfast.yaml' }],
  })
})

test('S3 a stop signal in the middle of a rollout ends within 10 s, and the next start goes on', async () => {
  const { env } = await bench()
  const running = start(['run'], env)
  await running.printed('start web.1')
  const began = performance.now()
  expect(await running.end('SIGINT')).toMatchObject({ code: 0 })
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(await holdfast(['sync'], env)).toMatchObject({ code: 0, out: expect.stringContaining('is stable') })
})
