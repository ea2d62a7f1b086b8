import { describe, expect, it } from 'vitest'
import { pause } from '../../src/decide/requests.ts'
import { advance } from '../../src/decide/simulation/advance.ts'
import { emptyTraffic } from '../../src/decide/simulation/world.ts'
import type { Service } from '../../src/model/stack.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, run, settle } from './lab.ts'
import { preview, rollOut } from './preview.ts'

const PORT = { address: '', published: 8080, target: 80, protocol: 'tcp' as const }
const CHECKED = 'healthy for 3 s without a break'
const TAKES = 'takes requests at 8080 and is found as web'

const web = (version: number, parts: Parameters<typeof service>[0] = {}): Service =>
  service({ image: `web:${version}`, publish: [PORT], ...parts })

/** A target with a gateway and names. */
function gated(): Lab {
  const l = lab()
  l.world.traffic = emptyTraffic()
  return l
}

/** A stack that runs the given services there, and is at rest. */
function settled(...services: Service[]): Lab {
  const l = gated()
  rollOut(l, release(services))
  return l
}

const traffic = (l: Lab) => l.world.traffic ?? emptyTraffic()
/** By container that is listed: where its requests go, and how it is found. */
const listed = (l: Lab) =>
  [...traffic(l).listed]
    .map(([name, { requests, names }]) => {
      const places = Object.entries(requests).map(([entry, { port }]) => `${entry}→${port}`)
      return [name.replace(/-[0-9a-f]{8}-/, '-#-'), ...places, ...Object.keys(names)].join(' ')
    })
    .sort()
const entries = (l: Lab) => (traffic(l).entries.get('shop') ?? []).map(({ name }) => name)
/** The kinds of the steps of one replica, one after the other. */
const kinds = (l: Lab, slot: string) => l.steps.filter(({ resource }) => resource === slot).map(({ kind }) => kind)

describe('a first release', () => {
  it('runs what it needs of gateway and names, opens its ports, and admits replicas when they proved themselves', () => {
    expect(rollOut(gated(), release([web(1)]))).toEqual([
      'create-network shop_default: the stack uses it',
      'run-gateway gateway: it takes the requests to published ports',
      'run-names names: only replicas that are ready are found by name',
      'join-names shop_default: its containers ask for names there',
      'expose gateway: takes requests at 8080',
      'create web.1: new service',
      'start web.1: nothing else runs in its slot',
      `promote web.1: ${CHECKED}`,
      `admit web.1: ${TAKES}`,
      'mark-stable mark: the release is stable',
    ])
  })

  it('needs no gateway where nothing is published, and no names where the engine answers for itself', () => {
    const internal = { shop_default: { external: false, internal: true } }
    const l = gated()
    rollOut(l, release([service({ publish: [] })], { networks: internal }))
    expect([traffic(l).gateway, traffic(l).names]).toEqual([false, false])
  })
})

