import { once } from 'node:events'
import { connect } from 'node:http2'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, openLine } from '../support/client.ts'
import { freePort } from '../support/port.ts'
import { until } from '../support/until.ts'
import { served } from './compose.ts'
import { type Host, startHost } from './host.ts'

const PAGE = 'No replica of this service is ready.'
const AT_ONCE_MS = 100

let host: Host
const ports = { http: 0, http2: 0, greeting: 0, local: 0, nobody: 0, sick: 0 }
beforeAll(async () => {
  host = await startHost({ traffic: true })
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
  const published = [
    `${ports.http}:8080`,
    `${ports.http2}:8081`,
    `${ports.greeting}:9001`,
    `127.0.0.1:${ports.local}:8080`,
  ]
  const { status } = await host.deploy({
    services: {
      web: served('v1', '1s', { ports: published }),
      nobody: served('none', '1s', { ports: [`${ports.nobody}:8080`], replicas: 0 }),
      sick: served('sick', '1s', {
        ports: [`${ports.sick}:8080`],
        environment: { BEHAVIOUR: 'turns-unhealthy', SICK_AFTER_MS: '25000' },
      }),
    },
  })
  expect(status?.sync).toBe('Synced')
})
afterAll(() => host?.close())

describe('T6 without a replica that is ready it is said so at once', () => {
  it('when there are none', async () => {
    await saysSoAtOnce(ports.nobody)
  })

  it('when all are unhealthy', async () => {
    const isSaid = async () => (await ask(ports.sick)).status === 503
    await until(isSaid, 'the replica to be taken out', 90_000)
    await saysSoAtOnce(ports.sick)
  })
})

/** The fastest of some, for what keeps this machine busy is not the gateway. */
async function saysSoAtOnce(port: number): Promise<void> {
  const times: number[] = []
  for (let count = 0; count < 5; count += 1) {
    const begun = performance.now()
    const { status, body } = await ask(port)
    times.push(performance.now() - begun)
    expect(status).toBe(503)
    expect(body).toContain(PAGE)
  }
  expect(Math.min(...times)).toBeLessThan(AT_ONCE_MS)
}

describe('T7 as without the gateway', () => {
  it('HTTP/2 without TLS, which gRPC is', async () => {
    const session = connect(`http://127.0.0.1:${ports.http2}`)
    const streams = ['/one', '/two', '/three'].map((path) => session.request({ ':path': path }))
    expect(await Promise.all(streams.map((stream) => text(stream)))).toEqual(['v1', 'v1', 'v1'])
    session.close()
  })

  it('CONNECT', async () => {
    const line = await openLine(ports.http)
    line.say('CONNECT db.example.com:5432 HTTP/1.1\r\nHost: db.example.com:5432\r\n\r\n')
    await line.hear(/^HTTP\/1.1 200/)
    line.say('words')
    await line.hear(/words/)
    line.socket.destroy()
  })

  it('32 kB of headers', async () => {
    const { body } = await ask(ports.http, '/headers', { headers: { 'X-Long': 'x'.repeat(32_000) } })
    expect(JSON.parse(body)['x-long']).toHaveLength(32_000)
  })

  it('a minute of silence, in an answer and in a connection that nothing is said on', async () => {
    const quiet = await openLine(ports.greeting)
    await quiet.hear(/v1/)
    const { status, body } = await ask(ports.http, '/slow?ms=60000')
    expect([status, JSON.parse(body).version]).toEqual([200, 'v1'])
    quiet.say('still here')
    await quiet.hear(/still here/)
    quiet.socket.destroy()
  })
})

it('T8 a server that speaks first is heard', async () => {
  const line = await openLine(ports.greeting)
  await line.hear(/^v1\n/)
  line.say('words')
  await line.hear(/words/)
  line.socket.destroy()
  await once(line.socket, 'close')
})

it('T12 a port of 127.0.0.1 is not reached at another address of the host', async () => {
  expect((await ask(ports.local)).status).toBe(200)
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  const others = all.filter(({ internal, family }) => !internal && family === 'IPv4')
  expect(others.length).toBeGreaterThan(0)
  for (const { address } of others) {
    expect((await ask(ports.http, '/', { address })).status).toBe(200)
    await expect(ask(ports.local, '/', { address })).rejects.toThrow('ECONNREFUSED')
  }
})
