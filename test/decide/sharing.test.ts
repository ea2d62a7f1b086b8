import { describe, expect, it } from 'vitest'
import { begin, end } from '../../src/decide/simulation/advance.ts'
import type { SimulatedContainer } from '../../src/decide/simulation/world.ts'
import type { Release } from '../../src/model/release.ts'
import type { Service } from '../../src/model/stack.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, run, running, settle } from './lab.ts'
import { rollOut, settleAsPlanned } from './preview.ts'

/** A VPN and a program that goes through it, as people write it. */
function pair(vpn: string, app: string, more: { dependsOn?: Service['dependsOn']; restart?: string } = {}): Release {
  return release([
    service({ name: 'vpn', image: vpn }),
    service({
      name: 'app',
      image: app,
      ...more,
      container: { networks: [], networkMode: { service: 'vpn' } },
      update: { order: 'stop-first', because: 'shares the network of vpn' },
    }),
  ])
}

function settled(made: Release): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

function up(l: Lab, name: string): SimulatedContainer {
  const found = l.world.containers.find((c) => c.service === name && c.state === 'running')
  if (!found) throw new Error(`${name} does not run`)
  return found
}

/** The running app uses the network of the running vpn, as of its present run. */
function expectJoined(l: Lab): void {
  expect(up(l, 'app').networkOf).toBe(up(l, 'vpn').id)
  expect(up(l, 'app').startedMs ?? 0).toBeGreaterThanOrEqual(up(l, 'vpn').startedMs ?? 0)
}

describe('network_mode: service', () => {
  it('comes after the other service is up', () => {
    const l = lab()
    const steps = rollOut(l, pair('vpn:1', 'app:1'))
    expect(steps.indexOf('start vpn.1: nothing else runs in its slot')).toBeLessThan(
      steps.indexOf('create app.1: new service'),
    )
    expectJoined(l)
  })

  it('R20 is replaced with what it shares, stop-first, and the plan says why', () => {
    const l = settled(pair('vpn:1', 'app:1'))
    const steps = rollOut(l, pair('vpn:2', 'app:1'))
    expect(steps.filter((line) => line.includes('app.1'))).toEqual([
      'create app.1: shares the network of vpn, which was replaced',
      'drain app.1: brief downtime: app shares the network of vpn',
      'stop app.1: brief downtime: app shares the network of vpn',
      'start app.1: nothing else runs in its slot',
      'promote app.1: healthy for 3 s without a break',
      'remove app.1: no release that is kept needs it',
    ])
    // Not before the new one is in place, and alone.
    expect(steps.findLastIndex((line) => line.startsWith('stop vpn.1'))).toBeLessThan(
      steps.findIndex((line) => line.startsWith('create app.1')),
    )
    expectJoined(l)
    expect(settle(l)).toEqual([])
  })

  it('is replaced alone when only its own image changes', () => {
    const l = settled(pair('vpn:1', 'app:1'))
    const vpn = up(l, 'vpn').id
    const steps = rollOut(l, pair('vpn:1', 'app:2'))
    expect(steps.filter((line) => line.includes('vpn.1'))).toEqual([])
    expect(up(l, 'vpn').id).toBe(vpn)
    expectJoined(l)
  })

  it('goes back with what it shares, whatever depends on whom', () => {
    for (const dependsOn of [{}, { vpn: 'started' as const }, { vpn: 'healthy' as const }]) {
      const l = settled(pair('vpn:1', 'app:1', { dependsOn }))
      commit(l, pair('vpn:2', 'app:2', { dependsOn }), { 'app:2': { exit: { afterMs: 1_000, code: 1 } } })
      settle(l)
      expect(l.last?.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
      expect(running(l)).toEqual(['app.1 app:1', 'vpn.1 vpn:1'])
      expectJoined(l)
    }
  })

  it('is replaced when the other one was removed by hand', () => {
    const l = settled(pair('vpn:1', 'app:1'))
    const before = up(l, 'app').id
    l.world.containers = l.world.containers.filter((c) => c.service !== 'vpn')
    const steps = settleAsPlanned(l)
    expect(steps).toContain('create app.1: shares the network of vpn, which was replaced')
    expect(up(l, 'app').id).not.toBe(before)
    expectJoined(l)
  })

  it('is started again, and not replaced, when the other one was', () => {
    const l = settled(pair('vpn:1', 'app:1'))
    const before = up(l, 'app').id
    run(l, 5_000)
    end(l.world, up(l, 'vpn'), 137, 'was restarted by hand')
    const vpn = l.world.containers.find((c) => c.service === 'vpn')
    if (vpn) begin(l.world, vpn, l.world.nowMs)
    l.world.happened = []
    expect(settleAsPlanned(l)).toEqual([
      'stop app.1: shares the network of vpn, which was started again',
      'start app.1: it was down',
    ])
    expect(up(l, 'app').id).toBe(before)
    expectJoined(l)
  })

  it('is not started again and again where the engine’s clock was set back', () => {
    const l = settled(pair('vpn:1', 'app:1'))
    run(l, 5_000)
    const vpn = up(l, 'vpn')
    end(l.world, vpn, 137, 'was restarted by hand')
    begin(l.world, vpn, l.world.nowMs)
    // An hour ahead of every start that follows.
    vpn.startedMs = l.world.nowMs + 3_600_000
    run(l, 600_000)
    expect(lines(l.steps).filter((line) => line.startsWith('start app.1'))).toEqual(['start app.1: it was down'])
  })

  it('blames nobody for what it does without its network', () => {
    const made = (vpn: string) => pair(vpn, 'app:1', { restart: 'no' })
    const l = settled(made('vpn:1'))
    commit(l, made('vpn:2'))
    // As its health check would: unhealthy as long as the network it holds leads nowhere.
    l.check = () => {
      for (const app of l.world.containers.filter((c) => c.service === 'app' && c.state === 'running')) {
        if (!l.world.containers.some((c) => c.id === app.networkOf && c.state === 'running')) app.health = 'unhealthy'
      }
    }
    settle(l)
    expect(l.record.quarantine).toEqual({})
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expectJoined(l)
  })

  it('waits while the other one is down, and blocks nothing', () => {
    const l = settled(pair('vpn:1', 'app:1'))
    l.world.behaviours.set('vpn:1', { blocked: 'the device is busy' })
    end(l.world, up(l, 'vpn'), 1, 'died')
    end(l.world, up(l, 'app'), 1, 'died with it')
    run(l, 120_000)
    expect(lines(l.steps).filter((line) => line.startsWith('start app.1'))).toEqual([])
    l.world.behaviours.delete('vpn:1')
    settle(l)
    expectJoined(l)
  })
})
