import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type GitSsh, startGitSsh } from '../support/git-ssh.ts'
import { web } from './compose.ts'
import { type Host, type HostOptions, startHost } from './host.ts'

let ssh: GitSsh
let host: Host

beforeAll(async () => {
  ssh = await startGitSsh()
})
afterAll(() => ssh.stop())
afterEach(() => host.close())

const stack = (image: string) => ({ services: { web: web(image, { replicas: 3 }) } })

/** Good ones and one that cannot start, and back to what ran before; the last is another one. */
const IMAGES = ['app:2', 'app:3', 'app:exits', 'app:1', 'app:2', 'app:exits', 'app:3', 'app:2', 'app:1', 'app:3']

describe.each([
  ['over HTTP', () => ({})],
  ['over SSH', () => ({ ssh })],
] satisfies [string, () => HostOptions][])('%s', (_name, options) => {
  it('G11 ten commits in ten seconds: the last wins, with the exact count and nothing of the others', async () => {
    host = await startHost(options())
    await host.deploy(stack('app:1'))
    for (const image of IMAGES.slice(0, -1)) {
      const commit = await host.commit(stack(image))
      // Each is taken up, and superseded before it is through: Holdfast looks every second.
      await host.eventually(async () => host.entry().latest?.commit === commit, `${image} to be taken up`)
    }
    await expectLast(await host.commit(stack('app:3')))
  })

  it('G11 ten commits at once: the last wins, with the exact count and nothing of the others', async () => {
    host = await startHost(options())
    await host.deploy(stack('app:1'))
    const commits: string[] = []
    for (const image of IMAGES) commits.push(await host.commit(stack(image)))
    await expectLast(commits.at(-1) ?? '')
  })
})

async function expectLast(commit: string): Promise<void> {
  const entry = await host.settled(commit)
  expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  const running = (await host.running()).map(({ service, slot, image }) => `${service}.${slot} ${image}`)
  expect(running).toEqual(['web.1 app:3', 'web.2 app:3', 'web.3 app:3'])
  // What else is there is stopped: the stable release before, and what failed on the way.
  const others = (await host.containers()).filter(({ state }) => state !== 'running')
  for (const { image, state } of others)
    expect([image, state]).toEqual([expect.stringMatching(/^app:(1|exits)$/), 'exited'])
  await host.cli('sync', '--wait')
  expect((await host.running()).length).toBe(3)
}
