import { describe, expect, it } from 'vitest'
import { resume, takeDown } from '../../src/decide/requests.ts'
import { short } from '../../src/model/release.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, restart, run, running, settle } from './lab.ts'
import { preview, rollOut, settleAsPlanned } from './preview.ts'

const version = (n: number) => release([service({ image: `web:${n}`, replicas: 2 })])

function settled(made = version(1)): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

function down(l: Lab, asked: { by?: string; reason?: string } = { by: 'ann', reason: 'it is moved' }): void {
  l.record = takeDown(l.record, asked)
}

describe('a stack that was taken down', () => {
  it('R25 goes as planned, but for its volumes, and stays away whatever comes, until it is resumed', () => {
    const l = settled()
    l.world.volumes.set('shop_data', { name: 'shop_data', ours: true, files: false, stack: 'shop' })
    down(l)
    expect(settleAsPlanned(l)).toEqual([
      'drain web.1: taken down, by ann: it is moved',
      'drain web.2: taken down, by ann: it is moved',
      'stop web.1: taken down, by ann: it is moved',
      'stop web.2: taken down, by ann: it is moved',
      'remove web.1: taken down, by ann: it is moved',
      'remove web.2: taken down, by ann: it is moved',
      'remove-network shop_default: nothing that is kept uses it',
    ])
    expect(l.last?.status).toEqual({
      sync: 'Suspended',
      health: 'Missing',
      services: {},
      message:
        `is down, by ann: it is moved; its volumes stay; on resume release ${short(version(1).digest)} runs; ` +
        'bring it back with: holdfast resume shop',
    })
    l.steps = []
    commit(l, version(2))
    run(l, 600_000)
    restart(l)
    run(l, 600_000)
    expect(l.steps).toEqual([])
    expect(l.world.volumes.has('shop_data')).toBe(true)

    l.record = resume(l.record)
    settleAsPlanned(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
    expect(l.last?.status.sync).toBe('Synced')
  })

  it('its plan says so, and shows what resuming would do', () => {
    const l = settled()
    down(l, {})
    const before = preview(l)
    expect(before.steps).not.toEqual([])
    settle(l)
    const { steps, status, onResume } = preview(l)
    expect(steps).toEqual([])
    expect(status.message).toMatch(/^is down; its volumes stay; on resume release \w+ runs;/)
    l.record = resume(l.record)
    expect(lines(onResume?.steps ?? [])).toEqual(lines(settle(l)))
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1'])
    expect(l.told.slice(-2)).toEqual([
      `rolling out release ${short(version(1).digest)}`,
      `release ${short(version(1).digest)} is stable`,
    ])
  })

  it('goes in the order of its dependencies and comes back in it; a job that was done is not run again', () => {
    const made = release([
      job({ image: 'migrate:1' }),
      service({ name: 'db', image: 'db:1' }),
      service({ image: 'web:1', dependsOn: { db: 'healthy', migrate: 'completed' } }),
    ])
    const l = lab()
    l.world.behaviours.set('migrate:1', { exit: { afterMs: 1_000, code: 0 } })
    rollOut(l, made)
    l.steps = []
    down(l)
    const order = (verb: string) =>
      lines(l.steps).flatMap((line) => (line.startsWith(`${verb} `) ? [line.slice(verb.length + 1).split(':')[0]] : []))
    settleAsPlanned(l)
    expect(order('stop')).toEqual(['web.1', 'db.1'])
    expect(l.world.containers).toEqual([])
    l.steps = []
    l.record = resume(l.record)
    settleAsPlanned(l)
    expect(order('start')).toEqual(['db.1', 'web.1'])
  })

  it('files of its commit go too, and come back', () => {
    const web = service({
      container: { mounts: [{ kind: 'files', volume: 'shop_files', path: 'a', target: '/etc/a' }] },
    })
    const l = settled(release([web], { files: { shop_files: { contents: { a: 'YQ==' } } } }))
    expect(l.world.volumes.has('shop_files')).toBe(true)
    down(l)
    settle(l)
    expect(l.world.volumes.has('shop_files')).toBe(false)
    l.record = resume(l.record)
    settle(l)
    expect(l.world.volumes.has('shop_files')).toBe(true)
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('in the middle of a rollout blames nobody; resumed, the rollout begins again', () => {
    const l = settled()
    commit(l, version(2))
    run(l, 5_500)
    down(l)
    settleAsPlanned(l)
    expect(l.world.containers).toEqual([])
    expect(l.record).toMatchObject({ rollout: null, quarantine: {}, failedContainers: [] })
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
  })

  it('a job may end within its limit, and who it needs stays until then', () => {
    const made = release([
      service({ name: 'db', image: 'db:1' }),
      job({ image: 'migrate:1', dependsOn: { db: 'healthy' } }),
      service({ image: 'web:1', dependsOn: { migrate: 'completed' } }),
    ])
    const l = lab()
    commit(l, made, { 'migrate:1': { exit: { afterMs: 60_000, code: 0 } } })
    run(l, 20_000)
    expect(running(l)).toEqual(['db.1 db:1', 'migrate.1 migrate:1'])
    down(l)
    run(l, 20_000)
    expect(l.last?.status.message).toMatch(/^is being taken down.*; waits for the job migrate.1 to end;/)
    expect(running(l)).toEqual(['db.1 db:1', 'migrate.1 migrate:1'])
    settle(l)
    expect(l.world.containers).toEqual([])
    l.record = resume(l.record)
    settle(l)
    expect(lines(l.steps).filter((line) => line.startsWith('start migrate'))).toHaveLength(1)
    expect(running(l)).toEqual(['db.1 db:1', 'web.1 web:1'])
  })

  it('a job that does not end within its limit is stopped', () => {
    const l = lab()
    commit(l, release([job({ image: 'migrate:1' })]), { 'migrate:1': { exit: { afterMs: 7_200_000, code: 0 } } })
    run(l, 1_000)
    down(l)
    run(l, 3_600_000)
    expect(l.world.containers).toEqual([])
  })

  it('comes back in the middle of going', () => {
    const l = settled()
    down(l)
    for (let n = 0; n < 3; n += 1) pass(l)
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1'])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('what somebody starts by hand goes again', () => {
    const l = settled()
    const kept = l.world.containers.map((c) => ({ ...c }))
    down(l)
    settle(l)
    l.world.containers.push(...kept)
    settle(l)
    expect(l.world.containers).toEqual([])
  })

  it('a release that failed before stays quarantined, and what was stable comes back', () => {
    const l = settled()
    commit(l, version(2), { 'web:2': { exit: { afterMs: 0, code: 1 } } })
    settle(l)
    down(l)
    settle(l)
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1'])
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(l.told.filter((line) => line.includes('failed:'))).toHaveLength(1)
  })

  it('whose replica cannot come back says so, and is tried ever more seldom', () => {
    const l = settled()
    down(l)
    settle(l)
    l.world.behaviours.set('web:1', { exit: { afterMs: 100, code: 1 } })
    l.record = resume(l.record)
    run(l, 3_600_000)
    expect(l.last?.status.health).toBe('Degraded')
    expect(l.record.quarantine).toEqual({})
    const tries = lines(l.steps).filter((line) => line.startsWith('create web.2')).length
    expect(tries).toBeLessThan(25)
  })

  it('that was never stable is rolled out on resume', () => {
    const l = lab()
    commit(l, version(1), { 'web:1': { healthyAfterMs: null } })
    run(l, 2_000)
    down(l)
    settle(l)
    expect(l.world.containers).toEqual([])
    commit(l, version(2))
    l.record = resume(l.record)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
  })

  it('whose folder goes is removed whole, without waiting for anybody', () => {
    const l = settled()
    down(l)
    settle(l)
    expect(l.world.marks.get('shop')).toBe(version(1).digest)
    l.latest = null
    l.gone = true
    settle(l)
    expect(l.last?.status.message).toContain('gone from the repository')
    expect(l.world.marks.get('shop')).toBe(undefined)
  })

  it('a step of it that the engine refuses is told, and tried again with pauses', () => {
    const l = settled()
    down(l)
    const decision = pass(l)
    const [step] = decision.steps
    if (!step) throw new Error('nothing was planned')
    l.world.happened.push({ kind: 'step-failed', stack: 'shop', step, fault: 'platform', reason: 'the disk is full' })
    expect(pass(l)).toMatchObject({ steps: [], status: { sync: 'Blocked', health: 'Progressing' } })
    expect(l.last?.status.message).toMatch(/^web.1: the disk is full; trying again by itself; is being taken down/)
    settle(l)
    expect(l.last?.status.health).toBe('Missing')
  })
})
