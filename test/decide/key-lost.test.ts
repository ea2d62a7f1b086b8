import { describe, expect, test } from 'vitest'
import { rollbackTo } from '../../src/decide/requests.ts'
import { keyedHash } from '../../src/model/keys.ts'
import type { Release } from '../../src/model/release.ts'
import type { FileSet, Service } from '../../src/model/stack.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, pass, restart, run, running, settle } from './lab.ts'
import { rollOut, settleAsPlanned } from './preview.ts'

const KEYS = { old: { key: 'aa'.repeat(32), id: 'aaaaaaaa' }, new: { key: 'bb'.repeat(32), id: 'bbbbbbbb' } }
type Key = keyof typeof KEYS

/** `web` and a job mount the secret, `api` does not. */
function made(secret: string, key: Key, parts: { image?: string; api?: string } = {}): Release {
  const { image = 'web:1', api = 'api:1' } = parts
  const set: FileSet = { contents: { password: btoa(secret) }, secret: { user: '1', mode: 0o400 } }
  const volume = `shop_secret-${keyedHash(KEYS[key].key, set)}`
  const mounts = [
    {
      ...{ kind: 'files' as const, volume, path: 'password', target: '/run/secrets/password' },
      secret: { name: 'password', key: KEYS[key].id },
    },
  ]
  const services: Service[] = [
    service({ image, replicas: 2, container: { mounts }, dependsOn: { migrate: 'completed' } }),
    service({ name: 'api', image: api }),
    job({ container: { mounts } }),
  ]
  return release(services, { files: { [volume]: set } })
}

/** The process comes up with another key: nothing that was stored can be read, git is read anew. */
function loseKey(at: Lab, after: Release): void {
  restart(at)
  at.releases.clear()
  at.latest = null
  for (let n = 0; n < 3; n += 1) pass(at)
  commit(at, after)
}

const identities = (at: Lab) => at.world.containers.map((c) => [c.name, c.startedAt, c.restarts])
/** Of `web`, which ran and when they were started, the newest last. */
const begun = (at: Lab) =>
  at.world.containers
    .filter((c) => c.service === 'web' && c.startedAt !== '')
    .map((c) => `${[c.name, c.startedAt, c.restarts]}`)
const secrets = (at: Lab) => [...at.world.volumes.keys()].filter((name) => name.includes('_secret-'))

describe('a secret that changes', () => {
  test('R15 is rolled out to who mounts it, and to no other; its old volume goes with the last that needs it', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    const [first] = secrets(at)
    const before = identities(at)
    const steps = rollOut(at, made('two', 'old'))
    const api = before.filter(([name]) => String(name).includes('-api-'))
    expect(identities(at)).toEqual(expect.arrayContaining(api))
    expect(steps.filter((line) => line.startsWith('create '))).toEqual([
      'create migrate.1: mounts changed',
      'create web.1: mounts changed',
      'create web.2: mounts changed',
    ])
    expect(steps.some((line) => line.includes('api'))).toBe(false)
    // The stable release before is kept, with what it needs.
    expect(secrets(at)).toContain(first)
    rollOut(at, made('three', 'old'))
    expect(secrets(at)).toHaveLength(2)
    expect(secrets(at)).not.toContain(first)
  })

  test('goes back with a rollback, from what was kept', () => {
    const at = lab()
    const good = made('one', 'old')
    rollOut(at, good)
    const before = identities(at).filter(([name]) => String(name).includes('-web-'))
    commit(at, made('two', 'old', { image: 'web:bad' }), { 'web:bad': { exit: { afterMs: 100, code: 1 } } })
    settle(at)
    expect(at.last?.status.sync).toBe('RolledBack')
    expect(identities(at)).toEqual(expect.arrayContaining(before))
  })
})

