import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Entry, RouteEntry } from '../../src/model/traffic.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { ask } from '../support/client.ts'
import { type GatewayBench, startGateway } from '../support/gateway.ts'
import { type Replica, startReplica } from '../support/replica.ts'
import { temporaryFolder } from '../support/temporary.ts'

const HOST = 'shop.example.com'

let bench: GatewayBench
let authority: Authority
const folder = temporaryFolder()
/** By the letter that is its name. */
const replicas: Record<string, Replica> = {}
beforeAll(async () => {
  bench = await startGateway(inject('engineSocket'), 'routes')
  authority = await makeAuthority(folder.path)
  for (const name of ['a', 'b', 'c', 'd']) replicas[name] = await startReplica(name)
})
afterAll(async () => {
  for (const replica of Object.values(replicas)) await replica.stop()
  await bench?.clear()
  folder.remove()
})

function route(host: string, path: string, change: Partial<RouteEntry> = {}): Entry {
  return { name: `${host}${path}`, service: 'web', at: { kind: 'route', host, path, ...change }, speaks: 'http' }
}

/** Each entry leads to the replica of the same place in the alphabet. */
async function serve(entries: Entry[], certificates: Record<string, string> = {}): Promise<void> {
  await bench.expose(entries, certificates)
  for (const [index, { name }] of entries.entries()) {
    const letter = 'abcd'[index] ?? ''
    await bench.set(`shop-${letter}-1-0a1b2c3d-1`, { [name]: replicas[letter]?.place ?? { address: '', port: 0 } })
  }
}

/** PEM with the key, base64, as steps carry it. */
async function certificate(name: string, host: string): Promise<string> {
  const home = await authority.issue(name, { for: `DNS:${host}` })
  return btoa(['cert.pem', 'key.pem'].map((file) => readFileSync(`${home}/${file}`, 'utf8')).join(''))
}

const asked = async (host: string, path: string) => {
  const { status, replica } = await ask(bench.settings.httpPort, path, { headers: { Host: host } })
  return replica || status
}

async function handshake(servername: string): Promise<TLSSocket> {
  const ca = readFileSync(`${folder.path}/ca.pem`)
  const socket = connectTls({
    host: '127.0.0.1',
    port: bench.settings.httpsPort,
    servername,
    ca,
    ALPNProtocols: ['h2'],
  })
  await once(socket, 'secureConnect')
  return socket
}

async function overHttps(servername: string): Promise<{ status: number; proto: string; certificate: string }> {
  const socket = await handshake(servername)
  const { subject } = socket.getPeerCertificate()
  const client = connectHttp2(`https://${servername}`, { createConnection: () => socket })
  const stream = client.request({ ':path': '/headers', 'x-forwarded-proto': 'http' })
  let body = ''
  stream.on('data', (chunk) => {
    body += chunk
  })
  const [headers] = await once(stream, 'response')
  await once(stream, 'end')
  client.destroy()
  const proto = headers[':status'] === 200 ? JSON.parse(body)['x-forwarded-proto'] : ''
  return { status: headers[':status'], proto, certificate: String(subject.CN) }
}

test('requests are led by host and path, and the one that fits best wins', async () => {
  await serve([route(HOST, '/'), route(HOST, '/api'), route(HOST, '/api/v2'), route('*.example.com', '/')])
  expect(await asked(HOST, '/')).toBe('a')
  expect(await asked(`${HOST}:8080`, '/apidoc')).toBe('a')
  expect(await asked('SHOP.example.com', '/api')).toBe('b')
  expect(await asked(HOST, '/api?page=/api/v2')).toBe('b')
  expect(await asked(HOST, '/api/v1/things')).toBe('b')
  expect(await asked(HOST, '/api/v2/things')).toBe('c')
  expect(await asked('blog.example.com', '/api')).toBe('d')
  expect(await asked('a.blog.example.com', '/')).toBe(404)
  expect(await asked('example.com', '/')).toBe(404)
})

test('HTTPS has the certificate of its host, and whoever asks for another host is refused', async () => {
  const entries = [
    route(HOST, '/', { certificate: 'aaaa', redirect: true }),
    route('blog.example.com', '/', { certificate: 'bbbb' }),
  ]
  const certificates = { aaaa: await certificate('first', HOST), bbbb: await certificate('blog', 'blog.example.com') }
  await serve(entries, certificates)
  expect(await overHttps(HOST)).toEqual({ status: 200, proto: 'https', certificate: 'first' })
  expect(await overHttps('blog.example.com')).toEqual({ status: 200, proto: 'https', certificate: 'blog' })
  await expect(handshake('other.example.com')).rejects.toThrow()
  const redirected = await ask(bench.settings.httpPort, '/page?a=b', { headers: { Host: HOST } })
  expect(redirected.status).toBe(308)
  expect(redirected.headers.location).toBe(`https://${HOST}:${bench.settings.httpsPort}/page?a=b`)
  expect(await asked('blog.example.com', '/')).toBe('b')
  expect(await bench.exec('stat', '-c', '%a', '/var/lib/holdfast/certificates/aaaa.pem')).toContain('600')
})

test('a certificate that is renewed is used from then on, and the one before it goes', async () => {
  await serve([route(HOST, '/', { certificate: 'cccc' })], { cccc: await certificate('old', HOST) })
  expect((await overHttps(HOST)).certificate).toBe('old')
  await serve([route(HOST, '/', { certificate: 'dddd' })], { dddd: await certificate('renewed', HOST) })
  expect((await overHttps(HOST)).certificate).toBe('renewed')
  expect(await bench.exec('ls', '/var/lib/holdfast/certificates')).not.toContain('cccc')
})

test('a certificate that somebody removed is missed, and costs nothing but its own route', async () => {
  const content = await certificate('lost', HOST)
  const entries = [route(HOST, '/', { certificate: 'eeee' }), route('blog.example.com', '/')]
  await serve(entries, { eeee: content })
  await bench.exec('rm', '/var/lib/holdfast/certificates/eeee.pem')
  expect((await bench.look()).running).toBe(false)
  await bench.gateway.run(bench.context())
  expect((await bench.look()).entries.map(({ name }) => name)).toEqual(['blog.example.com/'])
  expect(await asked('blog.example.com', '/')).toBe('b')
  await bench.expose(entries, { eeee: content })
  expect((await overHttps(HOST)).status).toBe(200)
})
