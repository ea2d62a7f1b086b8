import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { endpointsOf } from '../../src/cli/engines.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'

const settings = { branch: 'main', data: '/d', instance: 'i', poll: '', pullTimeout: '10m', pool: '10.201.0.0/16' }

describe('where the engines are', () => {
  test('without any setting it is the local one', () => {
    expect(endpointsOf(settings, {})).toEqual({ '': { kind: 'unix', path: '/var/run/docker.sock' } })
  })

  test('DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH mean what they mean to docker', () => {
    const env = { DOCKER_HOST: 'tcp://build:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }
    expect(endpointsOf(settings, env)).toMatchObject({ '': { kind: 'tls', host: 'build', certificates: '/certs' } })
    expect(() => endpointsOf(settings, { ...env, DOCKER_TLS_VERIFY: '' })).toThrow('plain TCP')
  })

  test('--engine and --engine-tls come before them', () => {
    const env = { DOCKER_HOST: 'tcp://build:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }
    const own = { ...settings, engine: 'tcp://other', engineTls: '/own' }
    expect(endpointsOf(own, env)).toMatchObject({ '': { host: 'other', certificates: '/own' } })
  })

  test('where only targets are named, there is no default one', () => {
    const target = ['web=ssh://ops@web', 'db=tcp://db?tls=/certs']
    expect(endpointsOf({ ...settings, target }, {})).toMatchObject({ web: { kind: 'ssh' }, db: { kind: 'tls' } })
    expect(Object.keys(endpointsOf({ ...settings, target }, {}))).toEqual(['web', 'db'])
    expect(Object.keys(endpointsOf({ ...settings, target, engine: '/s' }, {}))).toEqual(['', 'web', 'db'])
  })

  test.each([
    [['web'], 'is no target'],
    [['Web=/s'], 'is no target'],
    [['web=/s', 'web=/t'], 'named twice'],
    [['web=tcp://192.0.2.1'], 'plain TCP'],
  ])('%j is refused: %s', (target, why) => {
    expect(() => endpointsOf({ ...settings, target }, {})).toThrow(why)
  })
})

test('a target that cannot be used is refused before anything is done', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const data = join(folder.path, 'data')
  const ended = await holdfast(['plan', '--repo', '/nowhere', '--data', data], {
    HOLDFAST_TARGETS: 'web=ssh://ops@web,db=tcp://192.0.2.1:2375',
  })
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('The engine tcp://192.0.2.1:2375 would give') })
  expect(existsSync(data)).toBe(false)
})
