import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StackEntry } from '../../src/store/store.ts'
import { web } from './compose.ts'
import { identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

/** Brings `app:1` out, then the stack's next version; the first must have run on untouched. */
async function fails(
  image: string,
  parts: Record<string, unknown> = {},
): Promise<{ entry: StackEntry; reason: string }> {
  await host.deploy({ services: { web: web('app:1', parts) } })
  const before = await host.running()
  const entry = await host.deploy({ services: { web: web(image, parts) } })
  expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
  expect(identities(await host.running())).toEqual(identities(before))
  const failures = host.history().filter((told) => told.kind === 'failed')
  expect(failures.length).toBe(1)
  return { entry, reason: failures[0]?.message ?? '' }
}

const lastLogs = () =>
  host
    .history()
    .find((told) => told.kind === 'failed')
    ?.logs.join('\n') ?? ''

describe('images', () => {
  it('I1 an image that does not exist: old replicas untouched, the reason told, one attempt', async () => {
    const { reason } = await fails('app:nowhere', { replicas: 2, pull_policy: 'never' })
    expect(reason).toContain('app:nowhere does not exist')
    expect((await host.containers()).length).toBe(2)
  })

  it('I4 a missing entrypoint fails the release within seconds, readably', async () => {
    const { reason } = await fails('app:no-entrypoint')
    expect(reason).toMatch(/no such file or directory/i)
  })

  it('I4 a program for another architecture fails the release within seconds, readably', async () => {
    const { reason } = await fails('app:wrong-architecture')
    expect(reason).toMatch(/exec format error|exited with code/i)
    expect(`${reason} ${lastLogs()}`).toMatch(/exec format error/i)
  })
})

describe('start and health', () => {
  it('H1 exits 1 at once: release failed, the old one serves, its last log lines recorded', async () => {
    const { reason } = await fails('app:exits')
    expect(reason).toContain('it exited with code 1')
    expect(lastLogs()).toMatch(/ \| \S/)
  })

  it('H2 exits 0 at once: a service that ends has failed', async () => {
    expect((await fails('app:exits-0')).reason).toContain('it exited with code 0')
  })

  it('H3 exits after its first healthy answer', async () => {
    expect((await fails('app:exits-after-healthy', { update: { monitor: '4s' } })).reason).toContain(
      'it exited with code 3',
    )
  })

  it('H4 healthy, then unhealthy inside the window', async () => {
    expect((await fails('app:turns-unhealthy', { update: { monitor: '6s' } })).reason).toContain('health check failed')
  })

  it('H6 starting for ever fails at the limit derived from its health check', async () => {
    const healthcheck = {
      test: ['CMD', 'false'],
      interval: '1s',
      timeout: '1s',
      retries: 1,
      start_period: '3s',
    }
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const entry = await host.deploy({ services: { web: web('app:starting', { healthcheck }) } })
    expect(entry.status?.sync).toBe('RolledBack')
    const reason = host.history().find((told) => told.kind === 'failed')?.message
    expect(reason).toMatch(/not healthy within 5 s|health check failed/)
    expect(identities(await host.running())).toEqual(identities(before))
  })

  it('H7 a slow start inside its start period passes', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const entry = await host.deployAsPlanned({ services: { web: web('app:slow') } })
    expect(entry.status?.sync).toBe('Synced')
    expect((await host.running()).map((seen) => seen.image)).toEqual(['app:slow'])
  })

  it('H8 without a health check it must run for the monitor window', async () => {
    await fails('app:unchecked-exits', { update: { monitor: '4s' } })
    const entry = await host.deployAsPlanned({ services: { web: web('app:unchecked', { update: { monitor: '2s' } }) } })
    expect(entry.status?.sync).toBe('Synced')
  })
})
