import { expect, test } from 'vitest'
import { SourceError } from '../../src/source/errors.ts'
import { openGitSource } from '../../src/source/git.ts'
import type { Source } from '../../src/source/source.ts'
import type { Fault } from '../support/git-server.ts'
import { bench, text } from './bench.ts'

async function failure(source: Source): Promise<SourceError> {
  const error: unknown = await source.sync().catch((thrown: unknown) => thrown)
  if (!(error instanceof SourceError)) throw new Error(`expected a SourceError, got ${String(error)}`)
  return error
}

const answers: { fault: Fault; handling: 'terminal' | 'retry'; says: RegExp }[] = [
  { fault: { kind: 'status', status: 401 }, handling: 'terminal', says: /wants credentials \(401\).*token/ },
  { fault: { kind: 'status', status: 403 }, handling: 'terminal', says: /forbids it \(403\).*right to read/ },
  { fault: { kind: 'status', status: 404 }, handling: 'terminal', says: /no such repository \(404\).*source's url/ },
  { fault: { kind: 'status', status: 429 }, handling: 'retry', says: /answered 429.*tried again/ },
  { fault: { kind: 'status', status: 500 }, handling: 'retry', says: /answered 500.*tried again/ },
  { fault: { kind: 'status', status: 200 }, handling: 'terminal', says: /not a git repository.*source's url/ },
  {
    fault: { kind: 'redirect', to: 'http://127.0.0.1:9/new.git/info/refs' },
    handling: 'terminal',
    says: /9\/new\.git,/,
  },
  { fault: { kind: 'hang' }, handling: 'retry', says: /no complete answer within 0\.8 s/ },
  { fault: { kind: 'trickle' }, handling: 'retry', says: /no complete answer within 0\.8 s/ },
  { fault: { kind: 'cut' }, handling: 'retry', says: /the connection failed \(/ },
  { fault: { kind: 'truncate' }, handling: 'retry', says: /the pack arrived incomplete or damaged/ },
]

test.each(answers)('G6 $fault: says so, the last snapshot is readable, and it recovers', async (row) => {
  const { repo, server, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  const last = await source.sync()
  await repo.commit({ 'a.yaml': 'two\n'.repeat(500) }, 'two')
  server.fail(row.fault)
  // Only where the limit is what is tried: git itself may need longer on a busy machine.
  const isSlow = row.fault.kind === 'hang' || row.fault.kind === 'trickle'
  const error = await failure(isSlow ? open({ timeoutMs: 800 }) : source)
  expect(error.message).toMatch(row.says)
  expect(error.message).toContain(`Cannot read branch main of ${server.url('config.git')}: `)
  expect(error.handling).toBe(row.handling)
  expect(await text(last, 'a.yaml')).toBe('one')
  server.fail(null)
  expect((await source.sync()).subject).toBe('two')
})

test('G6 a server that is down is told apart, and followed again later', async () => {
  const { repo, server, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const source = open()
  const last = await source.sync()
  await server.close()
  const error = await failure(source)
  expect(error.message).toMatch(/the server refuses connections\. It is tried again; start the server/)
  expect(error.handling).toBe('retry')
  expect(await text(last, 'a.yaml')).toBe('one')
})

test('G6 a host name nobody knows is told apart', async () => {
  const { open } = await bench()
  const error = await failure(open({ url: 'http://no-such-host.invalid/config.git' }))
  expect(error.message).toMatch(/host name (is unknown|could not be looked up)/)
  expect(error.handling).toBe('retry')
})

test('G6 a server that does not speak TLS is told apart', async () => {
  const { server, open } = await bench()
  const error = await failure(open({ url: server.url('config.git').replace('http:', 'https:') }))
  expect(error.message).toMatch(/it does not speak TLS \(ERR_SSL_/)
  expect(error.handling).toBe('terminal')
})

test('a transfer above the limit is refused', async () => {
  const { repo, open } = await bench()
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const error = await failure(open({ transferBytes: 64 }))
  expect(error.message).toMatch(/larger than 64 bytes.*Remove large files/)
})

test('a repository that the server does not have is named', async () => {
  const { server, open } = await bench()
  expect((await failure(open({ url: server.url('other.git') }))).message).toMatch(
    /other\.git: no such repository \(404\)/,
  )
})

test('credentials in the URL are used, and shown nowhere', async () => {
  const { repo, server, open } = await bench({ login: { user: 'deploy', password: 's3cr@t/x' } })
  await repo.commit({ 'a.yaml': 'one' }, 'one')
  const url = (login: string) => server.url('config.git').replace('//', `//${login}@`)
  const source = open({ url: url('deploy:s3cr%40t%2Fx') })
  expect(await text(await source.sync(), 'a.yaml')).toBe('one')
  server.resetRequests()
  await source.sync()
  expect(server.requests()).toBe(1)
  const refused = await failure(open({ url: url('deploy:wr0ng') }))
  expect(refused.message).toMatch(/\(401\)/)
  server.fail({ kind: 'status', status: 500 })
  const broken = await failure(source)
  for (const error of [refused, broken]) {
    expect(`${error.stack}${JSON.stringify(error.cause)}${String(error.cause)}`).not.toMatch(/s3cr|wr0ng|deploy/)
  }
})

test.each([
  ['ssh://git:s3cret@host/x.git', /Cannot follow ssh:\/\/\*\*\*@host\/x\.git: it holds a password, .*sshKeyFile/],
  ['ftp://me:s3cret@host/x.git', /Cannot follow ftp:\/\/\*\*\*@host\/x\.git: only http, https, ssh and local paths/],
  ['https://user:s3cret@:bad:/x', /Cannot follow https:\/\/\*\*\*@:bad:\/x: it is not a URL/],
  ['me:s3cret@host:x.git', /Cannot follow \*\*\*@host:x\.git: it is neither a URL nor user@host:path/],
])('%s is refused when it is set up, without its credentials', (url, says) => {
  const open = () =>
    openGitSource({ url, at: { kind: 'branch', name: 'main' }, directory: '/nonexistent', timeoutMs: 1000 })
  expect(open).toThrow(SourceError)
  expect(open).toThrow(says)
  expect(open).not.toThrow(/s3cret/)
})

test('a path without a repository is named', async () => {
  const { copies, repo, open } = await bench()
  expect((await failure(open({ url: copies }))).message).toMatch(/copies does not exist\. Check the repository's path/)
  const within = (await failure(open({ url: `${repo.path}/objects` }))).message
  expect(within).toMatch(/objects is not a git repository/)
})
