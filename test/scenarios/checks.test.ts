import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const CHECK = { interval: '1s', timeout: '1s', retries: 2 }
const failures = () => host.history().filter((told) => told.kind === 'failed')
const healths = async () => (await host.running()).map((seen) => seen.health)

/** `app:1` runs; the same with this health check must fail and leave it untouched. Resolves to the reason told. */
async function failsWith(healthcheck: Record<string, unknown>): Promise<string> {
  await host.deploy({ services: { web: web('app:1') } })
  const before = await host.running()
  const entry = await host.deploy({ services: { web: web('app:2', { healthcheck, update: { monitor: '2s' } }) } })
  expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
  expect(identities(await host.running())).toEqual(identities(before))
  return [failures()[0]?.message, ...(failures()[0]?.logs ?? [])].join('\n')
}

describe('health checks', () => {
  it('H5 unhealthy just after the release is stable: healed beside the sick one, not rolled back', async () => {
    const entry = await host.deploy({ services: { web: web('app:sick-later') } })
    expect(entry.status?.sync).toBe('Synced')
    const [first] = await host.running()
    await host.eventually(async () => {
      const [now, ...others] = await host.running()
      return now !== undefined && now.id !== first?.id && others.length === 0 && now.restart === 'unless-stopped'
    }, 'a healthy one in its place')
    expect(failures()).toEqual([])
    expect(host.entry().record.stable).toBe(entry.record.stable)
    expect(host.history().filter((told) => told.kind === 'rollback-started')).toEqual([])
  })

  it('H10 ["NONE"] turns the check of the image off', async () => {
    const healthcheck = { test: ['NONE'] }
    const entry = await host.deploy({ services: { web: web('app:starting', { healthcheck }) } })
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(await healths()).toEqual(['none'])
  })

  it('H11 without a check in the file that of the image gates', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    expect(await healths()).toEqual(['healthy'])
    const before = await host.running()
    const entry = await host.deploy({ services: { web: web('app:turns-unhealthy', { update: { monitor: '5s' } }) } })
    expect(entry.status?.sync).toBe('RolledBack')
    expect(identities(await host.running())).toEqual(identities(before))
  })

  it('H12 a check whose program is not in the image fails the release, and the reason says so', async () => {
    const reason = await failsWith({ ...CHECK, test: ['CMD', '/no/such/check'] })
    expect(reason).toContain('/no/such/check')
    expect(reason).toMatch(/no such file or directory/)
  })

  it('H13 a check that hangs counts as a failure at its timeout', async () => {
    const reason = await failsWith({ ...CHECK, test: ['CMD', 'sleep', '3600'] })
    expect(reason).toMatch(/timeout/i)
  })

  it('H14 a check that prints megabytes: what is kept of it is bounded', async () => {
    const flood = 'yes "a line that says nothing" | head -c 5000000; exit 1'
    const reason = await failsWith({ ...CHECK, timeout: '20s', test: ['CMD-SHELL', flood] })
    expect(reason).toContain('a line that says nothing')
    expect(reason.length).toBeLessThan(20_000)
    expect(JSON.stringify(host.entry()).length).toBeLessThan(20_000)
    expect(statSync(join(host.data, 'holdfast.db')).size).toBeLessThan(2_000_000)
  })

  it('H15 dies and is back between two looks: its window begins again; failed when it goes on', async () => {
    await host.deploy({ services: { web: web('app:1') } })
    const before = await host.running()
    const restless = web('app:2', { update: { monitor: '4s' } })
    const commit = await host.commit({ services: { web: restless }, 'x-holdfast': { progressDeadline: '20s' } })
    const isNew = async () => (await host.running()).find((seen) => seen.image === 'app:2')
    await host.eventually(async () => (await isNew()) !== undefined, 'the new one')
    while (failures().length === 0) {
      const seen = await isNew()
      if (!seen) break
      expect(seen.restart).toBe('no')
      await host.docker
        .getContainer(seen.id)
        .restart({ t: 0 })
        .catch(() => {})
      await host.eventually(async () => (await isNew())?.health !== 'starting' || failures().length > 0, 'a health')
    }
    const entry = await host.settled(commit)
    expect(entry.status?.sync).toBe('RolledBack')
    expect(identities(await host.running())).toEqual(identities(before))
  })
})
