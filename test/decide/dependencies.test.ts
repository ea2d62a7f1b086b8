import { describe, expect, it } from 'vitest'
import { type OtherStack, waitWords } from '../../src/decide/dependencies.ts'
import { end } from '../../src/decide/simulation/advance.ts'
import type { StackStatus } from '../../src/model/status.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, run, running, settle } from './lab.ts'
import { rollOut, settleAsPlanned } from './preview.ts'

const version = (n: number, replicas = 1) => release([service({ image: `web:${n}`, replicas })])
const WAITS = 'waits for the stack db, which is not up to date: rolling out release 12345678'

function settled(made = version(1)): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

describe('a release whose dependency is not there', () => {
  it('prepares, and begins nothing before it is; then it is rolled out as planned', () => {
    const l = settled()
    l.waitsFor = WAITS
    const made = release(
      [service({ image: 'web:2', container: { networks: [{ network: 'shop_new', aliases: [] }] } })],
      {
        networks: { shop_new: { external: false, internal: false } },
      },
    )
    commit(l, made)
    l.world.images.delete('web:2')
    expect(settleAsPlanned(l)).toEqual([
      'pull-image web:2: not on this engine yet',
      'create-network shop_new: the stack uses it',
    ])
    expect(l.last?.status).toMatchObject({ sync: 'OutOfSync', health: 'Progressing' })
    expect(l.last?.status.message).toContain(WAITS)
    l.waitsFor = null
    settleAsPlanned(l)
    expect(running(l)).toEqual(['web.1 web:2'])
  })

  it('as the first ever starts nothing', () => {
    const l = lab()
    l.waitsFor = WAITS
    commit(l, version(1, 3))
    expect(lines(settle(l))).toEqual(['create-network shop_default: the stack uses it'])
    expect(l.last?.status.health).toBe('Progressing')
    l.waitsFor = null
    settle(l)
    expect(running(l)).toHaveLength(3)
  })

  it('waits for hours without failing: limits stand still', () => {
    const l = settled()
    l.waitsFor = WAITS
    commit(l, version(2))
    run(l, 7_200_000)
    expect(l.steps).toEqual([])
    expect(l.record.quarantine).toEqual({})
  })

  it('is failed at once by an image that does not exist', () => {
    const l = settled()
    l.waitsFor = WAITS
    commit(l, release([service({ image: 'web:2' })], { missing: ['web:2'] }))
    settle(l)
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(l.steps).toEqual([])
  })

  it('does not keep the stable release from being healed, and blames nobody when that does not succeed', () => {
    const l = settled(version(1, 2))
    l.waitsFor = WAITS
    commit(l, version(2, 2))
    run(l, 1_000)
    l.world.containers = l.world.containers.filter((c) => c.slot !== 2)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1'])
    l.world.behaviours.set('web:1', { exit: { afterMs: 0, code: 1 } })
    l.world.containers = l.world.containers.filter((c) => c.slot !== 2)
    run(l, 600_000)
    expect(running(l)).toEqual(['web.1 web:1'])
    expect(l.record.quarantine).toEqual({})
  })

  it('in the middle of a rollout is held where it is: slots in flux finish, no further one is begun', () => {
    const l = settled(version(1, 3))
    commit(l, version(2, 3))
    run(l, 500)
    l.waitsFor = WAITS
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.3 web:1'])
    for (const c of l.world.containers.filter((o) => o.slot === 1 && o.state === 'running')) end(l.world, c, 1, 'died')
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.3 web:1'])
    l.waitsFor = null
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2', 'web.3 web:2'])
  })

  it('does not keep a failed release from going back', () => {
    const l = settled(version(1, 2))
    commit(l, version(2, 2), { 'web:2': { unhealthyAfterMs: 5_000 } })
    run(l, 8_000)
    l.waitsFor = WAITS
    settle(l)
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1'])
  })

  it('is superseded by a newer commit like any other', () => {
    const l = settled(version(1, 2))
    commit(l, version(2, 2))
    run(l, 5_500)
    l.waitsFor = WAITS
    commit(l, version(3, 2))
    run(l, 60_000)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1'])
    l.waitsFor = null
    settle(l)
    expect(running(l)).toEqual(['web.1 web:3', 'web.2 web:3'])
    expect(l.record.quarantine).toEqual({})
  })
})

describe('a stack that another one depends on', () => {
  const fine: OtherStack = {
    latest: { digest: 'new', gone: false },
    record: { stable: 'new', quarantine: {} },
    status: status('Synced', 'Healthy'),
  }

  function status(sync: StackStatus['sync'], health: StackStatus['health']): StackStatus {
    return { sync, health, services: {}, message: 'so it is' }
  }

  it.each([
    ['is stable', fine],
    ['is back on its stable release', { ...fine, record: { stable: 'old', quarantine: { new: { reason: 'x' } } } }],
    ['is rolled back', { ...fine, status: status('RolledBack', 'Healthy') }],
    ['drifted but is healthy', { ...fine, status: status('Drifted', 'Healthy') }],
  ])('is there when it %s', (_what, other) => {
    expect(waitWords(['db'], () => other)).toBe(null)
  })

  it.each([
    ['does not exist; add it', null],
    ['is gone from the repository', { ...fine, latest: { digest: null, gone: true } }],
    ['was not looked at yet', { ...fine, status: null }],
    ['is suspended: so it is', { ...fine, status: status('Suspended', 'Healthy') }],
    ['is blocked: so it is', { ...fine, status: status('Blocked', 'Healthy') }],
    ['is not up to date: so it is', { ...fine, record: { stable: 'old', quarantine: {} } }],
    ['is not up to date: so it is', { ...fine, latest: { digest: null, gone: false } }],
    ['is not healthy: so it is', { ...fine, status: status('Synced', 'Progressing') }],
    ['is not healthy: so it is', { ...fine, status: status('RolledBack', 'Degraded') }],
    ['is not healthy: so it is', { ...fine, status: status('OutOfSync', 'Healthy') }],
  ])('is waited for when it %s', (what, other) => {
    expect(waitWords(['db'], () => other)).toContain(`waits for the stack db, which ${what}`)
  })

  it('is told first by name when several are missing', () => {
    expect(waitWords(['cache', 'db'], (name) => (name === 'cache' ? fine : null))).toContain('the stack db')
  })
})