describe('an update', () => {
  it('of a service with a published port begins the new replica first, and lets the old one go when it is reached', () => {
    const l = settled(web(1))
    l.steps = []
    rollOut(l, release([web(2)]))
    expect(lines(l.steps)).toEqual([
      'create web.1: image web:1 → web:2',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
      `promote web.1: ${CHECKED}`,
      `admit web.1: ${TAKES}`,
      'drain web.1: shop-web-1-#-1 is ready in its place',
      'stop web.1: shop-web-1-#-1 is ready in its place',
      'mark-stable mark: the release is stable',
    ])
    expect(listed(l)).toEqual(['shop-web-1-#-1 8080→80 shop_default'])
  })

  it('never leaves the port without a replica that was reached', () => {
    const l = settled(web(1, { replicas: 2 }))
    let least = Number.POSITIVE_INFINITY
    l.check = () => {
      least = Math.min(least, listed(l).length)
    }
    rollOut(l, release([web(2, { replicas: 2 })]))
    expect(least).toBe(2)
  })

  it('lets the new replica warm up for two seconds, in which both serve', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]))
    const drainedAt = timeOf(l, 'drain')
    expect(drainedAt - (timesOf.get(l)?.get('admit') ?? 0)).toBe(2_000)
  })

  it('does so too when the rollout is paused in between: what was begun is finished', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]))
    runUntil(l, () => l.steps.at(-1)?.kind === 'admit')
    l.record = pause(l.record)
    run(l, 60_000)
    expect(kinds(l, 'web.1').slice(-3)).toEqual(['admit', 'drain', 'stop'])
  })

  it('waits for no such thing where the old replica serves nobody', () => {
    const order = { order: 'stop-first', because: 'writes to volume data' } as const
    const l = settled(web(1, { update: order }))
    commit(l, release([web(2, { update: order })]))
    const stableAt = timeOf(l, 'mark-stable')
    expect(stableAt - (timesOf.get(l)?.get('admit') ?? 0)).toBe(3_000)
  })

  it('lets a replica finish what it is busy with', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]), { 'web:1': { busyMs: 12_000 } })
    const stoppedAt = timeOf(l, 'stop')
    expect(stoppedAt - (timesOf.get(l)?.get('drain') ?? 0)).toBeGreaterThanOrEqual(12_000)
    expect(lines(l.steps).filter((line) => line.includes('cut off'))).toEqual([])
  })

  it('cuts it off at the limit, and says so', () => {
    const l = settled(web(1, { drainMs: 5_000 }))
    commit(l, release([web(2)]), { 'web:1': { busyMs: 3_600_000 } })
    settle(l)
    expect(lines(l.steps)).toContain('stop web.1: shop-web-1-#-1 is ready in its place; 1 request is cut off after 5 s')
  })

  it('gives those who looked its name up before two seconds', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]))
    const stoppedAt = timeOf(l, 'stop')
    expect(stoppedAt - (timesOf.get(l)?.get('drain') ?? 0)).toBeGreaterThanOrEqual(2_000)
  })

  it('counts these from the look that shows it out, and not from when that was begun', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]))
    let drainedAt = 0
    const isDrained = () => drainedAt > 0
    while (!isDrained()) {
      const { wakeInMs } = pass(l, ({ kind }) => {
        if (kind === 'drain') drainedAt = advanced(l, 3_000)
        return true
      })
      if (!isDrained()) advanced(l, wakeInMs ?? 0)
    }
    expect(timeOf(l, 'stop') - drainedAt).toBeGreaterThanOrEqual(2_000)
  })

  it('that is taken back while the old replica leaves uses that one on', () => {
    const l = settled(web(1))
    const first = release([web(1)])
    commit(l, release([web(2)]), { 'web:1': { busyMs: 20_000 } })
    runUntil(l, () => l.steps.at(-1)?.kind === 'drain')
    run(l, 1_000)
    commit(l, first)
    settle(l)
    expect(listed(l)).toEqual(['shop-web-1-#-1 8080→80 shop_default'])
    expect(l.world.containers.filter((c) => c.state === 'running').map((c) => c.image)).toEqual(['web:1'])
    expect(l.world.containers.filter((c) => c.image === 'web:1').length).toBe(1)
  })

  it('that fails before it was admitted never gets a request', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]), { 'web:2': { exit: { afterMs: 100, code: 1 } } })
    const seen = new Set<string>()
    l.check = () => {
      for (const name of traffic(l).listed.keys()) seen.add(name)
    }
    settle(l)
    expect(seen.size).toBe(1)
    expect(l.last?.status.sync).toBe('RolledBack')
  })

  it('whose replica listens somewhere else fails, while the old one serves on', () => {
    const l = settled(web(1))
    commit(l, release([web(2)]), { 'web:2': { deaf: true } })
    settle(l)
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(l.last?.status.message).toContain('nothing answers at its port 80')
    expect(listed(l)).toEqual(['shop-web-1-#-1 8080→80 shop_default'])
    expect(kinds(l, 'web.1').filter((kind) => kind === 'stop').length).toBe(1)
  })

  it('of the port in the container sends each replica its requests where it listens', () => {
    const l = settled(web(1))
    let seen: string[] = []
    l.check = () => {
      if (listed(l).length === 2) seen = listed(l)
    }
    rollOut(l, release([web(2, { publish: [{ ...PORT, target: 81 }] })]))
    expect(seen.map((line) => line.split(' ')[1]).sort()).toEqual(['8080→80', '8080→81'])
  })

  it('of the port of the host keeps the old one open until the last replica that serves it is gone', () => {
    const l = settled(web(1))
    const missing: string[] = []
    l.check = () => {
      for (const { requests } of traffic(l).listed.values())
        for (const entry of Object.keys(requests)) if (!entries(l).includes(entry)) missing.push(entry)
    }
    rollOut(l, release([web(1, { publish: [{ ...PORT, published: 9090 }] })]))
    expect(entries(l)).toEqual(['9090'])
    expect(missing).toEqual([])
  })

  it('that must stop the old replica first takes it out of the traffic before', () => {
    const l = settled(web(1, { update: { order: 'stop-first', because: 'writes to volume data' } }))
    l.steps = []
    rollOut(l, release([web(2, { update: { order: 'stop-first', because: 'writes to volume data' } })]))
    expect(kinds(l, 'web.1')).toEqual(['create', 'drain', 'stop', 'start', 'promote', 'admit'])
  })
})

