import { describe, expect, it } from 'vitest'
import { retry } from '../../src/decide/requests.ts'
import { advance } from '../../src/decide/simulation/advance.ts'
import { short } from '../../src/model/release.ts'
import type { Service } from '../../src/model/stack.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, run, running, settle } from './lab.ts'
import { rollOut } from './preview.ts'

const web = (version: number, parts: Parameters<typeof service>[0] = {}): Service =>
  service({ image: `web:${version}`, ...parts })

const webRelease = (version: number, replicas: number) => release([web(version, { replicas })])
const ids = (l: Lab) => l.world.containers.filter((c) => c.state === 'running').map((c) => c.id)
const attempts = (l: Lab, digest: string) =>
  l.steps.filter((step) => step.kind === 'create' && step.args.release === digest).length

describe('a release that fails', () => {
  it('R1 touches one slot at most, and the old replicas serve throughout', () => {
    const l = lab()
    rollOut(l, webRelease(1, 3))
    const before = ids(l)
    const bad = webRelease(2, 3)
    commit(l, bad, { 'web:2': { exit: { afterMs: 100, code: 3 } } })
    expect(lines(settle(l))).toEqual([
      'create web.1: image web:1 → web:2',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
    ])
    expect(ids(l)).toEqual(before)
    expect(l.last?.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(l.last?.status.message).toMatch(
      new RegExp(
        `^release ${short(bad.digest)} failed: shop-web-1-\\w+-1: it exited with code 3; ` +
          `rolled back to ${short(l.record.stable ?? '')}; commit a fix, or try it again with: holdfast retry shop$`,
      ),
    )
  })

  it('R2 as the first ever keeps what failed, stopped, and the next good commit works', () => {
    const l = lab()
    commit(l, webRelease(1, 2), { 'web:1': { healthyAfterMs: null } })
    settle(l)
    expect(l.world.containers.map(({ state }) => state)).toEqual(['exited', 'exited'])
    expect(l.last?.status).toMatchObject({ sync: 'OutOfSync', health: 'Degraded' })
    expect(l.last?.status.message).toContain('there is no stable release to go back to')
    rollOut(l, webRelease(2, 2))
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
  })

  it('R6 in its second service takes both back, in reverse order', () => {
    const both = (n: number) =>
      release([service({ name: 'api', image: `api:${n}` }), web(n, { dependsOn: { api: 'healthy' } })])
    const l = lab()
    rollOut(l, both(1))
    commit(l, both(2), { 'web:2': { unhealthyAfterMs: 1_000 } })
    expect(lines(settle(l))).toEqual([
      'create api.1: image api:1 → api:2',
      'start api.1: beside shop-api-1-#-1, which serves until this one is ready',
      'promote api.1: healthy for 3 s without a break',
      'drain api.1: shop-api-1-#-1 is ready in its place',
      'stop api.1: shop-api-1-#-1 is ready in its place',
      'create web.1: image web:1 → web:2',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
      'stop web.1: it never proved healthy and its release is not wanted any more',
      'start api.1: it was kept for this',
      'promote api.1: healthy for 3 s without a break',
      'drain api.1: shop-api-1-#-1 is ready in its place',
      'stop api.1: shop-api-1-#-1 is ready in its place',
    ])
    expect(running(l)).toEqual(['api.1 api:1', 'web.1 web:1'])
  })

  it('R16 with a stable release that fails too: keeps what is healthy, says both reasons, tries ever more seldom', () => {
    const l = lab()
    rollOut(l, webRelease(1, 2))
    const bad = webRelease(2, 2)
    commit(l, bad, { 'web:2': { unhealthyAfterMs: 6_000 } })
    run(l, 5_800)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.2 web:2'])
    l.world.behaviours.set('web:1', { refuses: 'its disk is worn out' })
    const from = l.steps.length
    run(l, 3_600_000)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1'])
    expect(l.last?.status).toMatchObject({ sync: 'RolledBack', health: 'Degraded' })
    expect(l.last?.status.message).toMatch(
      /became unhealthy again .*; the rollback to .* its disk is worn out; what is/,
    )
    expect(Object.keys(l.record.quarantine)).toEqual([bad.digest])
    // 10, 20, 40 … 300 seconds: in an hour some fifteen tries, of which three are kept.
    const tries = lines(l.steps.slice(from)).filter((line) => line.startsWith('start web.1')).length
    expect(tries).toBeGreaterThan(10)
    expect(tries).toBeLessThan(20)
    expect(l.world.containers.filter((c) => c.image === 'web:1' && c.slot === 1).length).toBeLessThanOrEqual(4)
  })

  it('R17 is tried once in 100 passes, once more for a retry, and a new digest runs', () => {
    const l = lab()
    rollOut(l, webRelease(1, 1))
    const bad = webRelease(2, 1)
    commit(l, bad, { 'web:2': { exit: { afterMs: 0, code: 1 } } })
    settle(l)
    for (let n = 0; n < 100; n += 1) {
      advance(l.world, 60_000)
      expect(pass(l).steps).toEqual([])
    }
    expect(attempts(l, bad.digest)).toBe(1)
    l.record = retry(l.record, bad.digest)
    settle(l)
    for (let n = 0; n < 100; n += 1) expect(pass(l).steps).toEqual([])
    expect(attempts(l, bad.digest)).toBe(2)
    rollOut(l, webRelease(3, 1))
    expect(running(l)).toEqual(['web.1 web:3'])
  })

  it('stays as it is when its own manifest turns rollback off', () => {
    const l = lab()
    rollOut(l, webRelease(1, 1))
    commit(l, release([web(2)], { rollback: 'off' }), { 'web:2': { unhealthyAfterMs: 1_000 } })
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1', 'web.1 web:2'])
    expect(l.last?.status).toMatchObject({ sync: 'OutOfSync', health: 'Degraded' })
    expect(l.last?.status.message).toContain('rollback is off for this stack')
  })
})

describe('a newer commit', () => {
  it('R7 that fails as well goes back to the stable release, not to the one before it', () => {
    const l = lab()
    rollOut(l, webRelease(1, 2))
    const before = ids(l)
    commit(l, webRelease(2, 2), { 'web:2': { healthyAfterMs: null } })
    run(l, 1_500)
    commit(l, webRelease(3, 2), { 'web:3': { exit: { afterMs: 100, code: 3 } } })
    expect(lines(settle(l))).toEqual([
      'stop web.1: it never proved healthy and its release is not wanted any more',
      'create web.1: image web:1 → web:3',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
      'remove web.1: no release that is kept needs it',
    ])
    expect(ids(l)).toEqual(before)
    expect(running(l)).toEqual(['web.1 web:1', 'web.2 web:1'])
  })

  it('R8 that reverts in the middle reuses the replicas that still run', () => {
    const l = lab()
    const v1 = webRelease(1, 3)
    rollOut(l, v1)
    const before = ids(l)
    commit(l, webRelease(2, 3))
    run(l, 5_500)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.2 web:2', 'web.3 web:1'])
    commit(l, v1)
    expect(lines(settle(l))).toEqual([
      'stop web.2: it never proved healthy and its release is not wanted any more',
      'start web.1: it was kept for this',
      'promote web.1: healthy for 3 s without a break',
      'drain web.1: shop-web-1-#-1 is ready in its place',
      'stop web.1: shop-web-1-#-1 is ready in its place',
      'remove web.1: no release that is kept needs it',
      'remove web.2: no release that is kept needs it',
    ])
    expect(ids(l)).toEqual(before)
  })

  it('R9 wins in the middle of a rollout, and nothing of the superseded one is left', () => {
    const l = lab()
    rollOut(l, webRelease(1, 2))
    commit(l, webRelease(2, 2))
    run(l, 2_500)
    expect(running(l)).toEqual(['web.1 web:1', 'web.1 web:2', 'web.2 web:1'])
    commit(l, webRelease(3, 2))
    settle(l)
    expect(running(l)).toEqual(['web.1 web:3', 'web.2 web:3'])
    expect(l.world.containers.filter((c) => c.image === 'web:2')).toEqual([])
    expect(l.told.filter((line) => line.includes('failed'))).toEqual([])
  })

  it('R9 between the promotion of a replica and the end of the older one leaves one of them serving', () => {
    const l = lab()
    rollOut(l, webRelease(1, 1))
    commit(l, webRelease(2, 1))
    l.steps = []
    for (let n = 0; n < 50 && l.steps.at(-1)?.kind !== 'promote'; n += 1) {
      if (pass(l).steps.length === 0) advance(l.world, 500)
    }
    commit(l, webRelease(3, 1))
    expect(lines(settle(l)).slice(0, 4)).toEqual([
      'create web.1: image web:1 → web:3',
      'drain web.1: another one serves beside it',
      'stop web.1: another one serves beside it',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
    ])
  })

  it('R12 that scales in the middle ends with the exact count of the right version', () => {
    const l = lab()
    rollOut(l, webRelease(1, 3))
    commit(l, webRelease(2, 3))
    run(l, 5_500)
    commit(l, webRelease(2, 5))
    run(l, 5_500)
    commit(l, webRelease(2, 2))
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('R18 rolls out although the old version is sick, the broken slot first', () => {
    const l = lab()
    rollOut(l, webRelease(1, 3))
    const third = l.world.containers.find((c) => c.slot === 3)
    if (third) third.image = 'web:1-sick'
    l.world.behaviours.set('web:1-sick', { unhealthyAfterMs: 0 })
    advance(l.world, 1_000)
    commit(l, webRelease(2, 3))
    expect(lines(settle(l))[0]).toBe('create web.3: image web:1 → web:2')
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2', 'web.3 web:2'])
  })

  it('R18 rolls out although every replica of the old version restarts in a loop', () => {
    const l = lab()
    rollOut(l, webRelease(1, 2))
    l.world.behaviours.set('web:1', { exit: { afterMs: 300, code: 1 } })
    run(l, 20_000)
    commit(l, webRelease(2, 2))
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
    expect(l.record.stable).toBe(l.latest?.digest)
  })
})

it('a step of a superseded release that was refused does not fail the release that took its place', () => {
  const l = lab()
  commit(l, release([service({ image: 'web:1' })]))
  settle(l)
  commit(l, release([service({ image: 'web:2' })]), {
    'web:2': { refuses: 'exec: "serve": executable file not found' },
  })
  while (l.steps.at(-1)?.kind !== 'start' || l.world.happened.length === 0) pass(l)
  commit(l, release([service({ image: 'web:3' })]))
  settle(l)
  expect(l.told.filter((line) => line.includes('failed'))).toEqual([])
  expect(running(l)).toEqual(['web.1 web:3'])
})
