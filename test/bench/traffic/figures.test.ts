import { describe, expect, it } from 'vitest'
import type { LoadReport } from '../../support/traffic/program/load.ts'
import { openTally, type Report } from '../../support/traffic/program/tally.ts'
import { type Result, resultOf, type Seen } from './figures.ts'
import { tellIncidents } from './incidents.ts'
import { readOptions } from './options.ts'
import { BYSTANDERS, WEBSOCKET } from './plans.ts'
import { missed, tableOf } from './table.ts'

describe('the bench of traffic', () => {
  const calm = (): LoadReport => ({
    posts: report({ sent: 4, answered: 4, samples: { at: [1_000, 2_000, 3_000, 9_000], ms: [9, 5, 50, 5] } }),
    [WEBSOCKET]: report({ sent: 1, answered: 1, farewells: 2 }),
    ...Object.fromEntries(BYSTANDERS.map((name) => [name, report({ sent: 1, answered: 1 })])),
  })
  const windows = [{ from: 2_500, to: 3_500 }]

  function report(parts: Partial<Report>): Report {
    return { ...openTally('').report, ...parts }
  }

  function result(changed: LoadReport = {}, executions: Seen['executions'] = {}): Result {
    return resultOf({ report: { ...calm(), ...changed }, executions, windows, warmFrom: 1_500, stopped: null })
  }

  it('tells updates from the pauses between them, without the time in which programs warm up', () => {
    expect(result()).toMatchObject({ requests: 4, outside: { p50: 5, p99: 5 }, during: { p50: 50, p99: 50 } })
    expect(result()).toMatchObject({ failures: 0, disturbed: 0, websockets: { farewells: 2, cut: 0 } })
  })

  it('misses the target by a failure, something executed twice or never, a disturbance, or a p99 that doubles', () => {
    const slow = { posts: report({ samples: { at: [2_000, 3_000], ms: [5, 11] } }) }
    const quick = { posts: report({ samples: { at: [2_000, 3_000], ms: [5, 10] } }) }
    const told = (changed: LoadReport, executions = {}) => missed(result({ ...quick, ...changed }, executions))
    expect(told({})).toEqual([])
    expect(told(slow)).toEqual(['p99 during updates is more than twice the one between them'])
    expect(told({ other: report({ failures: { reset: 2, 'status 503': 1 } }) })).toEqual(['3 failed'])
    expect(told({}, { a: 2, b: 1 })).toEqual(['1 were executed twice'])
    expect(told({ other: report({ acknowledged: ['c'] }) })).toEqual(['1 were acknowledged and never executed'])
    const [bystander = ''] = BYSTANDERS
    expect(told({ [bystander]: report({ farewells: 1 }) })).toEqual(['1 disturbances of another service'])
    expect(told({ [WEBSOCKET]: report({ failures: { cut: 1 } }) })).toEqual(['1 failed'])
  })

  it('does not pass what it could not watch', () => {
    const { posts = report({}) } = calm()
    const unwatched = resultOf({ report: { posts }, executions: {}, windows: [], warmFrom: 0, stopped: 'why' })
    expect(missed(unwatched)).toEqual(['why', '2 disturbances of another service'])
  })

  it('prints the ways side by side, and where failures were', () => {
    const failing = result({ other: report({ failures: { reset: 2, 'status 503': 3 } }) })
    const table = tableOf([
      ['one', result()],
      ['other', failing],
    ]).split('\n')
    expect(table).toContain('| failures | 0 | 5 |')
    expect(table).toContain('| by kind | - | 3 status 503, 2 reset |')
    const incident = { client: 'posts', failure: 'reset' as const, detail: 'why', afterMs: 1 }
    const at = [1_500, 2_700, 2_900, 4_000].map((ms) => ({ ...incident, at: ms }))
    expect(tellIncidents(at, windows)).toEqual([
      'before the first update -1.0 to -1.0 s: posts: 1 × reset (why)',
      'in update 1, 0.2 to 0.4 s: posts: 2 × reset (why)',
      'after update 1, 0.5 to 0.5 s: posts: 1 × reset (why)',
    ])
  })

  it('refuses options that it does not know', () => {
    expect(readOptions(['--only', 'up', '--rate', '50'])).toMatchObject({ ways: ['up'], perSecond: 50, rollouts: 100 })
    expect(() => readOptions(['--only', 'down'])).toThrow('it is one of holdfast, up, scale')
    expect(() => readOptions(['--rate', 'many'])).toThrow('has to be a number')
  })
})
