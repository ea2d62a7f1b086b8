import { describe, expect, it } from 'vitest'
import { retry } from '../../src/decide/requests.ts'
import { emptyRecord } from '../../src/model/record.ts'
import type { Release } from '../../src/model/release.ts'
import type { Service } from '../../src/model/stack.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, run, running, settle } from './lab.ts'
import { rollOut } from './preview.ts'

const web = (version: number, parts: Parameters<typeof service>[0] = {}): Service =>
  service({ image: `web:${version}`, ...parts })
const preDeploy = (name: string, parts: Parameters<typeof job>[0] = {}): Service =>
  job({ name, image: `${name}:1`, hook: 'pre-deploy', always: true, ...parts })
const postDeploy = (name: string, parts: Parameters<typeof job>[0] = {}): Service =>
  job({ name, image: `${name}:1`, hook: 'post-deploy', always: true, ...parts })

const MARK = 'mark-stable mark: the release is stable'
const UPDATED = [
  'create web.1: image web:1 → web:2',
  'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
  'promote web.1: healthy for 3 s without a break',
  'drain web.1: shop-web-1-#-1 is ready in its place',
  'stop web.1: shop-web-1-#-1 is ready in its place',
]
const ran = (name: string, because = 'it runs with every release') => [
  `create ${name}.1: ${because}`,
  `start ${name}.1: nothing else runs in its slot`,
]

function settled(made: Release): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

/** Passes until the condition holds. */
function until(l: Lab, condition: () => boolean): void {
  for (let n = 0; n < 2_000 && !condition(); n += 1) run(l, 100)
  expect(condition()).toBe(true)
}

const starts = (l: Lab, name: string) => l.steps.filter((s) => s.kind === 'start' && s.resource === `${name}.1`).length
const isUp = (l: Lab, name: string) => l.world.containers.some((c) => c.service === name && c.state === 'running')
const reason = (l: Lab, made: Release) => l.record.quarantine[made.digest]?.reason.replace(/-[0-9a-f]{8}-/, '-#-')

