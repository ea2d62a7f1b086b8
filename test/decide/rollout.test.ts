import { describe, expect, it } from 'vitest'
import { isReady } from '../../src/decide/match.ts'
import type { Service } from '../../src/model/stack.ts'
import { job, release, service } from '../support/builders.ts'
import { type Lab, lab, pass, running } from './lab.ts'
import { rollOut } from './preview.ts'

const web = (version: number, parts: Parameters<typeof service>[0] = {}): Service =>
  service({ image: `web:${version}`, ...parts })

/** A stack that runs the given services and is at rest. */
function settled(...services: Service[]): Lab {
  const l = lab()
  rollOut(l, release(services))
  return l
}

/** Slots of web that are replaced side by side. */
function replaced(slots: number[], change: string): string[] {
  const each = (line: (slot: number) => string) => slots.map(line)
  return [
    ...each((n) => `create web.${n}: ${change}`),
    ...each((n) => `start web.${n}: beside shop-web-${n}-#-1, which serves until this one is ready`),
    ...each((n) => `promote web.${n}: healthy for 3 s without a break`),
    ...each((n) => `drain web.${n}: shop-web-${n}-#-1 is ready in its place`),
    ...each((n) => `stop web.${n}: shop-web-${n}-#-1 is ready in its place`),
  ]
}

const CLEANED = (slots: number[]) => slots.map((n) => `remove web.${n}: no release that is kept needs it`)
const MARK = 'mark-stable mark: the release is stable'

/** Watches how many replicas were ready at worst, and up at most, from now on. */
function extremes(l: Lab): { ready: number; up: number } {
  const seen = { ready: Number.POSITIVE_INFINITY, up: 0 }
  l.check = () => {
    const replicas = l.world.containers.filter((c) => c.service === 'web')
    seen.ready = Math.min(seen.ready, replicas.filter((c) => isReady(c, l.record)).length)
    seen.up = Math.max(seen.up, replicas.filter((c) => c.state === 'running').length)
  }
  return seen
}

function ids(l: Lab, name: string): string[] {
  return l.world.containers.filter((c) => c.service === name && c.state === 'running').map((c) => c.id)
}

describe('a first release', () => {
  it('brings network, containers and promotion, then the stable mark', () => {
    expect(rollOut(lab(), release([web(1, { replicas: 2 })]))).toEqual([
      'create-network shop_default: the stack uses it',
      'create web.1: new service',
      'create web.2: new service',
      'start web.1: nothing else runs in its slot',
      'start web.2: nothing else runs in its slot',
      'promote web.1: healthy for 3 s without a break',
      'promote web.2: healthy for 3 s without a break',
      MARK,
    ])
  })
})