describe('C5 the key file is lost', () => {
  test('nothing is restarted, no job runs again, and no volume is made or removed', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    const before = [identities(at), secrets(at)]
    loseKey(at, made('one', 'new'))
    const steps = settleAsPlanned(at)
    expect([identities(at), secrets(at)]).toEqual(before)
    expect(steps).toEqual(['mark-stable mark: the release is stable'])
    expect(at.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(at.record.stable).toBe(made('one', 'new').digest)
  })

  test('a secret that changes later is rolled out all the same, and a failure of it rolled back', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    loseKey(at, made('one', 'new'))
    settle(at)
    const before = identities(at)
    commit(at, made('two', 'new', { image: 'web:bad' }), { 'web:bad': { exit: { afterMs: 100, code: 1 } } })
    settle(at)
    expect(at.last?.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(identities(at)).toEqual(expect.arrayContaining(before.filter(([name]) => !String(name).includes('migrate'))))
    const steps = rollOut(at, made('two', 'new'))
    expect(steps.filter((line) => line.startsWith('create web'))).toHaveLength(2)
    expect(running(at)).toEqual(['api.1 api:1', 'web.1 web:1', 'web.2 web:1'])
    rollOut(at, made('three', 'new'))
    expect(Object.keys(at.record.renamed ?? {}).filter((name) => name.startsWith('v1:'))).toEqual([])
  })

  test('lost once more, nothing is restarted either', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    const before = identities(at)
    loseKey(at, made('one', 'new'))
    settle(at)
    loseKey(at, made('one', 'old'))
    settle(at)
    expect(identities(at)).toEqual(before)
    expect(at.record.stable).toBe(made('one', 'old').digest)
  })

  test('and the database with it: nothing is restarted, and the mark becomes that of the release as it is called now', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    const before = identities(at).filter(([name]) => !String(name).includes('migrate'))
    const { clock: _clock, ...empty } = lab().record
    at.record = { ...empty, clock: null }
    loseKey(at, made('one', 'new'))
    settle(at)
    expect(identities(at)).toEqual(expect.arrayContaining(before))
    expect(at.world.marks.get('shop')).toBe(made('one', 'new').digest)
  })

  test('a replica that dies gets a new one, with a volume that is made for it then', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    loseKey(at, made('one', 'new'))
    settle(at)
    const [old] = secrets(at)
    at.world.containers = at.world.containers.filter((c) => !(c.service === 'web' && c.slot === 1))
    settle(at)
    expect(running(at)).toEqual(['api.1 api:1', 'web.1 web:1', 'web.2 web:1'])
    expect(secrets(at)).toHaveLength(2)
    expect(secrets(at)).toContain(old)
  })

  test('what failed before is not tried again, and neither is what a person went back from', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    const bad = { image: 'web:bad' }
    commit(at, made('one', 'old', bad), { 'web:bad': { exit: { afterMs: 100, code: 1 } } })
    settle(at)
    const before = identities(at)
    loseKey(at, made('one', 'new', bad))
    settle(at)
    expect(Object.keys(at.record.quarantine)).toEqual([made('one', 'new', bad).digest])
    expect(identities(at)).toEqual(before)

    const other = lab()
    rollOut(other, made('one', 'old'))
    rollOut(other, made('two', 'old'))
    other.record = rollbackTo(other.record, made('one', 'old').digest, made('two', 'old').digest)
    settle(other)
    const gone = identities(other)
    loseKey(other, made('two', 'new'))
    settle(other)
    expect(identities(other)).toEqual(gone)
  })

  test('in the middle of a rollout, that goes on with what it began', () => {
    const at = lab()
    rollOut(at, made('one', 'old', { api: 'api:0' }))
    commit(at, made('two', 'old', { api: 'api:1' }))
    for (let n = 0; n < 200 && begun(at).length < 3; n += 1) run(at, 100)
    const names = begun(at)
    expect(names).toHaveLength(3)
    loseKey(at, made('two', 'new', { api: 'api:1' }))
    settle(at)
    expect(at.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(running(at)).toEqual(['api.1 api:1', 'web.1 web:1', 'web.2 web:1'])
    const [latest = ''] = names.slice(-1)
    expect(identities(at).map(String)).toContain(latest)
  })
})

describe('a volume of files', () => {
  test('that somebody removed is made again while a container mounts it, and stays while one does', () => {
    const at = lab()
    rollOut(at, made('one', 'old'))
    const [volume = ''] = secrets(at)
    at.world.volumes.delete(volume)
    expect(settleAsPlanned(at)).toEqual([`create-files ${volume}: migrate mounts this secret`])
    expect(secrets(at)).toEqual([volume])
  })
})
