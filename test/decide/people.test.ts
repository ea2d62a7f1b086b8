import { describe, expect, it } from 'vitest'
import { cancel, pause, resume, rollingOut, suspend } from '../../src/decide/requests.ts'
import { advance, end } from '../../src/decide/simulation/advance.ts'
import { short } from '../../src/model/release.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, restart, run, running, settle } from './lab.ts'
import { preview, rollOut, settleAsPlanned } from './preview.ts'

const version = (n: number, replicas = 3) => release([service({ image: `web:${n}`, replicas })])
const digests = (l: Lab) => Object.keys(l.record.quarantine)

function settled(made = version(1)): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

const webSlots = (l: Lab) => (l.record.rollout?.reached ?? []).filter((slot) => slot.startsWith('web')).length

/** Paused when `slots` replicas of version 2 took their places. */
function pausedAfter(slots: number, made = version(2), before = version(1)): Lab {
  const l = settled(before)
  commit(l, made)
  for (let n = 0; n < 200 && webSlots(l) < slots; n += 1) {
    if (pass(l).steps.length === 0) advance(l.world, 500)
  }
  l.record = pause(l.record)
  settle(l)
  l.steps = []
  return l
}

function kill(l: Lab, slot: number, how: 'stop' | 'remove'): void {
  const victim = l.world.containers.find((c) => c.slot === slot && c.state === 'running')
  if (!victim) throw new Error(`nothing runs in slot ${slot}`)
  if (how === 'stop') end(l.world, victim, 137, 'was stopped by hand')
  else l.world.containers = l.world.containers.filter((c) => c !== victim)
}

describe('a suspended stack', () => {
  it('R24 is left alone by commits, restarts and time; on resume the newest runs', () => {
    const l = settled()
    l.record = suspend(l.record)
    commit(l, version(2))
    run(l, 60_000)
    restart(l)
    commit(l, version(3))
    run(l, 3_600_000)
    expect(l.steps).toEqual([])
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1', 'web.3 web:1'])
    expect(l.last?.status).toMatchObject({ sync: 'Suspended', health: 'Healthy' })
    expect(l.last?.status.message).toBe(
      `suspended, nothing is done to it; on resume release ${short(version(3).digest)} is rolled out; ` +
        'go on with: holdfast resume shop',
    )
    l.record = resume(l.record)
    settleAsPlanned(l)
    expect(running(l)).toEqual(['web.1 web:3', 'web.2 web:3', 'web.3 web:3'])
    expect(l.told.filter((line) => line.includes('failed'))).toEqual([])
  })

  it('its plan does nothing, and shows what resuming would do', () => {
    const l = settled()
    l.record = suspend(l.record)
    commit(l, version(2))
    const { steps, status, onResume } = preview(l)
    expect(steps).toEqual([])
    expect(status.sync).toBe('Suspended')
    expect(onResume?.status.sync).toBe('Synced')
    l.record = resume(l.record)
    expect(lines(onResume?.steps ?? [])).toEqual(lines(settle(l)))
  })

  it('O4 is not healed, its health tells the truth, and resume heals it', () => {
    const l = settled()
    l.record = suspend(l.record)
    kill(l, 2, 'stop')
    run(l, 600_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status).toMatchObject({ sync: 'Suspended', health: 'Degraded' })
    expect(l.last?.status.services).toEqual({ web: { ready: 2, wanted: 3 } })
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1', 'web.3 web:1'])
  })

  it('is not removed when its folder is gone, until it is resumed', () => {
    const l = settled()
    l.record = suspend(l.record)
    l.latest = null
    l.gone = true
    run(l, 60_000)
    expect(running(l)).toHaveLength(3)
    expect(l.last?.status.message).toContain('on resume it is removed')
    l.record = resume(l.record)
    settle(l)
    expect(l.world.containers).toEqual([])
  })

  it('in the middle of a rollout blames nobody for what happens meanwhile, and goes on after it', () => {
    const l = settled()
    commit(l, version(2))
    run(l, 5_500)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.2 web:2', 'web.3 web:1'])
    l.record = suspend(l.record)
    pass(l)
    expect(l.last?.status.message).toContain('goes on on resume')
    kill(l, 1, 'stop')
    for (const c of l.world.containers.filter((o) => o.slot === 2 && o.image === 'web:2'))
      end(l.world, c, 137, 'by hand')
    l.steps = []
    run(l, 3_600_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.services).toEqual({ web: { ready: 2, wanted: 3 } })
    l.record = resume(l.record)
    settle(l)
    expect(digests(l)).toEqual([])
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2', 'web.3 web:2'])
  })

  it('a job that failed meanwhile has failed, and is not run twice', () => {
    const l = settled(release([service({ image: 'web:1' })]))
    const made = release([
      job({ image: 'migrate:1' }),
      service({ image: 'web:2', dependsOn: { migrate: 'completed' } }),
    ])
    commit(l, made, { 'migrate:1': { exit: { afterMs: 5_000, code: 1 } } })
    run(l, 1_000)
    l.record = suspend(l.record)
    run(l, 60_000)
    l.record = resume(l.record)
    settle(l)
    expect(lines(l.steps).filter((line) => line.startsWith('start migrate'))).toHaveLength(1)
    expect(digests(l)).toEqual([made.digest])
    expect(running(l)).toEqual(['web.1 web:1'])
  })
})

