import { expect, it } from 'vitest'
import { advance } from '../../src/decide/simulation/advance.ts'
import { release, service } from '../support/builders.ts'
import { commit, lab, pass, restart, run, settle } from './lab.ts'

/** Healthy after two minutes, within a limit of 64 s: it fails when nobody stops counting. */
const SLOW = { healthyAfterMs: 121_000 }
const slowly = release([
  service({
    container: {
      healthcheck: { test: ['CMD', 'true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 3, startPeriodMs: 60_000 },
    },
  }),
])

it('a limit that was watched all the time fails the release', () => {
  const l = lab()
  commit(l, slowly, { 'web:1': SLOW })
  run(l, 120_000)
  expect(l.last?.status.message).toContain('it was not healthy within 64 s')
})

it('an engine that was away, or a machine that slept, fails nothing', () => {
  const l = lab()
  commit(l, slowly, { 'web:1': SLOW })
  run(l, 2_000)
  advance(l.world, 120_000)
  settle(l)
  expect(l.last?.status.sync).toBe('Synced')
})

it('a restart of Holdfast begins windows and limits anew', () => {
  const l = lab()
  commit(l, slowly, { 'web:1': SLOW })
  run(l, 60_000)
  restart(l)
  run(l, 60_000)
  restart(l)
  settle(l)
  expect(l.last?.status.sync).toBe('Synced')
})

it('a restart of Holdfast passes nothing either: the window must be seen whole', () => {
  const l = lab()
  commit(l, release([service({ update: { monitorMs: 3_000 } })]))
  run(l, 3_000)
  restart(l)
  pass(l)
  advance(l.world, 2_900)
  pass(l)
  expect(l.world.containers.map((c) => c.restart)).toEqual(['no'])
})
