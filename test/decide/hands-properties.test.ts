import { describe, expect, it } from 'vitest'
import { isReady } from '../../src/decide/match.ts'
import { takeDown } from '../../src/decide/requests.ts'
import { advance } from '../../src/decide/simulation/advance.ts'
import { emptyTraffic, type SimulatedContainer } from '../../src/decide/simulation/world.ts'
import { EMPTY_IMAGE } from '../../src/model/fields.ts'
import type { Step } from '../../src/model/steps.ts'
import { anything, assertAll, begun, letSettle, play, playAll, RUNS, replicasOf, up, web } from './courses.ts'
import { type Lab, lab, pass, settle } from './lab.ts'

describe('whoever interferes', () => {
  it('termination: it settles, and settled means that the right release runs exactly and nothing is planned', () => {
    assertAll(anything, (events) => {
      const l = playAll(events, () => {})
      if (!l.latest) return
      letSettle(l)
      expect(pass(l).steps).toEqual([])
      const failed = l.record.quarantine[l.latest.digest] !== undefined
      const wanted = failed ? l.record.stable : l.latest.digest
      if (wanted === null) return
      expect(l.record.stable).toBe(wanted)
      const release = l.releases.get(wanted)
      const specs = web(l).filter(up)
      expect(specs.map((c) => [c.slot, c.image, c.health]).sort()).toEqual(
        Array.from({ length: release ? replicasOf(release) : 0 }, (_, i) => [
          i + 1,
          release?.stack.services['web']?.image,
          'healthy',
        ]),
      )
      expect(l.last?.status.sync).toBe(failed ? 'RolledBack' : 'Synced')
      const differing = specs.filter((c) => c.fields.pids !== 'none' || JSON.stringify(c.fields.environment) !== '{}')
      expect([...differing, ...specs.filter((c) => !c.attached['shop_default'])]).toEqual([])
    })
  })

  it('traffic: nothing is stopped while something leads to it or it is busy within its limit, nothing leads astray', () => {
    let stops = 0
    assertAll(anything, (events) => {
      const before = { taken: 0, listed: new Set<string>(), frozen: new Set<string>() }
      const l = playAll(events, ({ world, steps }) => {
        const last = steps.at(-1)
        const { listed } = world.traffic ?? emptyTraffic()
        if (steps.length > before.taken && last?.kind === 'stop') {
          stops += 1
          expect(before.listed).not.toContain(last.args.container)
          const { unlistedAtMs, image } = world.containers.find((c) => c.name === last.args.container) ?? {}
          const { busyMs = 0 } = world.behaviours.get(image ?? '') ?? {}
          const neededMs = Math.min(busyMs, 30_000)
          // A frozen one finishes nothing.
          const isFrozen = before.frozen.has(last.args.container)
          if (unlistedAtMs !== undefined && !isFrozen)
            expect(world.nowMs - unlistedAtMs).toBeGreaterThanOrEqual(neededMs)
        }
        before.taken = steps.length
        before.listed = new Set(listed.keys())
        before.frozen = new Set(world.containers.flatMap(({ name, state }) => (state === 'paused' ? [name] : [])))
      })
      if (!l.latest || !l.world.traffic) return
      letSettle(l)
      // What failed with nothing to go back to is kept as it is.
      if (l.record.stable === null) return
      const ready = l.world.containers.filter(
        (c) => c.role === 'service' && isReady(c, l.record) && c.service === 'web',
      )
      expect([...l.world.traffic.listed.keys()].filter((name) => name.startsWith('shop-web-')).sort()).toEqual(
        ready.map(({ name }) => name).sort(),
      )
    })
    expect(stops).toBeGreaterThan(RUNS / 20)
  })

  it('suspension: while it lasts nothing is done at all', () => {
    let reached = 0
    assertAll(anything, (events) => {
      const l = begun(events)
      for (const event of events) {
        const before = l.record.suspended ? l.steps.length : null
        play(l, event, [])
        if (before === null || !l.record.suspended) continue
        reached += 1
        expect(l.steps.length).toBe(before)
      }
    })
    expect(reached).toBeGreaterThan(RUNS / 4)
  })

  it('down: while it lasts nothing but taking away is done, and in the end nothing is left', () => {
    let reached = 0
    assertAll(anything, (events) => {
      const l = begun(events)
      for (const event of events) {
        const from = l.record.down ? l.steps.length : null
        play(l, event, [])
        if (from === null || !l.record.down) continue
        reached += 1
        const kinds = new Set(l.steps.slice(from).map(({ kind }) => kind))
        expect([...kinds].filter((kind) => !TAKING_AWAY.has(kind))).toEqual([])
      }
      l.record = takeDown(l.record, {})
      settle(l)
      expect(l.world.containers).toEqual([])
      expect([...l.world.networks.keys()]).toEqual([])
      expect(l.last?.status.health).toBe('Missing')
    })
    expect(reached).toBeGreaterThan(RUNS / 4)
  })

  it('foreign containers, networks and volumes are never touched, and no volume with data is removed', () => {
    assertAll(anything, (events) => {
      const l = lab()
      const stranger = { ...foreign(), stack: 'other' }
      l.world.containers.push(stranger)
      l.world.strangers.push('shop-web-1-00000000-1')
      l.world.volumes.set('shop_data', { name: 'shop_data', ours: true, files: false, stack: 'shop' })
      l.world.networks.set('other_default', { ours: true, subnet: null, stack: 'other' })
      const before = JSON.stringify(stranger)
      for (const event of events) if (event.kind !== 'hand') play(l, event, [])
      if (l.latest) letSettle(l)
      expect(JSON.stringify(l.world.containers.find((c) => c.name === stranger.name))).toBe(before)
      expect(l.world.networks.has('other_default')).toBe(true)
      expect(l.world.volumes.has('shop_data')).toBe(true)
    })
  })

  it('one attempt: a release that failed is not tried again, whatever happens', () => {
    assertAll(anything, (events) => {
      const l = playAll(events, () => {})
      if (!l.latest) return
      letSettle(l)
      const failures = l.told.filter((line) => /^release .* failed: /.test(line)).map((line) => line.split(' ')[1])
      expect(new Set(failures).size).toBe(failures.length)
      expect(stepsAfterFailure(l)).toEqual([])
    })
  })
})

const TAKING_AWAY = new Set(['withdraw', 'drain', 'stop', 'remove', 'expose', 'remove-network', 'remove-files'])

/** Containers made of a release that is quarantined now, and not reused by the stable one, after everything settled. */
function stepsAfterFailure(l: Lab): Step[] {
  const before = l.steps.length
  for (let i = 0; i < 20; i += 1) {
    advance(l.world, 30_000)
    pass(l)
  }
  // What leads to a replica that was left running follows its health, whatever becomes of its release.
  return l.steps.slice(before).filter(({ kind }) => kind !== 'admit' && kind !== 'withdraw')
}

function foreign(): SimulatedContainer {
  return {
    id: 'x',
    name: 'other-web-1-00000000-1',
    actualName: 'other-web-1-00000000-1',
    stack: 'other',
    service: 'web',
    slot: 1,
    role: 'service',
    spec: 'v1:0',
    release: '',
    image: 'x',
    state: 'exited',
    health: 'none',
    startedAt: 'x',
    restarts: 0,
    exitCode: 1,
    lastCheck: '',
    complaint: '',
    error: '',
    restart: 'no',
    publish: [],
    ingress: [],
    addresses: {},
    attached: {},
    address: '',
    networkOf: '',
    volumes: [],
    fields: {},
    imageConfig: EMPTY_IMAGE,
    upSinceMs: 0,
  }
}
