import Docker from 'dockerode'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { appImage } from '../support/app.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { web } from './compose.ts'
import { identities, seeStack } from './engine.ts'
import { type Host, startHost } from './host.ts'

const OTHER = 'elsewhere'
let second: PrivateEngine
let host: Host

beforeEach(async () => {
  second = await startPrivateEngine()
  for (const tag of ['app:1', 'app:2']) await appImage(second.socket, tag, { kind: 'good' })
  // Read by the Holdfast that the host starts.
  process.env['HOLDFAST_TARGETS'] = `second=unix://${second.socket}`
  host = await startHost()
})
afterEach(async () => {
  delete process.env['HOLDFAST_TARGETS']
  await host?.close()
  await second?.stop()
})

/** Two stacks in one commit: one on the default target, one on the second. */
async function commit(here: string, there: string): Promise<string> {
  const elsewhere = { 'x-holdfast': { target: 'second' }, services: { web: web(there) } }
  return await host.commit(
    { services: { web: web(here) } },
    { [`stacks/${OTHER}/compose.yaml`]: JSON.stringify(elsewhere) },
  )
}

const isStable = async (stack: string, commit: string) => {
  const { latest, status } = host.store.stack(stack)
  return latest?.commit === commit && status?.sync === 'Synced' && status.health === 'Healthy'
}

it('one Holdfast looks after two engines; one that is down holds up only its own stacks', async () => {
  const first = await commit('app:1', 'app:1')
  await host.settled(first)
  await host.eventually(() => isStable(OTHER, first), 'the other stack')
  const there = new Docker({ socketPath: second.socket })
  expect((await seeStack(there, OTHER)).map(({ image, state }) => [image, state])).toEqual([['app:1', 'running']])
  expect(await seeStack(there, host.stack)).toEqual([])
  expect(await seeStack(host.docker, OTHER)).toEqual([])

  const before = identities(await seeStack(there, OTHER))
  const [replica] = await seeStack(there, OTHER)
  await there.getContainer(replica?.id ?? '').remove({ force: true })
  await host.eventually(async () => {
    const [healed] = await seeStack(there, OTHER)
    return healed?.health === 'healthy' && healed.id !== before[0]?.[0]
  }, 'healing on the second engine')

  await second.stop()
  const next = await commit('app:2', 'app:2')
  const began = performance.now()
  await host.settled(next)
  expect(performance.now() - began).toBeLessThan(30_000)
  expect((await host.running()).map(({ image }) => image)).toEqual(['app:2'])
  await host.eventually(async () => {
    const { latest } = host.store.stack(OTHER)
    return latest?.commit === next && (latest.blocked ?? '').includes('There is no Docker engine at')
  }, 'the other stack to be blocked, with the reason')

  const planned = await host.cli('plan')
  expect(planned.code).toBe(1)
  expect(planned.stdout).toContain(`${host.stack}: nothing to do`)
  expect(planned.stdout).toMatch(new RegExp(`${OTHER}: cannot be planned\\n +.*There is no Docker engine at`))
}, 150_000)
