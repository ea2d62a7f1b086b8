import { describe, expect, it } from 'vitest'
import { isReady } from '../../src/decide/match.ts'
import {
  assertAll,
  GOOD,
  letSettle,
  parallelismOf,
  playAll,
  RUNS,
  releasesInPlay,
  replicasOf,
  undisturbed,
  up,
  web,
} from './courses.ts'

describe('whatever commits, failures and crashes come in whatever order', () => {
  it('availability: never fewer ready replicas than every release in play wants, less what stop-first may take', () => {
    let reached = 0
    assertAll(undisturbed, (events) => {
      const inPlay = releasesInPlay()
      playAll(events, (l) => {
        const releases = inPlay(l)
        if (releases === null) return
        reached += 1
        const stopFirst = releases.filter((r) => r.stack.services['web']?.update.order === 'stop-first')
        const least = Math.min(...releases.map(replicasOf)) - Math.max(0, ...stopFirst.map(parallelismOf))
        const ready = web(l).filter((c) => isReady(c, l.record))
        expect(ready.length).toBeGreaterThanOrEqual(least)
        const { traffic } = l.world
        if (traffic) expect(ready.filter((c) => traffic.listed.has(c.name)).length).toBeGreaterThanOrEqual(least)
      })
    })
    expect(reached).toBeGreaterThan(RUNS / 4)
  })

  it('surge: never more containers of a service up than the most replicas in play plus parallelism', () => {
    assertAll(undisturbed, (events) => {
      const inPlay = releasesInPlay()
      playAll(events, (l) => {
        const releases = inPlay(l)
        if (releases === null) return
        const most = Math.max(...releases.map(replicasOf)) + Math.max(...releases.map(parallelismOf))
        expect(web(l).filter(up).length).toBeLessThanOrEqual(most)
      })
    })
  })

  it('blame: a release whose replicas all behave is never quarantined', () => {
    assertAll(undisturbed, (events) => {
      const good = new Set(GOOD.map((_, version) => `web:${version}`))
      const l = playAll(events, () => {})
      for (const [digest, { asked }] of Object.entries(l.record.quarantine)) {
        if (asked) continue
        expect(good).not.toContain(l.releases.get(digest)?.stack.services['web']?.image)
      }
    })
  })

  it('jobs: never two side by side, none is cut off or started twice, and the stable release had its hooks', () => {
    let hooks = 0
    assertAll(undisturbed, (events) => {
      const l = playAll(events, ({ world }) => {
        expect(world.containers.filter((c) => c.role === 'job' && up(c)).length).toBeLessThanOrEqual(1)
      })
      if (l.latest) letSettle(l)
      const steps = l.steps.filter(({ resource }) => /^(migrate|backup|smoke)/.test(resource))
      const fresh = new Set<string>()
      for (const step of steps) {
        if (step.kind === 'create') fresh.add(step.args.container)
        if (step.kind === 'start') expect(fresh.delete(step.args.container)).toBe(true)
      }
      expect(steps.filter((step) => step.kind === 'stop')).toEqual([])
      hooks += steps.filter((step) => step.kind === 'start' && step.resource === 'smoke.1').length
      if (l.record.stable !== l.latest?.digest || !l.latest?.stack.services['smoke']) return
      const made = steps.flatMap((s) =>
        s.kind === 'create' && s.args.release === l.record.stable ? s.args.service : [],
      )
      expect(made).toEqual(expect.arrayContaining(['backup', 'smoke']))
    })
    expect(hooks).toBeGreaterThan(RUNS / 10)
  })
})
