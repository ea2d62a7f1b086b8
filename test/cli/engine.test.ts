import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Docker from 'dockerode'
import { expect, inject, onTestFinished, test } from 'vitest'
import { appImage } from '../support/app.ts'
import { createRepo } from '../support/git-repo.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast, start } from './program.ts'

const socket = inject('engineSocket')

test('plan, run, a second instance, sync, status, history, rollback and a stop, as a person types them', async () => {
  const { repo, env } = await bench()
  expect(await holdfast(['plan'], env)).toMatchObject({ code: 2, out: expect.stringContaining('create web.1') })
  const running = start(['run'], env)
  await running.printed('is stable')
  expect(await holdfast(['plan'], env)).toMatchObject({ code: 0, out: expect.stringContaining('nothing to do') })

  const second = await holdfast(['run'], env)
  expect(second).toMatchObject({ code: 1, err: expect.stringContaining('Another Holdfast is running') })

  await repo.commit({ 'stacks/clistack/compose.yaml': compose('cli:bad') }, 'a bad one')
  const sync = await holdfast(['sync', 'clistack', '--wait'], env)
  expect(sync).toMatchObject({ code: 3, out: expect.stringContaining('rolled back to') })

  const status = JSON.parse((await holdfast(['status', '--json'], env)).out)
  expect(status.stacks).toMatchObject([{ stack: 'clistack', sync: 'RolledBack', health: 'Healthy' }])
  expect((await holdfast(['status'], env)).out).toMatch(/clistack {2}RolledBack {2}Healthy {2}1\/1/)
  const history = await holdfast(['history', 'clistack'], env)
  expect(history.out).toContain('failed: release')
  expect(history.out).toMatch(/\| .*giving up with 1/)

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

/** A repository with one good stack, and the environment that points the program at it and at the test's engine. */
async function bench() {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  // Another instance each time: the mark of a stable release outlives everything else on the engine.
  const instance = `cli${randomBytes(4).toString('hex')}`
  onTestFinished(() => cleanUp(instance))
  await appImage(socket, 'cli:good', { kind: 'no-healthcheck' })
  await appImage(socket, 'cli:bad', { kind: 'exit', code: 1 })
  const repo = await createRepo(join(folder.path, 'repo'))
  await repo.commit({ 'stacks/clistack/compose.yaml': compose('cli:good') }, 'a good one')
  const env = {
    HOLDFAST_REPO: repo.path,
    HOLDFAST_DATA: join(folder.path, 'data'),
    HOLDFAST_ENGINE: `unix://${socket}`,
    HOLDFAST_INSTANCE: instance,
  }
  return { repo, env }
}

function compose(image: string): string {
  const deploy = '    deploy:\n      update_config: { monitor: 1s }\n'
  return `services:\n  web:\n    image: ${image}\n    pull_policy: never\n${deploy}`
}

/** Leaves the stack's names free for the next test. */
async function cleanUp(instance: string): Promise<void> {
  const docker = new Docker({ socketPath: socket })
  const filters = { label: [`dev.holdfast.instance=${instance}`] }
  const containers = await docker.listContainers({ all: true, filters })
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
  const networks = await docker.listNetworks({ filters })
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()))
}
