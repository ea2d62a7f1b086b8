import { afterEach, beforeEach, expect, it } from 'vitest'
import { freePort } from '../support/port.ts'
import { type Host, startHost } from './host.ts'
import { visit } from './visitors.ts'

/** As people have it. */
const file = (image: string, port: number) => `
services:
  web:
    image: ${image}
    ports: ["${port}:8080"]
    restart: unless-stopped
    healthcheck:
      test: wget -q -O /dev/null http://127.0.0.1:8080/health
      interval: 1s
      retries: 2
    deploy:
      update_config:
        monitor: 2s
`

let host: Host
beforeEach(async () => {
  host = await startHost({ traffic: true })
})
afterEach(() => host.close())

it('T1 an ordinary web service that publishes a port is updated with its file unchanged, and no request fails', async () => {
  const port = await freePort()
  const path = `stacks/${host.stack}/compose.yaml`
  await host.deploy({}, { [path]: file('app:1', port) })
  const visitors = visit(port)
  await host.eventually(async () => visitors.versions().length === 1, 'the first answers')
  const entry = await host.deploy({}, { [path]: file('app:2', port) })
  await host.eventually(async () => visitors.visits.at(-1)?.version === 'app:2', 'an answer of the new one')
  await visitors.end()
  expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  expect(visitors.failures()).toEqual([])
  expect(visitors.versions()).toEqual(['app:1', 'app:2'])
  expect((await host.running()).map(({ image }) => image)).toEqual(['app:2'])
})
