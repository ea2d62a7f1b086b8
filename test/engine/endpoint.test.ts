import { expect, test } from 'vitest'
import { endpointText, parseEndpoint } from '../../src/engine/endpoint.ts'

test.each([
  ['/run/docker.sock', { kind: 'unix', path: '/run/docker.sock' }],
  ['unix:///run/docker.sock', { kind: 'unix', path: '/run/docker.sock' }],
  ['tcp://127.0.0.1:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
  ['tcp://[::1]', { kind: 'tcp', host: '::1', port: 2375 }],
  [
    'tcp://build.example.org?tls=/certs',
    { kind: 'tls', host: 'build.example.org', port: 2376, certificates: '/certs' },
  ],
  ['ssh://ops@web.example.org', { kind: 'ssh', host: 'web.example.org', port: 22, user: 'ops' }],
  ['ssh://ops@web:2222/run/user/1000/docker.sock', { port: 2222, socket: '/run/user/1000/docker.sock' }],
  ['ssh://ops@web?key=/k&known-hosts=/h', { keys: ['/k'], knownHosts: ['/h'], socket: '/var/run/docker.sock' }],
])('%s is read', (text, expected) => {
  expect(parseEndpoint(text)).toMatchObject(expected)
})

test('certificates beside the address make it TLS, also on this machine', () => {
  expect(parseEndpoint('tcp://127.0.0.1:2376', { certificates: '/certs' })).toMatchObject({ kind: 'tls' })
})

test('what the address says itself wins', () => {
  expect(parseEndpoint('tcp://a?tls=/own', { certificates: '/others' })).toMatchObject({ certificates: '/own' })
})

test('plain TCP to another machine is refused, and TLS and SSH are named', () => {
  const refused = () => parseEndpoint('tcp://192.0.2.1:2375')
  expect(refused).toThrow(/plain TCP asks nobody who they are.*--engine-tls.*ssh:\/\/user@192\.0\.2\.1/)
})

test.each([
  ['tcp://192.0.2.1:2375/path', 'has a path'],
  ['tcp:///x', 'names no host'],
  ['https://a', 'is no address of an engine'],
  ['npipe:////./pipe/docker', 'is no address of an engine'],
  ['build.example.org', 'is no address of an engine'],
  ['tcp://a?ca=/x', 'has a part "ca". Use one of: tls'],
])('%s is refused: %s', (text, why) => {
  expect(() => parseEndpoint(text)).toThrow(why)
})

test('a password in the address is refused and not repeated', () => {
  expect(() => parseEndpoint('ssh://ops:hunter2@web')).toThrow(/holds a password/)
  expect(() => parseEndpoint('ssh://ops:hunter2@web')).not.toThrow(/hunter2/)
})

test.each(['unix:///run/docker.sock', 'tcp://[::1]:2375', 'ssh://ops@web', 'ssh://ops@web:2222/run/d.sock'])(
  '%s is written as it was read',
  (text) => {
    expect(endpointText(parseEndpoint(text))).toBe(text)
  },
)