describe('whoever publishes a port', () => {
  it('may change: a port that a container held goes over to the gateway with that replica alone', () => {
    const l = lab()
    rollOut(l, release([web(1), service({ name: 'db', image: 'db:1', publish: [] })]))
    const db = l.world.containers.find((c) => c.service === 'db')?.id
    l.world.traffic = emptyTraffic()
    l.steps = []
    settle(l)
    expect(entries(l)).toEqual(['8080'])
    expect(listed(l)).toEqual(['shop-web-1-#-2 8080→80 shop_default'])
    expect(l.world.containers.find((c) => c.service === 'db')?.id).toBe(db)
    expect(kinds(l, 'web.1').slice(0, 3)).toEqual(['create', 'start', 'promote'])
  })

  it('is the container itself where there is no gateway, for UDP, and where no address is kept', () => {
    const l = settled(
      web(1, { publish: [PORT, { ...PORT, protocol: 'udp' }] }),
      service({ name: 'api', image: 'api:1', publish: [{ ...PORT, published: 8081 }], container: { networks: [] } }),
    )
    const own = l.world.containers.map((c) => [
      c.service,
      c.publish.map((port) => `${port.published}/${port.protocol}`),
    ])
    expect(Object.fromEntries(own)).toEqual({ web: ['8080/udp'], api: ['8081/tcp'] })
    expect(entries(l)).toEqual(['8080'])
  })

  it('is known before the network is there: one too small to be shared leaves its containers to themselves', () => {
    const small = { shop_default: { external: false, internal: false, subnet: { subnet: '10.9.8.0/29' } } }
    const l = gated()
    rollOut(l, release([web(1)], { networks: small }))
    expect([traffic(l).gateway, entries(l)]).toEqual([false, []])
    expect(l.world.containers.map(({ publish }) => publish.length)).toEqual([1])
  })

  it('several replicas share a port only through the gateway', () => {
    const made = release([web(1, { replicas: 3 })])
    const alone = lab()
    commit(alone, made)
    run(alone, 30_000)
    expect(alone.last?.status.sync).toBe('Blocked')
    expect(alone.last?.status.message).toContain('web has 3 replicas, and only one can hold port 8080/tcp of the host')
    const l = gated()
    rollOut(l, made)
    expect(listed(l).length).toBe(3)
  })

  it('another stack, or another container, is never pushed out', () => {
    const l = gated()
    traffic(l).gateway = true
    traffic(l).entries.set('blog', [
      { name: '8080', service: 'blog', at: { kind: 'port', address: '', port: 8080 }, speaks: 'auto' },
    ])
    commit(l, release([web(1)]))
    run(l, 30_000)
    expect(l.last?.status.message).toContain('the stack blog takes the requests to 8080, which web asks for')
    expect(traffic(l).entries.get('shop') ?? []).toEqual([])
  })
})

describe('what leads to replicas', () => {
  it('is taken from one that is sick at once, and given back when it is well', () => {
    const l = settled(web(1, { replicas: 2 }))
    const sick = l.world.containers.find((c) => c.slot === 1)
    l.world.behaviours.set('web:1', { healthyAfterMs: 500 })
    if (sick) Object.assign(sick, { upSinceMs: l.world.nowMs, health: 'starting' })
    pass(l)
    expect(listed(l).length).toBe(1)
    advance(l.world, 1_000)
    settle(l)
    expect(listed(l).length).toBe(2)
  })

  it('goes with a replica that somebody removed, and comes back with the next', () => {
    const l = settled(web(1))
    l.world.containers = []
    settle(l)
    expect(listed(l).length).toBe(1)
    const [only] = traffic(l).listed.keys()
    expect(l.world.containers.map((c) => c.name)).toContain(only)
  })

  it('comes back as it was when gateway and names were removed', () => {
    const l = settled(web(1), service({ name: 'db', image: 'db:1', publish: [] }))
    const before = JSON.stringify([...traffic(l).listed])
    const address = traffic(l).joined.get('shop_default')
    const ids = l.world.containers.map((c) => c.id)
    l.world.traffic = emptyTraffic()
    settle(l)
    expect(JSON.stringify([...traffic(l).listed].sort())).toBe(JSON.stringify(JSON.parse(before).sort()))
    expect(traffic(l).joined.get('shop_default')).toBe(address)
    expect(entries(l)).toEqual(['8080'])
    expect(l.world.containers.map((c) => c.id)).toEqual(ids)
  })

  it('does not change by turns while a release with other ports waits, and a replica is put back meanwhile', () => {
    const l = settled(web(1))
    l.waitsFor = 'waits for the stack db'
    commit(l, release([web(2), service({ name: 'db', image: 'db:1', publish: [{ ...PORT, published: 5432 }] })]))
    l.world.containers = []
    run(l, 60_000)
    expect(l.steps.filter(({ kind }) => kind === 'expose').length).toBe(1)
    expect([entries(l), listed(l).length]).toEqual([['8080'], 1])
  })

  it('ends with the stack: its ports are closed after its last replica', () => {
    const l = settled(web(1))
    l.gone = true
    l.latest = null
    l.check = () => {
      const isUp = l.world.containers.some((c) => c.state === 'running')
      if (isUp) expect(entries(l)).toEqual(['8080'])
    }
    settle(l)
    expect([entries(l), listed(l), [...traffic(l).joined.keys()]]).toEqual([[], [], []])
    expect(l.world.containers).toEqual([])
  })

  it('is not told as healthy while a replica that has to go is still busy', () => {
    const l = settled(web(1))
    commit(l, release([web(1, { replicas: 0 })]), { 'web:1': { busyMs: 20_000 } })
    run(l, 15_000)
    expect(l.last?.status.health).toBe('Progressing')
    settle(l)
    expect([l.last?.status.health, l.world.containers.filter((c) => c.state === 'running')]).toEqual(['Healthy', []])
  })

  it('leads to nobody at all when there are to be no replicas, and the port stays open', () => {
    const l = settled(web(1))
    rollOut(l, release([web(1, { replicas: 0 })]))
    expect([entries(l), listed(l)]).toEqual([['8080'], []])
  })
})