describe('an update', () => {
  it('R1 of three replicas start-first replaces one after the other, and one is never missing', () => {
    const l = settled(web(1, { replicas: 3 }))
    const seen = extremes(l)
    expect(rollOut(l, release([web(2, { replicas: 3 })]))).toEqual([
      ...replaced([1], 'image web:1 → web:2'),
      ...replaced([2], 'image web:1 → web:2'),
      ...replaced([3], 'image web:1 → web:2'),
      MARK,
    ])
    expect(seen).toEqual({ ready: 3, up: 4 })
  })

  it('R3 with parallelism 2 of 5 has two slots in flux, never three', () => {
    const parts = { replicas: 5, update: { parallelism: 2 } }
    const l = settled(web(1, parts))
    const seen = extremes(l)
    expect(rollOut(l, release([web(2, parts)]))).toEqual([
      ...replaced([1, 2], 'image web:1 → web:2'),
      ...replaced([3, 4], 'image web:1 → web:2'),
      ...replaced([5], 'image web:1 → web:2'),
      MARK,
    ])
    expect(seen).toEqual({ ready: 5, up: 7 })
  })

  it('R4 with parallelism 0 replaces all at once', () => {
    const parts = { replicas: 5, update: { parallelism: 0 } }
    const l = settled(web(1, parts))
    const seen = extremes(l)
    expect(rollOut(l, release([web(2, parts)]))).toEqual([...replaced([1, 2, 3, 4, 5], 'image web:1 → web:2'), MARK])
    expect(seen).toEqual({ ready: 5, up: 10 })
  })

  it('R20 stop-first says that there is a brief downtime, and why', () => {
    const parts = {
      publish: [{ address: '', published: 80, target: 80, protocol: 'tcp' as const }],
      update: { order: 'stop-first' as const, because: 'publishes port 80 on the host' },
    }
    expect(rollOut(settled(web(1, parts)), release([web(2, parts)]))).toEqual([
      'create web.1: image web:1 → web:2',
      'drain web.1: brief downtime: web publishes port 80 on the host',
      'stop web.1: brief downtime: web publishes port 80 on the host',
      'start web.1: nothing else runs in its slot',
      'promote web.1: healthy for 3 s without a break',
      MARK,
    ])
  })

  it('names the settings that changed, not their values, which may be secret', () => {
    const lines = rollOut(settled(web(1)), release([web(1, { container: { environment: { KEY: 's3cret' } } })]))
    expect(lines[0]).toBe('create web.1: environment changed')
    expect(lines.join()).not.toContain('s3cret')
  })

  it('keeps the stopped containers of one release back, and no older ones', () => {
    const l = settled(web(1))
    rollOut(l, release([web(2)]))
    expect(rollOut(l, release([web(3)])).slice(-2)).toEqual([MARK, ...CLEANED([1])])
    expect(l.world.containers.map(({ image, state }) => `${image} ${state}`).sort()).toEqual([
      'web:2 exited',
      'web:3 running',
    ])
  })
})

describe('scaling', () => {
  it('R10 up, with a new image: the empty slots do not wait for each other, the others are replaced as always', () => {
    expect(rollOut(settled(web(1, { replicas: 1 })), release([web(2, { replicas: 3 })]))).toEqual([
      'create web.2: replicas 1 → 3',
      'create web.3: replicas 1 → 3',
      'start web.2: nothing else runs in its slot',
      'start web.3: nothing else runs in its slot',
      'promote web.2: healthy for 3 s without a break',
      'promote web.3: healthy for 3 s without a break',
      ...replaced([1], 'image web:1 → web:2'),
      MARK,
    ])
  })

  it('R10 down, with a new image: surplus replicas go only when the release is stable', () => {
    expect(rollOut(settled(web(1, { replicas: 3 })), release([web(2, { replicas: 1 })]))).toEqual([
      ...replaced([1], 'image web:1 → web:2'),
      MARK,
      'drain web.2: no release that is kept needs it',
      'drain web.3: no release that is kept needs it',
      'stop web.2: no release that is kept needs it',
      'stop web.3: no release that is kept needs it',
    ])
  })

  it('R11 to zero and back: stopped, kept, and started again', () => {
    const l = settled(web(1, { replicas: 2 }))
    expect(rollOut(l, release([web(1, { replicas: 0 })]))).toEqual([
      MARK,
      'drain web.1: no release that is kept needs it',
      'drain web.2: no release that is kept needs it',
      'stop web.1: no release that is kept needs it',
      'stop web.2: no release that is kept needs it',
    ])
    expect(running(l)).toEqual([])
    expect(rollOut(l, release([web(1, { replicas: 2 })]))).toEqual([
      'start web.1: it was kept for this',
      'start web.2: it was kept for this',
      'promote web.1: healthy for 3 s without a break',
      'promote web.2: healthy for 3 s without a break',
      MARK,
    ])
  })

  it('R14 a new update policy restarts nothing; a new restart policy is set on what runs', () => {
    const l = settled(web(1, { replicas: 2 }))
    const before = ids(l, 'web')
    expect(rollOut(l, release([web(1, { replicas: 2, update: { parallelism: 2, monitorMs: 9_000 } })]))).toEqual([MARK])
    expect(rollOut(l, release([web(1, { replicas: 3 })]))).toEqual([
      'create web.3: replicas 2 → 3',
      'start web.3: nothing else runs in its slot',
      'promote web.3: healthy for 3 s without a break',
      MARK,
    ])
    expect(rollOut(l, release([web(1, { replicas: 3, restart: 'always' })]))).toEqual([
      'promote web.1: its restart policy changed',
      'promote web.2: its restart policy changed',
      'promote web.3: its restart policy changed',
      MARK,
    ])
    expect(ids(l, 'web').slice(0, 2)).toEqual(before)
  })
})

