import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { SourceError } from '../../src/source/errors.ts'
import { proxyFor } from '../../src/source/proxy.ts'
import type { Source, SourceSettings } from '../../src/source/source.ts'
import { freePort } from '../support/port.ts'
import { startProxy } from '../support/proxy.ts'
import { bench, text } from './bench.ts'
import { certificate, makeCertificate } from './places.ts'

type Http = NonNullable<SourceSettings['http']>

async function failure(source: Source): Promise<SourceError> {
  const error: unknown = await source.sync().catch((thrown: unknown) => thrown)
  if (!(error instanceof SourceError)) throw new Error(`expected a SourceError, got ${String(error)}`)
  return error
}

const logins: { user: string; inUrl: string; http: Http }[] = [
  { user: 'x-access-token', inUrl: '', http: { token: 's3cret' } },
  { user: 'x-token-auth', inUrl: '', http: { token: 's3cret', username: 'x-token-auth' } },
  { user: 'oauth2', inUrl: 'oauth2@', http: { token: 's3cret' } },
  { user: 'deploy', inUrl: '', http: { username: 'deploy', password: 's3cret' } },
  { user: 'deploy', inUrl: 'deploy@', http: { password: 's3cret' } },
  { user: 'deploy', inUrl: 'somebody:else@', http: { username: 'deploy', password: 's3cret' } },
  { user: 'deploy', inUrl: 'deploy:s3cret@', http: {} },
]

test.each(logins)('$inUrl and $http logs in as $user', async ({ user, inUrl, http }) => {
  const { repo, server, open } = await bench({ login: { user, password: 's3cret' } })
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const url = server.url('config.git').replace('//', `//${inUrl}`)
  expect(await text(await open({ url, http }).sync(), 'a.yaml')).toBe('one')
})