describe('names', () => {
  const dbAndWeb = (parts: Parameters<typeof service>[0] = {}) => [
    web(1),
    service({
      name: 'db',
      image: 'db:1',
      container: { networks: [{ network: 'shop_default', aliases: ['db', 'sql'] }] },
      ...parts,
    }),
  ]

  it('are asked at one address in each network, by services and jobs alike, and the engine knows none of them', () => {
    const l = settled(...dbAndWeb())
    const asked = l.world.containers.map(({ lookups, attached }) => [
      lookups?.resolvers,
      lookups?.gated,
      attached['shop_default']?.aliases,
    ])
    const address = traffic(l).joined.get('shop_default')
    expect(asked).toEqual([
      [[address], ['shop_default'], []],
      [[address], ['shop_default'], []],
    ])
  })

  it('stay the engine’s where one who was there before could not be told otherwise', () => {
    const l = lab()
    rollOut(l, release(dbAndWeb()))
    l.world.traffic = emptyTraffic()
    settle(l)
    rollOut(l, release([web(2), ...dbAndWeb().slice(1)]))
    const newest = l.world.containers.findLast((c) => c.service === 'web')
    // db, which was made before, asks the engine only.
    expect(newest?.attached['shop_default']?.aliases).toEqual(['web'])
    expect(newest?.lookups?.gated).toEqual([])
  })

  it('stay the engine’s where a service has name servers of its own', () => {
    const l = settled(...dbAndWeb({ container: { dns: ['10.0.0.53'] } }))
    expect(traffic(l).joined.size).toBe(0)
    expect(l.world.containers.every(({ lookups }) => lookups === undefined)).toBe(true)
  })

  it('that stay the engine’s, and ports that stay the containers’, are told in the plan', () => {
    const l = gated()
    const ports = [PORT, { ...PORT, published: 53, protocol: 'udp' as const }]
    commit(l, release([web(1, { publish: ports, container: { dns: ['10.0.0.53'] } })]))
    expect(preview(l).notes).toEqual(
      expect.arrayContaining([
        "names in the network shop_default are the engine's own, ready or not: web has name servers of its own",
        'web publishes 53/udp by itself, not through the gateway',
      ]),
    )
  })

  it('are asked in three networks at most; a fourth stays the engine’s', () => {
    const all = ['shop_a', 'shop_b', 'shop_c', 'shop_d']
    const networks = Object.fromEntries(all.map((name) => [name, { external: false, internal: false }]))
    const joined = all.map((network) => ({ network, aliases: ['web'] }))
    const l = gated()
    rollOut(l, release([web(1, { container: { networks: joined } })], { networks }))
    expect([...traffic(l).joined.keys()].sort()).toEqual(all.slice(0, 3))
    expect(l.world.containers[0]?.attached['shop_d']?.aliases).toEqual(['web'])
  })
})

/** When the last step of each kind was taken. */
const timesOf = new WeakMap<Lab, Map<string, number>>()

function timeOf(l: Lab, kind: string): number {
  const times = new Map<string, number>()
  timesOf.set(l, times)
  l.check = () => {
    const last = l.steps.at(-1)
    if (last && !times.has(last.kind)) times.set(last.kind, l.world.nowMs)
  }
  l.steps = []
  settle(l)
  return times.get(kind) ?? 0
}

function runUntil(l: Lab, condition: () => boolean): void {
  for (let n = 0; n < 1_000 && !condition(); n += 1) {
    const { steps, wakeInMs } = pass(l)
    if (steps.length === 0) run(l, Math.max(1, wakeInMs ?? 1))
  }
  expect(condition()).toBe(true)
}

/** Lets the time pass; what time it is then. */
function advanced(l: Lab, ms: number): number {
  advance(l.world, ms)
  return l.world.nowMs
}
