import { describe, expect, test } from 'vitest'
import type { Flags } from '../../src/settings/flags.ts'
import { readSettings } from '../../src/settings/read.ts'

function endpointsOf(flags: Flags, env: NodeJS.ProcessEnv) {
  const targets = Object.entries(readSettings(flags, env).targets())
  return Object.fromEntries(targets.map(([name, { endpoint }]) => [name, endpoint]))
}

describe('where the engines are', () => {
  test('without any setting it is the local one', () => {
    expect(endpointsOf({}, {})).toEqual({ '': { kind: 'unix', path: '/var/run/docker.sock' } })
  })

  test('DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH mean what they mean to docker', () => {
    const env = { DOCKER_HOST: 'tcp://build:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }
    expect(endpointsOf({}, env)).toMatchObject({ '': { kind: 'tls', host: 'build', certificates: '/certs' } })
    expect(() => endpointsOf({}, { ...env, DOCKER_TLS_VERIFY: '' })).toThrow('plain TCP')
  })

  test('--engine and --engine-tls come before them', () => {
    const env = { DOCKER_HOST: 'tcp://build:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }
    const own = { engine: 'tcp://other', engineTls: '/own' }
    expect(endpointsOf(own, env)).toMatchObject({ '': { host: 'other', certificates: '/own' } })
  })

  test('where only targets are named, there is no default one', () => {
    const target = ['web=ssh://ops@web', 'db=tcp://db?tls=/certs']
    expect(endpointsOf({ target }, {})).toMatchObject({ web: { kind: 'ssh' }, db: { kind: 'tls' } })
    expect(Object.keys(endpointsOf({ target }, {}))).toEqual(['web', 'db'])
    expect(Object.keys(endpointsOf({ target, engine: '/s' }, {}))).toEqual(['', 'web', 'db'])
  })

  test.each([
    [['web'], 'is no target'],
    [['Web=/s'], 'is no target'],
    [['web=/s', 'web=/t'], 'named twice'],
    [['web=tcp://192.0.2.1'], 'plain TCP'],
  ])('%j is refused: %s', (target, why) => {
    expect(() => endpointsOf({ target }, {})).toThrow(why)
  })
})
