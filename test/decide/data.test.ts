import { describe, expect, it } from 'vitest'
import type { Mount, Service } from '../../src/model/stack.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, run, settle } from './lab.ts'
import { preview, rollOut } from './preview.ts'

const DATA: Mount = { kind: 'volume', volume: 'shop_data', target: '/data', readOnly: false }
const STOP_FIRST = { order: 'stop-first' as const, because: 'writes to volume data' }
const volumes = { shop_data: { external: false }, shop_other: { external: false } }

const web = (version: number, parts: Parameters<typeof service>[0] = {}): Service =>
  service({ image: `web:${version}`, ...parts })
const db = (version: number, mount = DATA): Service =>
  service({ name: 'db', image: `db:${version}`, container: { mounts: [mount] }, update: STOP_FIRST })
const migrate = (version: number): Service =>
  job({ image: `migrate:${version}`, hook: 'pre-deploy', always: true, dependsOn: {} })
const stack = (services: Service[], parts: Parameters<typeof release>[1] = {}) =>
  release(services, { volumes, ...parts })

const FAILS = { 'web:2': { exit: { afterMs: 0, code: 1 } } }

function settled(...services: Service[]): Lab {
  const l = lab()
  rollOut(l, stack(services))
  l.steps = []
  l.told = []
  return l
}

const untilQuarantined = (l: Lab) => {
  for (let n = 0; n < 500 && !l.record.quarantine[l.latest?.digest ?? '']; n += 1) run(l, 100)
}

describe('data do not go back', () => {
  it('R23 a migration ran, then the release fails: not run again, and told with the failure, at the end and in the status', () => {
    const l = settled(web(1), migrate(1))
    commit(l, stack([web(2), migrate(2)]), FAILS)
    settle(l)
    expect(l.told.filter((line) => line.endsWith('; data did not go back: migrate ran')).map(firstWords)).toEqual([
      'release failed:',
      'rolled back to',
    ])
    expect(l.last?.status.message).toContain('; data did not go back: migrate ran; commit a fix')
    expect(l.steps.filter((s) => s.kind === 'start' && s.resource === 'migrate.1')).toHaveLength(1)
  })

  it('R23 a service that writes where the stable release keeps data started on its new version', () => {
    const l = settled(web(1), db(1))
    commit(l, stack([web(2, { dependsOn: { db: 'healthy' } }), db(2), migrate(1)]), FAILS)
    settle(l)
    expect(l.told.join('\n')).toContain('data did not go back: migrate ran, db started on its new version')
  })

  it('R23 nothing is said where there is nothing: no data, none of the stable release, or not begun yet', () => {
    const readOnly = { ...DATA, readOnly: true }
    const elsewhere = { ...DATA, volume: 'shop_other' }
    const cases = [
      { from: [web(1)], to: [web(2)] },
      { from: [web(1), db(1, readOnly)], to: [web(2), db(2, readOnly)] },
      { from: [web(1)], to: [web(2), db(1)] },
      { from: [web(1), db(1)], to: [web(2), db(2, elsewhere)] },
      { from: [web(1), db(1)], to: [web(2), db(1)] },
    ]
    for (const { from, to } of cases) {
      const l = settled(...from)
      commit(l, stack(to), { 'web:2': { exit: { afterMs: 20_000, code: 1 } } })
      settle(l)
      expect(l.told.join('\n')).not.toContain('did not go back')
    }
    const refused = settled(web(1), db(1))
    commit(refused, stack([web(1), db(2)]), { 'db:2': { refuses: 'exec: "db": executable file not found' } })
    settle(refused)
    expect(refused.told.join('\n')).toContain('executable file not found')
    expect(refused.told.join('\n')).not.toContain('did not go back')
  })

  it('R23 nothing goes back when there was nothing before, or when rollback is off', () => {
    const first = lab()
    commit(first, stack([web(2), migrate(1)]), FAILS)
    settle(first)
    const off = settled(web(1), migrate(1))
    commit(off, stack([web(2), migrate(2)], { rollback: 'off' }), FAILS)
    settle(off)
    for (const l of [first, off]) {
      expect(l.told.join('\n')).toContain(' failed: ')
      expect(l.told.join('\n')).not.toContain('did not go back')
    }
  })

  it('R23 what a superseded release did is told as well, and that of a release that went well is not', () => {
    const l = settled(web(1), db(1))
    commit(l, stack([web(1), db(2)]))
    run(l, 1_500)
    commit(l, stack([web(2), db(1)]), FAILS)
    untilQuarantined(l)
    expect(l.told.at(-2)).toMatch(/ failed: .*; data did not go back: db started on its new version$/)
    settle(l)
    rollOut(l, stack([web(3), db(3), migrate(1)]))
    expect(l.told.at(-1)).toMatch(/^release \w+ is stable$/)
  })

  it('R23 a commit that returns to the stable release in the middle says it when it has arrived', () => {
    const l = settled(web(1), db(1))
    const stable = l.latest
    commit(l, stack([web(1), db(2)]))
    run(l, 1_500)
    if (stable) commit(l, stable)
    settle(l)
    expect(l.told.at(-1)).toMatch(/^release \w+ is stable; data did not go back: db started on its new version$/)
  })
})

describe('the notes of a plan', () => {
  it('say what does not go back, what is down for a moment, and which hooks run when', () => {
    const port = { address: '', published: 80, target: 80, protocol: 'tcp' as const }
    const front = (version: number) =>
      web(version, {
        publish: [port],
        update: { order: 'stop-first', because: 'publishes port 80 on the host' },
      })
    const l = settled(front(1), db(1))
    const smoke = job({ name: 'smoke', image: 'smoke:1', hook: 'post-deploy', always: true })
    commit(l, stack([front(2), db(2), migrate(1), smoke]))
    expect(preview(l).notes.filter((note) => !note.startsWith('image '))).toEqual([
      'brief downtime: db writes to volume data',
      'brief downtime: web publishes port 80 on the host',
      'migrate runs before any service changes (pre-deploy hook)',
      'smoke runs once all services are ready; it must end well too (post-deploy hook)',
      'if it fails, data do not go back: migrate runs first, db starts on its new version, smoke runs',
    ])
  })

  it('I7 say that an image exists only on this engine, where it is used anew', () => {
    const l = lab()
    const made = release([web(1), service({ name: 'api', image: 'api:1' })])
    const id = `sha256:1a2b3c4d${'0'.repeat(56)}`
    const pins = { 'web:1': { reference: id, local: true }, 'api:1': { reference: 'api@sha256:77', local: false } }
    commit(l, { ...made, pins })
    expect(preview(l).notes).toEqual(['image web:1 exists only on this engine; it is pinned by its id sha256:1a2b3c4d'])
    settle(l)
    expect(preview(l)).toMatchObject({ steps: [], notes: [] })
  })

  it('are silent on a first release, and where nothing is done', () => {
    const l = lab()
    commit(l, stack([web(1), db(1)]))
    expect(preview(l).notes.filter((note) => !note.startsWith('image '))).toEqual([])
    settle(l)
    expect(preview(l).notes).toEqual([])
  })
})

function firstWords(line: string): string {
  return line.startsWith('release') ? 'release failed:' : line.split(' ').slice(0, 3).join(' ')
}
