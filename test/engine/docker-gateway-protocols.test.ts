import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { AppProtocol } from '../../src/model/traffic.ts'
import { ask, openLine, UPGRADE } from '../support/client.ts'
import { type GatewayBench, portEntry, startGateway } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { placeOf, type Replica, startReplica, startTcpReplica } from '../support/replica.ts'

const WEB = 'shop-web-1-0a1b2c3d-1'
const FORGED = {
  'X-Forwarded-For': '6.6.6.6',
  'X-Forwarded-Proto': 'https',
  'X-Real-IP': '6.6.6.6',
  Forwarded: 'for=6.6.6.6',
}

let bench: GatewayBench
let web: Replica
let port: number
beforeAll(async () => {
  bench = await startGateway(inject('engineSocket'), 'protocols')
  web = await startReplica('web')
})
afterAll(async () => {
  await web?.stop()
  await bench?.clear()
})
beforeEach(async () => {
  port = await freePort()
})

async function serve(place: Replica['place'], change: Parameters<typeof portEntry>[1] = {}): Promise<void> {
  const entry = portEntry(port, change)
  await bench.expose([entry])
  await bench.set(WEB, { [entry.name]: place })
}

/** What the replica was told of a request that is written by hand, in pieces with a pause between them. */
async function told(pieces: string[]): Promise<IncomingHttpHeaders> {
  const line = await openLine(port)
  for (const piece of pieces) {
    line.say(piece)
    await sleep(150)
  }
  const answer = await line.hear(/\r\n\r\n\{.*\}/s)
  line.socket.destroy()
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
}

const request = (...headers: string[]) => `${['GET /headers HTTP/1.1', 'Host: shop', ...headers].join('\r\n')}\r\n\r\n`

test.each<AppProtocol>(['auto', 'http'])(
  'a replica is told whom it serves, and nobody can forge that (%s)',
  async (speaks) => {
    await serve(web.place, { speaks })
    const { body } = await ask(port, '/headers', { headers: { ...FORGED, Host: 'shop.example.com:80' } })
    const headers = JSON.parse(body)
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example.com:80',
      'x-forwarded-port': `${port}`,
      'x-real-ip': '127.0.0.1',
    })
    expect(body).not.toContain('6.6.6.6')
  },
)

test.each([
  ['late', ['', request('X-Forwarded-For: 6.6.6.6')]],
  ['in pieces', ['GE', request('X-Forwarded-For: 6.6.6.6').slice(2)]],
  ['after an empty line', ['\r\n', request('X-Forwarded-For: 6.6.6.6')]],
])('what is recognised as HTTP once is not taken for anything else, when a request comes %s', async (_how, pieces) => {
  await serve(web.place)
  await ask(port)
  expect(await told(pieces)).toMatchObject({ 'x-forwarded-for': '127.0.0.1' })
})

test.each<AppProtocol>(['auto', 'http'])('a proxy that is believed is asked whom it serves (%s)', async (speaks) => {
  const trusting = await startGateway(inject('engineSocket'), 'believers', { trustedProxies: ['127.0.0.0/30'] })
  const entry = portEntry(port, { speaks })
  await trusting.expose([entry])
  await trusting.set(WEB, { [entry.name]: web.place })
  const headers = { 'X-Forwarded-For': '6.6.6.6', 'X-Forwarded-Proto': 'https', 'X-Real-IP': '6.6.6.6' }
  expect(JSON.parse((await ask(port, '/headers', { headers })).body)).toMatchObject({
    'x-forwarded-for': '6.6.6.6, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': `${port}`,
    'x-real-ip': '6.6.6.6',
  })
  await trusting.clear()
})

test('T7 a request with 32 kB of headers passes', async () => {
  await serve(web.place)
  const { body } = await ask(port, '/headers', { headers: { 'X-Long': 'x'.repeat(32_000) } })
  expect(JSON.parse(body)['x-long']).toHaveLength(32_000)
})

test('T7 websockets and CONNECT pass', async () => {
  await serve(web.place)
  for (const opening of [UPGRADE, 'CONNECT db.example.com:5432 HTTP/1.1\r\nHost: db.example.com:5432\r\n\r\n']) {
    const line = await openLine(port)
    line.say(opening)
    await line.hear(/^HTTP\/1.1 (101|200)/)
    line.say('words')
    await line.hear(/words/)
    line.socket.destroy()
  }
})

test.each<AppProtocol>(['auto', 'http2'])('T7 HTTP/2 with trailers passes, as gRPC needs it (%s)', async (speaks) => {
  const server = createHttp2Server()
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(`${headers[':path']} ${headers['te']}`)
  })
  await serve(await placeOf(server), { speaks })
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  for (const path of ['/one', '/two']) {
    const stream = client.request({ ':method': 'POST', ':path': path, te: 'trailers' })
    stream.end('request')
    let body = ''
    stream.on('data', (chunk) => {
      body += chunk
    })
    const [trailers] = await once(stream, 'trailers')
    expect([body, trailers['grpc-status']]).toEqual([`${path} trailers`, '0'])
  }
  client.close()
  server.close()
})

test('T8 a server that speaks first is heard within a moment', async () => {
  const mail = await startTcpReplica('220 ready\r\n')
  await serve(mail.place)
  const begun = performance.now()
  const line = await openLine(port)
  await line.hear(/220 ready/)
  expect(performance.now() - begun).toBeLessThan(500)
  line.say('HELO')
  await line.hear(/HELO/)
  line.socket.destroy()
  await mail.stop()
})

test('T8 what is neither HTTP nor silent passes as it is', async () => {
  const database = await startTcpReplica('')
  await serve(database.place)
  const line = await openLine(port)
  line.say('\x16\x03\x01 not HTTP')
  await line.hear(/not HTTP/)
  line.socket.destroy()
  await database.stop()
})

test('a replica is told by the PROXY protocol where it asks for that', async () => {
  const database = await startTcpReplica('')
  await serve(database.place, { speaks: 'tcp', proxyProtocol: true })
  const line = await openLine(port)
  line.say('words')
  // It echoes what it is told: the signature, version 2 with TCP over IPv4, and the addresses.
  const heard = await line.hear(/words/)
  expect(heard.startsWith('\r\n\r\n\0\r\nQUIT\n\x21\x11')).toBe(true)
  expect(heard.slice(16, 24)).toBe('\x7f\0\0\x01\x7f\0\0\x01')
  line.socket.destroy()
  await database.stop()
})

test('T12 a port of 127.0.0.1 is not reached at another address', async () => {
  await serve(web.place, { address: '127.0.0.1' })
  expect((await ask(port)).replica).toBe('web')
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === 'IPv4')
  if (!outside) throw new Error('This machine has no address but its own.')
  await expect(ask(port, '/', { address: outside.address })).rejects.toThrow('ECONNREFUSED')
})

test('a port of every address is one of IPv6 as well, where the host has it', async () => {
  await serve(web.place)
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some((one) => one?.address === '::1')
  const asked = ask(port, '/', { address: '::1' })
  if (hasIpv6) expect((await asked).replica).toBe('web')
  else await expect(asked).rejects.toThrow()
})