describe('a paused rollout', () => {
  it('begins no further slot, and says how far it came and the two ways on', () => {
    const l = pausedAfter(1)
    run(l, 3_600_000)
    expect(l.steps).toEqual([])
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.3 web:1'])
    expect(l.last?.status).toMatchObject({ sync: 'OutOfSync', health: 'Healthy' })
    expect(l.last?.status.message).toBe(
      'paused after 1 of 3 slots; go on with: holdfast resume shop, or go back with: holdfast cancel shop',
    )
    expect(preview(l).steps).toEqual([])
    l.record = resume(l.record)
    settleAsPlanned(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2', 'web.3 web:2'])
  })

  it('lets a slot in flux finish', () => {
    const l = settled()
    commit(l, version(2))
    run(l, 500)
    expect(lines(l.steps)).toHaveLength(2)
    l.record = pause(l.record)
    expect(lines(settle(l)).map((line) => line.split(':')[0])).toEqual(['promote web.1', 'drain web.1', 'stop web.1'])
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.3 web:1'])
  })

  it('fails by a slot in flux, and goes back although it is paused', () => {
    const l = settled()
    commit(l, version(2), { 'web:2': { unhealthyAfterMs: 1_000 } })
    run(l, 500)
    l.record = pause(l.record)
    settle(l)
    expect(l.record.paused).toBe(false)
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1', 'web.3 web:1'])
  })

  it.each(['stop', 'remove'] as const)('R19 a replica dies (%s): it is replaced with its own version', (how) => {
    const l = pausedAfter(1)
    for (const slot of [1, 2]) {
      kill(l, slot, how)
      settle(l)
      run(l, 60_000)
      expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.3 web:1'])
    }
    expect(digests(l)).toEqual([])
    expect(l.last?.status.message).toContain('paused after 1 of 3 slots')
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2', 'web.3 web:2'])
    expect(digests(l)).toEqual([])
  })

  it('R19 of a stop-first service as well, and a replica that dies again and again is tried ever more seldom', () => {
    const stopFirst = (image: string) => release([service({ image, replicas: 2, update: { order: 'stop-first' } })])
    const l = pausedAfter(1, stopFirst('web:2'), stopFirst('web:1'))
    l.world.behaviours.set('web:1', { exit: { afterMs: 100, code: 1 } })
    l.steps = []
    kill(l, 2, 'remove')
    run(l, 3_600_000)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(l.last?.status.health).toBe('Degraded')
    expect(digests(l)).toEqual([])
    const tries = lines(l.steps).filter((line) => line.startsWith('create web.2')).length
    expect(tries).toBeGreaterThan(10)
    expect(tries).toBeLessThan(20)
  })

  it('R19 cancel goes back to the stable release, and the one that was rolled out is not tried again', () => {
    const l = pausedAfter(2)
    const digest = rollingOut(l.record) ?? ''
    l.record = cancel(l.record, 'a person cancelled its rollout')
    settleAsPlanned(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1', 'web.3 web:1'])
    expect(digests(l)).toEqual([digest])
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(l.last?.status.message).toMatch(
      /^release \w+ is held back: a person cancelled its rollout; rolled back to \w+; commit a fix, or try it again/,
    )
    expect(rollingOut(l.record)).toBe(null)
  })

  it('cancel goes back also where the manifest turns rollback off: a person asked for it', () => {
    const l = pausedAfter(1, release([service({ image: 'web:2', replicas: 3 })], { rollback: 'off' }))
    l.record = cancel(l.record, 'a person cancelled its rollout')
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1', 'web.3 web:1'])
  })

  it('R9 a newer commit takes its place on resume, and not before', () => {
    const l = pausedAfter(1)
    commit(l, version(3))
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.message).toContain(
      `git asks for release ${short(version(3).digest)} meanwhile, which takes its place on resume`,
    )
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:3', 'web.2 web:3', 'web.3 web:3'])
  })

  it('is not completed while it is paused, however long everything is ready', () => {
    const l = pausedAfter(3)
    run(l, 3_600_000)
    expect(l.record.stable).toBe(version(1).digest)
    expect(l.last?.status.message).toContain('paused after 3 of 3 slots')
    l.record = resume(l.record)
    settle(l)
    expect(l.record.stable).toBe(version(2).digest)
  })

  it('counts only the slots that the release changes, and goes on after a restart of Holdfast', () => {
    const both = (n: number) =>
      release([service({ image: `web:${n}`, replicas: 2 }), service({ name: 'api', image: 'api:1' })])
    const l = pausedAfter(1, both(2), both(1))
    restart(l)
    settle(l)
    expect(l.last?.status.message).toContain('paused after 1 of 2 slots')
    kill(l, 1, 'remove')
    restart(l)
    settle(l)
    expect(running(l)).toEqual(['api.1 api:1', 'web.1 web:2', 'web.2 web:1'])
  })
})