describe('hooks', () => {
  it('run before and after all services, among themselves by depends_on', () => {
    const hooks = [
      preDeploy('backup'),
      preDeploy('migrate', { dependsOn: { backup: 'completed' } }),
      postDeploy('warm', { dependsOn: { smoke: 'completed' } }),
      postDeploy('smoke'),
    ]
    const l = lab()
    rollOut(l, release([web(1), ...hooks]))
    expect(rollOut(l, release([web(2), ...hooks])).filter((line) => !line.startsWith('remove '))).toEqual([
      ...ran('backup'),
      ...ran('migrate'),
      ...UPDATED,
      ...ran('smoke'),
      ...ran('warm'),
      MARK,
    ])
  })

  it('hold back a job and a service that depend on nothing', () => {
    const l = lab()
    const steps = rollOut(l, release([web(1), job({ name: 'seed', image: 'seed:1' }), preDeploy('migrate')]))
    expect(steps.indexOf('start migrate.1: nothing else runs in its slot')).toBeLessThan(
      Math.min(...['create seed.1', 'create web.1'].map((line) => steps.findIndex((step) => step.startsWith(line)))),
    )
  })

  it('a pre-deploy hook that fails: nothing else was begun, and all stays as it was', () => {
    const l = settled(release([web(1)]))
    const bad = release([web(2), preDeploy('migrate')])
    commit(l, bad, { 'migrate:1': { exit: { afterMs: 100, code: 3 } } })
    expect(lines(settle(l))).toEqual(ran('migrate', 'new service'))
    expect(reason(l, bad)).toBe('shop-migrate-1-#-1: it exited with code 3')
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('a post-deploy hook that fails takes back the release, whose services were all ready', () => {
    const l = settled(release([web(1)]))
    const bad = release([web(2), postDeploy('smoke')])
    commit(l, bad, { 'smoke:1': { exit: { afterMs: 100, code: 1 } } })
    expect(lines(settle(l))).toEqual([
      ...UPDATED,
      ...ran('smoke', 'new service'),
      'start web.1: it was kept for this',
      'promote web.1: healthy for 3 s without a break',
      'drain web.1: shop-web-1-#-1 is ready in its place',
      'stop web.1: shop-web-1-#-1 is ready in its place',
    ])
    expect(reason(l, bad)).toBe('shop-smoke-1-#-1: it exited with code 1')
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('a hook that outlives its limit fails the release, and is stopped', () => {
    const l = settled(release([web(1)]))
    const bad = release([web(2), preDeploy('migrate')], { progressDeadlineMs: 60_000 })
    commit(l, bad, { 'migrate:1': { exit: { afterMs: 3_600_000, code: 0 } } })
    until(l, () => l.record.quarantine[bad.digest] !== undefined)
    settle(l)
    expect(reason(l, bad)).toBe('shop-migrate-1-#-1: the job did not end within 60 s')
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('a release is stable only a whole window after its post-deploy hook', () => {
    const l = lab()
    const made = release([web(1), postDeploy('smoke')])
    commit(l, made, { 'smoke:1': { exit: { afterMs: 5_000, code: 0 } } })
    until(l, () => l.record.jobsDoneFor?.['smoke'] === made.digest)
    run(l, 2_800)
    expect(l.record.stable).toBeNull()
    settle(l)
    expect(l.record.stable).toBe(made.digest)
  })

  it('a replica that breaks while the post-deploy hook runs fails the release, and the hook may end', () => {
    const l = settled(release([web(1)]))
    commit(l, release([web(2), postDeploy('smoke')]), {
      'web:2': { unhealthyAfterMs: 6_000 },
      'smoke:1': { exit: { afterMs: 20_000, code: 0 } },
    })
    until(l, () => isUp(l, 'smoke') && l.record.rollout?.kind === 'rollback')
    settle(l)
    expect(lines(l.steps).filter((line) => line.startsWith('stop smoke'))).toEqual([])
    expect(l.world.containers.find((c) => c.service === 'smoke')).toMatchObject({ state: 'exited', exitCode: 0 })
    expect(running(l)).toEqual(['web.1 web:1'])
  })
})

describe('a job', () => {
  it('that always runs does so once in every release, also when only a policy changed', () => {
    const l = settled(release([web(1), preDeploy('migrate')]))
    expect(rollOut(l, release([web(1, { update: { parallelism: 2 } }), preDeploy('migrate')]))).toEqual([
      ...ran('migrate'),
      MARK,
    ])
    expect(pass(l).steps).toEqual([])
  })

  it('that always runs, runs again when git goes back to a release that was stable once', () => {
    const first = release([web(1), preDeploy('migrate')])
    const l = settled(first)
    rollOut(l, release([web(2), preDeploy('migrate')]))
    rollOut(l, first)
    expect(starts(l, 'migrate')).toBe(2)
  })

  it('that does not runs when its spec is another than the one that completed last, whatever is kept of it', () => {
    const made = (n: number) => release([web(1), job({ image: `migrate:${n}` })])
    const l = settled(made(1))
    rollOut(l, made(2))
    expect(rollOut(l, made(1))).toEqual([...ran('migrate', 'image migrate:2 → migrate:1'), MARK, expect.anything()])
    expect(rollOut(l, release([web(2), job({ image: 'migrate:1' })])).join()).not.toContain('start migrate')
  })

  it('R17 of a release that is retried runs again when it always runs, and not when it completed', () => {
    const l = settled(release([web(1)]))
    const bad = release([web(2), preDeploy('backup'), job()])
    commit(l, bad, { 'web:2': { exit: { afterMs: 0, code: 1 } } })
    settle(l)
    expect([starts(l, 'backup'), starts(l, 'migrate')]).toEqual([1, 1])
    l.record = retry(l.record, bad.digest)
    settle(l)
    expect([starts(l, 'backup'), starts(l, 'migrate')]).toEqual([2, 1])
    expect(l.record.quarantine[bad.digest]).toBeDefined()
  })

  it('is not run by a rollback, nor by healing', () => {
    const stable = release([web(1), preDeploy('migrate'), postDeploy('smoke')])
    const l = settled(stable)
    l.world.containers = []
    settle(l)
    expect(lines(l.steps).filter((line) => !/web\.1/.test(line))).toEqual([])
    commit(l, release([web(2), preDeploy('migrate'), postDeploy('smoke')]), { 'web:2': { unhealthyAfterMs: 6_000 } })
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1'])
    // Once each for the release that failed, and no more on the way back.
    expect([starts(l, 'migrate'), starts(l, 'smoke')]).toEqual([1, 1])
  })

  it('R8 is not run when git returns to the stable release in the middle of a rollout', () => {
    const stable = release([web(1), preDeploy('migrate'), postDeploy('smoke')])
    const l = settled(stable)
    commit(l, release([web(2), preDeploy('migrate'), postDeploy('smoke')]))
    until(l, () => isUp(l, 'migrate'))
    commit(l, stable)
    settle(l)
    expect([starts(l, 'migrate'), starts(l, 'smoke')]).toEqual([1, 0])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('C3 that ended is not run again by a Holdfast that forgot everything', () => {
    const l = lab()
    const made = release([web(1), preDeploy('migrate')])
    commit(l, made)
    until(l, () => isUp(l, 'web'))
    l.record = emptyRecord()
    l.run += 1
    settle(l)
    expect(l.record.stable).toBe(made.digest)
    expect(starts(l, 'migrate')).toBe(1)
  })
})

describe('a job of a superseded release', () => {
  const slow = { 'migrate:2': { exit: { afterMs: 30_000, code: 0 } } }
  const made = (n: number) => release([web(n), preDeploy('migrate', { image: `migrate:${n}` })])

  it('ends before that of the new release begins, and the status says what is waited for', () => {
    const l = settled(made(1))
    commit(l, made(2), slow)
    until(l, () => isUp(l, 'migrate'))
    commit(l, made(3))
    l.steps = []
    run(l, 20_000)
    expect(lines(l.steps)).toEqual([])
    expect(l.last?.status.message).toMatch(/; waits for the job migrate\.1 of a superseded release to end$/)
    settle(l)
    expect(lines(l.steps)[0]).toBe('create migrate.1: image migrate:1 → migrate:3')
    expect(l.record.stable).toBe(l.latest?.digest)
    expect(l.world.containers.filter((c) => c.image.endsWith(':2'))).toEqual([])
  })

  it('is not waited for longer than its limit, and that is not the fault of the new release', () => {
    const limit = { progressDeadlineMs: 60_000 }
    const l = settled(made(1))
    commit(l, release([web(2), preDeploy('migrate', { image: 'migrate:2' })], limit), {
      'migrate:2': { exit: { afterMs: 3_600_000, code: 0 } },
    })
    until(l, () => isUp(l, 'migrate'))
    commit(l, release([web(3), preDeploy('migrate', { image: 'migrate:3' })], limit))
    // Another run of Holdfast counts from zero: both limits come at the same moment.
    l.run += 1
    settle(l)
    expect(lines(l.steps)).toContain('stop migrate.1: it did not end in time and its release is not wanted any more')
    expect(l.record.stable).toBe(l.latest?.digest)
    expect(l.record.quarantine).toEqual({})
  })

  it('blames nobody when it fails', () => {
    const l = settled(made(1))
    commit(l, made(2), { 'migrate:2': { exit: { afterMs: 30_000, code: 9 } } })
    until(l, () => isUp(l, 'migrate'))
    commit(l, made(3))
    settle(l)
    expect(l.record.quarantine).toEqual({})
    expect(running(l)).toEqual(['web.1 web:3'])
  })

  it('is the new one itself where nothing of it changed', () => {
    const l = settled(release([web(1)]))
    const kept = job({ image: 'migrate:2', dependsOn: {} })
    commit(l, release([web(2), kept]), slow)
    until(l, () => isUp(l, 'migrate'))
    commit(l, release([web(3), kept]))
    settle(l)
    expect(starts(l, 'migrate')).toBe(1)
    expect(running(l)).toEqual(['web.1 web:3'])
  })

  it('that is taken over still holds back the hooks that come before it', () => {
    const l = settled(release([web(1)]))
    const kept = job({ image: 'migrate:2' })
    commit(l, release([web(2), kept]), slow)
    until(l, () => isUp(l, 'migrate'))
    commit(l, release([web(3), kept, preDeploy('backup')]))
    l.check = () => expect(isUp(l, 'migrate') && isUp(l, 'backup')).toBe(false)
    settle(l)
    expect([starts(l, 'migrate'), starts(l, 'backup')]).toEqual([1, 1])
  })

  it('of a failed first release may end as well', () => {
    const l = lab()
    const bad = release([web(1), job({ name: 'seed', image: 'seed:1' })])
    commit(l, bad, { 'web:1': { exit: { afterMs: 0, code: 1 } }, 'seed:1': { exit: { afterMs: 9_000, code: 0 } } })
    settle(l)
    expect(l.record.quarantine[bad.digest]).toBeDefined()
    run(l, 10_000)
    expect(lines(l.steps).filter((line) => line.includes('seed'))).toEqual(ran('seed', 'new service'))
    expect(l.record.jobsDoneFor).toEqual({ seed: bad.digest })
  })
})

describe('dependencies', () => {
  const db = service({ name: 'db', image: 'db:1' })

  it('H16 one that never becomes healthy: who waits for it is never started, and the failure names it', () => {
    const l = lab()
    const bad = release([db, web(1, { dependsOn: { db: 'healthy' } })])
    commit(l, bad, { 'db:1': { healthyAfterMs: null } })
    settle(l)
    expect(l.record.quarantine[bad.digest]).toMatchObject({
      service: 'db',
      reason: expect.stringMatching(/^shop-db-1-\w+-1: it was not healthy within 4 s$/),
    })
    expect(l.steps.filter((step) => step.resource === 'web.1')).toEqual([])
  })

  it('H17 a job that exits with 1: the same', () => {
    const l = lab()
    const bad = release([job(), web(1, { dependsOn: { migrate: 'completed' } })])
    commit(l, bad, { 'migrate:1': { exit: { afterMs: 200, code: 1 } } })
    settle(l)
    expect(reason(l, bad)).toBe('shop-migrate-1-#-1: it exited with code 1')
    expect(l.steps.filter((step) => step.resource === 'web.1')).toEqual([])
  })

  it('H18 a job that exits with 0, however soon: who waits for its end or its start is started', () => {
    for (const condition of ['completed', 'started'] as const) {
      const l = lab()
      commit(l, release([job(), web(1, { dependsOn: { migrate: condition } })]), {
        'migrate:1': { exit: { afterMs: 0, code: 0 } },
      })
      settle(l)
      expect(running(l)).toEqual(['web.1 web:1'])
    }
  })
})
