import { afterEach, beforeEach, expect, it } from 'vitest'
import { web } from './compose.ts'
import { identities } from './engine.ts'
import { type Host, startHost } from './host.ts'

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const probed = (image: string) => ({
  services: {
    web: web(image, {
      'x-holdfast': {
        probe: { http: { port: 8080, path: '/health' }, interval: '500ms', timeout: '2s', retries: 2 },
      },
      update: { monitor: '2s' },
    }),
  },
})
const failures = () => host.history().filter((told) => told.kind === 'failed')

it('H9 a probe gates an image without a shell, as planned, and a release that answers wrongly goes back', async () => {
  const entry = await host.deployAsPlanned(probed('app:shell-less'))
  expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  const before = await host.running()
  const bad = await host.deploy(probed('app:shell-less-bad'))
  expect(bad.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
  expect(failures()[0]?.message).toMatch(/\/health answered with status 404/)
  expect(identities(await host.running())).toEqual(identities(before))
})

it('H9 O4 a probe heals: a process that is stopped with kill -STOP answers no more and is replaced', async () => {
  await host.deploy(probed('app:shell-less'))
  const [victim] = await host.running()
  await host.docker.getContainer(victim?.id ?? '').kill({ signal: 'SIGSTOP' })
  await host.eventually(async () => {
    const [now, ...others] = await host.running()
    return now !== undefined && now.id !== victim?.id && others.length === 0 && now.restart === 'unless-stopped'
  }, 'another one in its place')
  await host.eventually(async () => host.entry().status?.health === 'Healthy', 'health')
  expect(failures()).toEqual([])
})
