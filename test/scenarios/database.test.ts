import { copyFileSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { web } from './compose.ts'
import { ask, identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

const SEVERAL_DEPLOYS_MS = 240_000

async function host(diskSize?: string): Promise<Host> {
  const started = await startHost(diskSize === undefined ? {} : { diskSize })
  onTestFinished(started.close)
  return started
}

const stack = (image: string) => ({ services: { web: web(image, { replicas: 2 }) } })

/** As docs/operations.md has it: what is there goes away whole, the copy takes its place. */
function restore({ data }: Host, copy: string): void {
  const before = join(data, 'before')
  mkdirSync(before, { mode: 0o700 })
  for (const name of readdirSync(data).filter((one) => one.startsWith('holdfast.db'))) {
    renameSync(join(data, name), join(before, name))
  }
  copyFileSync(copy, join(data, 'holdfast.db'))
}

it(
  'C10 the disk of the database is full: what runs goes on, it is said, and it goes on by itself when there is room',
  async () => {
    const { disk, ...here } = await host('8m')
    await here.deploy(stack('app:1'))
    const before = identities(await here.running())
    disk?.fill()
    const commit = await here.commit(stack('app:2'))
    await here.eventually(async () => /no space left/i.test(here.output()), 'the full disk to be told of')
    expect(identities(await here.running())).toEqual(before)
    expect(await ask((await here.running())[0])).toContain('1')
    disk?.free()
    expect((await here.settled(commit)).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect((await here.running()).map(({ image }) => image)).toEqual(['app:2', 'app:2'])
  },
  SEVERAL_DEPLOYS_MS,
)

it(
  'C10 the disk fills up in the middle of a rollout: never fewer replicas than wanted, and it is finished afterwards',
  async () => {
    const { disk, ...here } = await host('8m')
    await here.deploy(stack('app:1'))
    const commit = await here.commit(stack('app:2'))
    await here.eventually(async () => here.entry().record.rollout !== null, 'the rollout to begin')
    disk?.fill()
    await here.eventually(
      async () => /No space left for the database/.test(here.output()),
      'the full disk to be told of',
    )
    expect((await here.running()).length).toBeGreaterThanOrEqual(2)
    disk?.free()
    expect((await here.settled(commit)).status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect((await here.running()).map(({ image }) => image)).toEqual(['app:2', 'app:2'])
    expect(here.history().filter(({ kind }) => kind === 'failed')).toEqual([])
  },
  SEVERAL_DEPLOYS_MS,
)

it(
  'C11 a backup that was made while it ran is put back: no container restarts, also when another release came since',
  async () => {
    const here = await host()
    await here.deploy(stack('app:1'))
    const copy = join(here.data, '..', 'copy.db')
    const made = await here.cli('backup', copy)
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`The key file ${here.data}/key is not in it`),
    })

    const first = identities(await here.running())
    expect(await here.stop()).toBe(0)
    restore(here, copy)
    here.reopen()
    await here.start()
    await here.eventually(async () => here.entry().status?.sync === 'Synced', 'the stack to be known again')
    expect(identities(await here.running())).toEqual(first)

    const { latest } = await here.deploy(stack('app:2'))
    const second = identities(await here.running())
    expect(await here.stop()).toBe(0)
    here.store.close()
    renameSync(join(here.data, 'before'), join(here.data, 'before-1'))
    restore(here, copy)
    here.reopen()
    await here.start()
    const entry = await here.settled(latest?.commit ?? '')
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(identities(await here.running())).toEqual(second)
  },
  SEVERAL_DEPLOYS_MS,
)
