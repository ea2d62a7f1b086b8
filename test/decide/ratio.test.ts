import { describe, expect, it } from 'vitest'
import { isReady } from '../../src/decide/match.ts'
import type { Behaviour } from '../../src/decide/simulation/world.ts'
import type { Release } from '../../src/model/release.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, run, running, settle } from './lab.ts'
import { rollOut } from './preview.ts'

type Parts = Parameters<typeof service>[0]

function made(version: number, ratio: number, parts: Parts = {}): Release {
  const update = { maxFailureRatio: ratio, ...parts?.update }
  return release([service({ image: `web:${version}`, replicas: 4, ...parts, update })])
}

/** Brings `to` in over version 1; its replicas in these slots behave badly, as long as `sick` says so. */
function rollWithSick(to: Release, slots: number[], behaviour: Behaviour, from = made(1, 0)): Lab {
  const l = lab()
  rollOut(l, from)
  commit(l, to, { 'web:sick': behaviour })
  l.steps = []
  l.check = () => {
    for (const c of l.world.containers) if (c.image === 'web:2' && slots.includes(c.slot)) c.image = 'web:sick'
  }
  return l
}

function untilDecided(l: Lab): void {
  const isDecided = () => l.record.stable === l.latest?.digest || l.record.quarantine[l.latest?.digest ?? '']
  for (let n = 0; n < 2_000 && !isDecided(); n += 1) run(l, 100)
}

const EXITS: Behaviour = { exit: { afterMs: 100, code: 3 } }

describe('max_failure_ratio', () => {
  it('R5 equal: the rollout goes on, what served in the slot that failed goes on serving', () => {
    const l = rollWithSick(made(2, 0.25), [2], EXITS)
    let ready = 4
    const spoil = l.check
    l.check = () => {
      spoil()
      ready = Math.min(ready, l.world.containers.filter((c) => c.slot <= 4 && isReady(c, l.record)).length)
    }
    untilDecided(l)
    expect(l.record.stable).toBe(l.latest?.digest)
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:1', 'web.3 web:2', 'web.4 web:2'])
    expect(ready).toBe(4)
    expect(l.steps.filter((s) => s.kind === 'create' && s.resource === 'web.2').length).toBe(1)
    expect(l.told.join('\n')).toMatch(
      /web\.2 failed, which max_failure_ratio allows: shop-web-2-\w+-1: it exited with code 3\nrelease \w+ is stable; web\.2 failed and is tried again/,
    )
  })

  it('R5 equal: once stable the slot is tried again, ever more seldom, until it is well', () => {
    const l = rollWithSick(made(2, 0.25), [2], EXITS)
    untilDecided(l)
    run(l, 9_000)
    expect(lines(l.steps).at(-1)).toBe('mark-stable mark: the release is stable')
    const from = l.steps.length
    run(l, 60_000)
    expect(lines(l.steps.slice(from)).filter((line) => line.startsWith('create web.2'))).toHaveLength(2)
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', health: 'Degraded' })
    expect(l.record.quarantine).toEqual({})
    l.check = () => {}
    l.world.behaviours.delete('web:sick')
    settle(l)
    expect(running(l).map((line) => line.slice(0, 5))).toEqual(['web.1', 'web.2', 'web.3', 'web.4'])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(running(l).join()).not.toContain('web:1')
    expect(pass(l).steps).toEqual([])
  })

  it('R5 above: the release fails, and everything goes back', () => {
    const l = rollWithSick(made(2, 0.25), [1, 3], EXITS)
    settle(l)
    expect(l.last?.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    expect(running(l)).toEqual([1, 2, 3, 4].map((slot) => `web.${slot} web:1`))
    // The first was forgiven, the second was one too many.
    expect(lines(l.steps).filter((line) => line.startsWith('create'))).toEqual([
      'create web.1: image web:1 → web:2',
      'create web.2: image web:1 → web:2',
      'create web.3: image web:1 → web:2',
    ])
  })

  it('R5 above by two that fail at the same moment', () => {
    const l = rollWithSick(made(2, 0.25, { update: { parallelism: 2 } }), [1, 2], EXITS)
    settle(l)
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(l.told.join()).not.toContain('allows')
  })

  it('R5 counts a replica that the engine refuses to start, and one that breaks after its promotion', () => {
    const refused = rollWithSick(made(2, 0.25), [4], { refuses: 'exec: "serve": executable file not found' })
    untilDecided(refused)
    expect(running(refused)).toEqual(['web.1 web:2', 'web.2 web:2', 'web.3 web:2', 'web.4 web:1'])
    const late = rollWithSick(made(2, 0.25), [4], { unhealthyAfterMs: 5_000 })
    untilDecided(late)
    expect(late.record.stable).toBe(late.latest?.digest)
    expect(late.record.quarantine).toEqual({})
  })

  it('R5 is no mercy for an image that does not exist, nor for a job', () => {
    const l = lab()
    rollOut(l, made(1, 1))
    const missing = release([service({ image: 'web:2', replicas: 4, update: { maxFailureRatio: 1 } })], {
      missing: ['web:2'],
    })
    commit(l, missing)
    settle(l)
    expect(l.record.quarantine[missing.digest]).toBeDefined()
    const withJob = release([service({ replicas: 4 }), job({ update: { maxFailureRatio: 1 } })])
    commit(l, withJob, { 'migrate:1': { exit: { afterMs: 0, code: 1 } } })
    settle(l)
    expect(l.record.quarantine[withJob.digest]).toBeDefined()
  })

  it('R5 stop-first: the slot stays down until the release is stable, and who waits for the service goes on', () => {
    const api = service({ name: 'api', image: 'api:1', dependsOn: { web: 'started' } })
    const parts: Parts = { replicas: 4, update: { order: 'stop-first', maxFailureRatio: 0.25 } }
    const both = (version: number) => release([service({ image: `web:${version}`, ...parts }), api])
    const l = rollWithSick(both(2), [2], EXITS, both(1))
    untilDecided(l)
    expect(running(l)).toEqual(['api.1 api:1', 'web.1 web:2', 'web.3 web:2', 'web.4 web:2'])
    expect(l.record.stable).toBe(l.latest?.digest)
  })

  it('R9 a newer commit forgives nothing that the one before was forgiven', () => {
    const l = rollWithSick(made(2, 0.25), [1], EXITS)
    for (let n = 0; n < 500 && !l.record.rollout?.aside; n += 1) run(l, 100)
    commit(l, made(3, 0.25))
    settle(l)
    expect(running(l)).toEqual([1, 2, 3, 4].map((slot) => `web.${slot} web:3`))
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })
})