test('G6 credentials that are missing are told from those that are wrong', async () => {
  const { open } = await bench({ login: { user: 'deploy', password: 's3cret' } })
  const missing = await failure(open())
  expect(missing.message).toMatch(/wants credentials \(401\)\. Set the source's token, or its username and password/)
  const wrong = await failure(open({ http: { token: 'wr0ng' } }))
  expect(wrong.message).toMatch(/does not accept the credentials \(401\)\. Renew the source's token or password/)
  expect([missing.handling, wrong.handling]).toEqual(['terminal', 'terminal'])
})

const refused: { settings: Partial<SourceSettings>; says: RegExp }[] = [
  { settings: { http: { token: 's3cret', password: 's3cret' } }, says: /either a token or a password/ },
  { settings: { http: { ca: 's3cret' } }, says: /caFile holds no certificate in PEM form/ },
  { settings: { http: { proxy: 'socks5://u:s3cret@proxy:1080' } }, says: /source's proxy is no address of a proxy/ },
  { settings: { http: { proxy: 'u:s3cret@proxy' } }, says: /source's proxy is no address of a proxy/ },
  { settings: { ssh: { passphrase: 's3cret' } }, says: /sshKeyFile, .* are for an SSH url/ },
  { settings: { ssh: { key: '/key' } }, says: /sshKeyFile, .* are for an SSH url/ },
  { settings: { url: '/srv/x', ssh: { knownHosts: '/k' } }, says: /knownHostsFile are for an SSH url/ },
  { settings: { url: '/srv/x', http: { token: 's3cret' } }, says: /token, .* are for an HTTP url/ },
  { settings: { url: 'ssh://git@host/x', http: { token: 's3cret' } }, says: /token, .* are for an HTTP url/ },
]

test.each(refused)('$settings is refused when it is set up', async ({ settings, says }) => {
  const { open } = await bench()
  expect(() => open(settings)).toThrow(says)
  expect(() => open(settings)).not.toThrow(/s3cret/)
})

test('what a server writes beside an error is not repeated: it may be what it was sent', async () => {
  const server = createServer((request, response) => response.writeHead(500).end(request.headers.authorization))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { open } = await bench()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/config.git`
  const error = await failure(open({ url, http: { token: 's3cret' } }))
  expect(error.message).toContain('answered 500')
  expect(inspect(error, { depth: 20 })).not.toContain(btoa('x-access-token:s3cret'))
})

test('a redirect to another host is not followed, so that it never sees the credentials', async () => {
  const { repo, server, open } = await bench()
  const other = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  server.fail({ kind: 'redirect', to: `${other.server.url('config.git')}/info/refs` })
  const error = await failure(open({ http: { token: 's3cret' } }))
  expect(error.message).toContain(`sends on to ${other.server.url('config.git')}, and redirects are not followed`)
  expect(other.server.requests()).toBe(0)
})

test('G6 a certificate of an authority that nobody knows: caFile is named, and with it the server is trusted', async () => {
  const { ca, ...tls } = await certificate()
  const { repo, open } = await bench({ tls })
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const unknown = await failure(open())
  expect(unknown.message).toMatch(/authority that is not known here \(\w+\)\. .* as the source's caFile/)
  expect(unknown.handling).toBe('terminal')
  const other = await failure(open({ http: { ca: (await makeCertificate()).ca } }))
  expect(other.message).toMatch(/was not signed by what the source's caFile holds/)
  expect(await text(await open({ http: { ca } }).sync(), 'a.yaml')).toBe('one')
})

test.each([
  [{ days: -1 }, /its certificate has expired\. Renew it on the server/],
  [{ for: 'DNS:elsewhere.example.org' }, /its certificate is for another name/],
])('G6 a certificate with %j is refused', async (options, says) => {
  const { ca, ...tls } = await makeCertificate(options)
  const { open } = await bench({ tls })
  expect((await failure(open({ http: { ca } }))).message).toMatch(says)
})

test('through a proxy: TLS in a tunnel, plain HTTP passed on; only the server sees the credentials', async () => {
  const { ca, ...tls } = await certificate()
  const proxy = await startProxy({ user: 'way', password: 'pr0xy' })
  onTestFinished(proxy.close)
  const http = { token: 's3cret', ca, proxy: proxy.url.replace('//', '//way:pr0xy@') }
  const login = { user: 'x-access-token', password: 's3cret' }

  const safe = await bench({ tls, login })
  await safe.repo.commit({ 'a.yaml': 'one' }, 'one')
  expect(await text(await safe.open({ http }).sync(), 'a.yaml')).toBe('one')
  const { host } = new URL(safe.server.url(''))
  expect(new Set(proxy.asked())).toEqual(new Set([`CONNECT ${host}`]))
  expect(proxy.seen()).not.toContain(btoa('x-access-token:s3cret'))

  const plain = await bench({ login })
  await plain.repo.commit({ 'a.yaml': 'two' }, 'two')
  expect(await text(await plain.open({ http }).sync(), 'a.yaml')).toBe('two')
  expect(proxy.asked().at(-1)).toBe(`POST ${plain.server.url('config.git')}/git-upload-pack`)
})

test('a proxy is spoken to by TLS where its url says so', async () => {
  const { ca, ...tls } = await certificate()
  const proxy = await startProxy({ user: 'way', password: 'pr0xy' }, tls)
  onTestFinished(proxy.close)
  for (const options of [{ tls }, {}]) {
    const { repo, open } = await bench(options)
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const http = { ca, proxy: proxy.url.replace('//', '//way:pr0xy@') }
    expect(await text(await open({ http }).sync(), 'a.yaml')).toBe('one')
  }
  expect(proxy.asked().length).toBeGreaterThan(1)
})

const proxyFaults = [
  { status: 407, handling: 'terminal', says: /the proxy http:\S+ wants credentials \(407\)\. .*the source's proxy/ },
  { status: 403, handling: 'terminal', says: /the proxy http:\S+ does not connect to the server \(403\)/ },
  { status: 502, handling: 'retry', says: /the proxy http:\S+ does not connect to the server \(502\).*tried again/ },
] as const

test.each(proxyFaults)(
  'G6 a proxy that answers $status is told from the server',
  async ({ status, handling, says }) => {
    const { ca, ...tls } = await certificate()
    const { repo, server, open } = await bench({ tls })
    const proxy = await startProxy()
    onTestFinished(proxy.close)
    proxy.fail(status)
    const source = open({ http: { ca, proxy: proxy.url.replace('//', '//u:pr0xy@') } })
    const error = await failure(source)
    expect(error.message).toMatch(says)
    expect(error.handling).toBe(handling)
    expect(inspect(error, { depth: 20 })).not.toMatch(new RegExp(`pr0xy|${btoa('u:pr0xy')}`))
    expect(server.requests()).toBe(0)
    proxy.fail(null)
    const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
    expect((await source.sync()).commit).toBe(commit)
  },
)

test('G6 a proxy that wants credentials for plain HTTP, one that is down, and one with an unknown name', async () => {
  const { open } = await bench()
  const proxy = await startProxy({ user: 'way', password: 'pr0xy' })
  onTestFinished(proxy.close)
  expect((await failure(open({ http: { proxy: proxy.url } }))).message).toMatch(/the proxy http:\S+ wants credentials/)
  const nothing = `http://127.0.0.1:${await freePort()}`
  expect((await failure(open({ http: { proxy: nothing } }))).message).toContain(
    `the proxy ${nothing} refuses connections`,
  )
  const unknown = 'http://no-such-host.invalid:3128'
  expect((await failure(open({ http: { proxy: unknown } }))).message).toContain(`of the proxy ${unknown} is unknown`)
})

test('HTTPS_PROXY is used, for a host that only the proxy knows', async () => {
  const { ca, ...tls } = await makeCertificate({ for: 'DNS:git.example.test' })
  const { repo, server, open } = await bench({ tls })
  const proxy = await startProxy()
  onTestFinished(proxy.close)
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const url = server.url('config.git').replace('127.0.0.1', 'git.example.test')
  const env = { HTTPS_PROXY: proxy.url }
  expect(await text(await open({ url, http: { ca }, env }).sync(), 'a.yaml')).toBe('one')
  expect(proxy.asked()[0]).toBe(`CONNECT ${new URL(url).host}`)
})

const P = 'http://proxy:3128'

test.each([
  ['https://git.example.org/x', {}, null],
  ['https://git.example.org/x', { HTTPS_PROXY: P }, P],
  ['https://git.example.org/x', { https_proxy: 'proxy:3128' }, P],
  ['https://git.example.org/x', { HTTP_PROXY: P }, null],
  ['http://git.example.org/x', { HTTP_PROXY: P }, P],
  ['https://localhost/x', { HTTPS_PROXY: P }, null],
  ['https://127.0.0.1:8443/x', { HTTPS_PROXY: P }, null],
  ['https://git.example.org/x', { HTTPS_PROXY: P, NO_PROXY: 'a.org, .example.org' }, null],
  ['https://git.example.org/x', { HTTPS_PROXY: P, NO_PROXY: 'git.example.org' }, null],
  ['https://git.example.org/x', { HTTPS_PROXY: P, NO_PROXY: 'example.org:8443' }, P],
  ['https://git.example.org:8443/x', { HTTPS_PROXY: P, no_proxy: 'example.org:8443' }, null],
  ['https://git.example.org/x', { HTTPS_PROXY: P, NO_PROXY: 'it.example.org' }, P],
  ['https://git.example.org/x', { HTTPS_PROXY: P, NO_PROXY: '*' }, null],
])('%s with %j goes through %s', (url, env, expected) => {
  expect(proxyFor(url, undefined, env)?.uri ?? null).toBe(expected)
  expect(proxyFor(url, 'http://own:1', env)?.uri).toBe('http://own:1')
})