describe('services that depend on each other', () => {
  const db = service({ name: 'db', image: 'db:1' })
  const migrate = (n: number) => job({ image: `migrate:${n}`, dependsOn: { db: 'healthy' } })
  const app = (name: string, n: number) =>
    service({ name, image: `${name}:${n}`, dependsOn: { migrate: 'completed', db: 'healthy' } })

  it('R13 come in order: the database, the job to its end, then who waits for both', () => {
    expect(rollOut(lab(), release([app('web', 1), migrate(1), db]))).toEqual([
      'create-network shop_default: the stack uses it',
      'create db.1: new service',
      'start db.1: nothing else runs in its slot',
      'promote db.1: healthy for 3 s without a break',
      'create migrate.1: new service',
      'start migrate.1: nothing else runs in its slot',
      'create web.1: new service',
      'start web.1: nothing else runs in its slot',
      'promote web.1: healthy for 3 s without a break',
      MARK,
    ])
  })

  it('R13 a job runs again only when it changed', () => {
    const l = settled(db, migrate(1), app('web', 1))
    expect(rollOut(l, release([db, migrate(1), app('web', 2)])).filter((line) => line.includes('migrate'))).toEqual([])
    expect(rollOut(l, release([db, migrate(2), app('web', 2)]))).toEqual([
      'create migrate.1: image migrate:1 → migrate:2',
      'start migrate.1: nothing else runs in its slot',
      MARK,
      'remove web.1: no release that is kept needs it',
    ])
  })

  it('R13 one added, renamed or removed leaves the others alone', () => {
    const l = settled(db, migrate(1), app('web', 1))
    const before = ids(l, 'db')
    expect(rollOut(l, release([db, migrate(1), app('web', 1), app('api', 1)]))).toEqual([
      'create api.1: new service',
      'start api.1: nothing else runs in its slot',
      'promote api.1: healthy for 3 s without a break',
      MARK,
    ])
    expect(rollOut(l, release([db, migrate(1), app('web', 1), app('shopfront', 1)]))).toEqual([
      'create shopfront.1: new service',
      'start shopfront.1: nothing else runs in its slot',
      'promote shopfront.1: healthy for 3 s without a break',
      MARK,
      'drain api.1: no release that is kept needs it',
      'stop api.1: no release that is kept needs it',
    ])
    expect(rollOut(l, release([db, migrate(1), app('web', 1)]))).toEqual([
      MARK,
      'remove api.1: no release that is kept needs it',
      'drain shopfront.1: no release that is kept needs it',
      'stop shopfront.1: no release that is kept needs it',
    ])
    expect(ids(l, 'db')).toEqual(before)
  })

  it('R13 volumes stay when the service that wrote to them goes', () => {
    const mounts = [{ kind: 'volume' as const, volume: 'shop_data', target: '/data', readOnly: false }]
    const store = service({ name: 'store', image: 'store:1', container: { mounts } })
    const l = lab()
    rollOut(l, release([web(1), store], { volumes: { shop_data: { external: false } } }))
    rollOut(l, release([web(1)]))
    rollOut(l, release([web(2)]))
    expect(running(l)).toEqual(['web.1 web:2'])
    expect([...l.world.volumes.keys()]).toEqual(['shop_data'])
  })
})

describe('at rest', () => {
  it('R21 a pass takes no step and asks for no other look', () => {
    const l = settled(web(1, { replicas: 2 }))
    expect(pass(l)).toMatchObject({ steps: [], wakeInMs: null, status: { sync: 'Synced', health: 'Healthy' } })
  })
})
