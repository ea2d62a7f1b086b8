import { describe, expect, it } from 'vitest'
import { advance, begin, end } from '../../src/decide/simulation/advance.ts'
import type { Behaviour } from '../../src/decide/simulation/world.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, restart, run, running, settle } from './lab.ts'
import { rollOut } from './preview.ts'

/** The builders' check is given up after 4 s, their monitor window is 3 s. */
function updateTo(behaviour: Behaviour, parts: Parameters<typeof service>[0] = {}): Lab {
  const l = lab()
  rollOut(l, release([service()]))
  commit(l, release([service({ image: 'web:2', ...parts })]), { 'web:2': behaviour })
  return l
}

const failure = (l: Lab) => Object.values(l.record.quarantine)[0]?.reason.replace(/-[0-9a-f]{8}-/, '-#-')
const CHECK = { test: ['CMD', 'true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 3, startPeriodMs: 0 }

describe('a replica', () => {
  it('H1 H2 that exits, with whatever code, fails the release', () => {
    for (const code of [0, 1]) {
      const l = updateTo({ exit: { afterMs: 0, code } })
      settle(l)
      expect(failure(l)).toBe(`shop-web-1-#-1: it exited with code ${code}`)
      expect(running(l)).toEqual(['web.1 web:1'])
    }
  })

  it('H4 healthy, then unhealthy inside its window is rolled back', () => {
    const l = updateTo({ unhealthyAfterMs: 2_000 })
    settle(l)
    expect(failure(l)).toBe('shop-web-1-#-1: its health check failed')
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('H4 unhealthy after its own window, but inside that of the release, is rolled back', () => {
    const l = updateTo({ unhealthyAfterMs: 6_000 })
    settle(l)
    expect(failure(l)).toBe('shop-web-1-#-1: it became unhealthy again before the release was stable')
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('H5 unhealthy after the release was stable is healed beside the sick one, not rolled back', () => {
    const l = updateTo({ unhealthyAfterMs: 20_000 })
    run(l, 15_000)
    const from = l.steps.length
    expect(l.record.stable).toBe(l.latest?.digest)
    advance(l.world, 6_000)
    run(l, 6_000)
    expect(lines(l.steps.slice(from))).toEqual([
      'create web.1: its replica is missing or sick',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
      'promote web.1: healthy for 3 s without a break',
      'drain web.1: shop-web-1-#-2 is ready in its place',
      'stop web.1: shop-web-1-#-2 is ready in its place',
      'remove web.1: no release that is kept needs it',
    ])
    expect(l.record.quarantine).toEqual({})
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('H6 that never becomes healthy fails at the limit its check gives', () => {
    const l = updateTo({ healthyAfterMs: null })
    const from = l.world.nowMs
    run(l, 3_900)
    expect(failure(l)).toBeUndefined()
    settle(l)
    expect(failure(l)).toBe('shop-web-1-#-1: it was not healthy within 4 s')
    expect(l.world.nowMs - from).toBeLessThan(20_000)
  })

  it('H7 that is slow inside its start period passes', () => {
    const l = updateTo({ healthyAfterMs: 8_000 }, { container: { healthcheck: { ...CHECK, startPeriodMs: 10_000 } } })
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(failure(l)).toBeUndefined()
  })

  it('H8 without a health check must run for the monitor window', () => {
    const none = { container: { healthcheck: 'none' as const } }
    const ended = updateTo({ exit: { afterMs: 2_500, code: 0 } }, none)
    settle(ended)
    expect(failure(ended)).toBe('shop-web-1-#-1: it exited with code 0')
    const runs = updateTo({}, none)
    settle(runs)
    expect(running(runs)).toEqual(['web.1 web:2'])
  })

  it('H15 that was restarted between two looks begins its window again', () => {
    const l = updateTo({ healthyAfterMs: 0 })
    run(l, 2_000)
    again(l)
    run(l, 2_900)
    expect(l.steps.filter((step) => step.kind === 'promote')).toHaveLength(1)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
  })

  it('H15 that goes on being restarted fails', () => {
    const l = updateTo({})
    for (let n = 0; n < 20 && !failure(l); n += 1) {
      run(l, 1_000)
      again(l)
    }
    expect(failure(l)).toBe('shop-web-1-#-1: it was not healthy within 4 s')
  })

  it('H15 that dies after its promotion and is restarted by the engine fails the release', () => {
    const l = updateTo({ exit: { afterMs: 4_200, code: 1 }, healthyAfterMs: 0 })
    run(l, 10_000)
    expect(failure(l)).toMatch(/died after its promotion|exited with code 1/)
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1'])
  })
})

describe('time', () => {
  it('C9 is that of the process run: whatever the wall clock says fails nothing and passes nothing', () => {
    const clock = globalThis.Date
    const l = updateTo({})
    try {
      Reflect.set(globalThis, 'Date', undefined)
      settle(l)
    } finally {
      Reflect.set(globalThis, 'Date', clock)
    }
    expect(running(l)).toEqual(['web.1 web:2'])
  })

  it('C9 between two process runs does not count: a window begins again, a limit is not reached', () => {
    for (const jumpMs of [3_600_000, -3_600_000]) {
      const l = updateTo({ healthyAfterMs: null })
      run(l, 3_000)
      l.run += 1
      pass(l)
      const { record } = l
      l.run += 1
      l.record = { ...record, clock: { run: record.clock?.run ?? '', ms: l.world.nowMs - jumpMs } }
      pass(l)
      expect(failure(l)).toBeUndefined()
      run(l, 3_900)
      expect(failure(l)).toBeUndefined()
      settle(l)
      expect(failure(l)).toBe('shop-web-1-#-1: it was not healthy within 4 s')
    }
  })

  it('C9 between two process runs passes no gate either', () => {
    const l = updateTo({ healthyAfterMs: 0 })
    run(l, 2_500)
    const before = l.steps.length
    l.run += 1
    pass(l)
    run(l, 2_900)
    expect(l.steps.slice(before)).toEqual([])
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
  })
})

describe('an end that is not its own doing', () => {
  const victim = (l: Lab) => l.world.containers.find((c) => c.image === 'web:2' && c.state === 'running')

  it('C6 because the engine went away fails nothing: it is started once more', () => {
    const l = updateTo({})
    run(l, 1_500)
    const container = victim(l)
    if (container) end(l.world, container, 137, 'died')
    l.world.happened = []
    l.world.breaks += 1
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(failure(l)).toBeUndefined()
  })

  it('C6 while Holdfast was down fails nothing either, but the next end does', () => {
    const l = updateTo({ exit: { afterMs: 1_000, code: 1 } })
    run(l, 700)
    const before = l.steps.length
    advance(l.world, 1_000)
    restart(l)
    settle(l)
    expect(lines(l.steps.slice(before))[0]).toMatch(/^start web.1/)
    expect(failure(l)).toBe('shop-web-1-#-1: it exited with code 1')
  })

  it('C6 is not feared for one that lives on, but its check counts only once it is heard again', () => {
    const l = updateTo({})
    run(l, 2_000)
    l.world.breaks += 1
    const container = victim(l)
    if (container) container.forgotten = true
    const from = l.steps.length
    settle(l)
    expect(lines(l.steps.slice(from)).slice(0, 3)).toEqual([
      'stop web.1: its health check is not run any more since the engine was away; it is started again',
      'start web.1: it was kept for this',
      'promote web.1: healthy for 3 s without a break',
    ])
    expect(failure(l)).toBeUndefined()
  })

  it('O2 because somebody stopped it fails nothing: it is started once more', () => {
    const l = updateTo({})
    run(l, 1_500)
    const container = victim(l)
    if (container) end(l.world, container, 143, 'kill')
    l.world.happened = l.world.happened.map((told) => (told.kind === 'interrupted' ? { ...told, byHand: true } : told))
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(failure(l)).toBeUndefined()
  })

  it('O2 is asked for again and again only until the rollout has stood still for too long', () => {
    const l = updateTo({})
    for (let n = 0; n < 3_000 && !failure(l); n += 1) {
      run(l, 1_000)
      const container = victim(l)
      if (container) end(l.world, container, 143, 'kill')
      l.world.happened = l.world.happened.map((told) =>
        told.kind === 'interrupted' ? { ...told, byHand: true } : told,
      )
    }
    expect(failure(l)).toBe('no progress for 10 min')
  })

  it('of a job that ended by itself meanwhile counts: it is not run again', () => {
    const l = lab()
    rollOut(l, release([service()]))
    const migrating = [job({ image: 'migrate:1' }), service({ image: 'web:2', dependsOn: { migrate: 'completed' } })]
    commit(l, release(migrating), { 'migrate:1': { exit: { afterMs: 500, code: 4 } } })
    run(l, 300)
    advance(l.world, 500)
    restart(l)
    settle(l)
    expect(failure(l)).toBe('shop-migrate-1-#-1: it exited with code 4')
    expect(l.steps.filter((step) => step.kind === 'start' && step.resource === 'migrate.1')).toHaveLength(1)
  })
})

/** Dies and is back within the same moment, as an engine or a person may do it. */
function again({ world }: Lab): void {
  const container = world.containers.find((c) => c.image === 'web:2' && c.state === 'running')
  if (container) begin(world, container, world.nowMs)
}
