import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Release } from '../../src/model/release.ts'
import { job, release, service } from '../support/builders.ts'
import { lab } from './lab.ts'
import { preview, rollOut } from './preview.ts'

const RUNS = Math.min(2_000, Number(process.env.HOLDFAST_PROPERTY_RUNS ?? 100))

const goodRelease: fc.Arbitrary<Release> = fc
  .record({
    version: fc.integer({ min: 1, max: 3 }),
    replicas: fc.integer({ min: 0, max: 4 }),
    parallelism: fc.integer({ min: 0, max: 3 }),
    order: fc.constantFrom('start-first' as const, 'stop-first' as const),
    restart: fc.constantFrom('unless-stopped', 'always', 'no'),
    withJob: fc.boolean(),
    withDb: fc.boolean(),
  })
  .map(({ version, withJob, withDb, order, parallelism, ...parts }) => {
    const db = withDb ? [service({ name: 'db', image: `db:${version % 2}` })] : []
    const migrate = withJob ? [job({ image: `migrate:${version}` })] : []
    const dependsOn = {
      ...(withDb ? { db: 'healthy' as const } : {}),
      ...(withJob ? { migrate: 'completed' as const } : {}),
    }
    const web = service({ image: `web:${version}`, update: { order, parallelism }, dependsOn, ...parts })
    return release([web, ...db, ...migrate])
  })

describe('the plan', () => {
  it('is the rollout: for any undisturbed commits the steps taken are those that were shown', () => {
    const commits = fc.array(goodRelease, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(commits, (releases) => {
        const l = lab()
        for (const made of releases) rollOut(l, made)
        expect(preview(l).steps).toEqual([])
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('changes nothing when it is made', () => {
    const l = lab()
    rollOut(l, release([service()]))
    const before = structuredClone([l.world, l.record])
    l.latest = release([service({ image: 'web:2' })])
    expect(preview(l).steps.length).toBeGreaterThan(3)
    expect([l.world, l.record]).toEqual(before)
  })
})
