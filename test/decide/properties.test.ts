import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isReady } from '../../src/decide/match.ts'
import { cancel, pause, resume, rollingOut, suspend, takeDown } from '../../src/decide/requests.ts'
import { advance, end } from '../../src/decide/simulation/advance.ts'
import { type Behaviour, emptyTraffic, type SimulatedContainer } from '../../src/decide/simulation/world.ts'
import { EMPTY_IMAGE } from '../../src/model/fields.ts'
import type { StackRecord } from '../../src/model/record.ts'
import type { Release } from '../../src/model/release.ts'
import type { Step } from '../../src/model/steps.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, pass, restart, run, settle } from './lab.ts'

/** CI sets it to 10,000. */
const RUNS = Number(process.env.HOLDFAST_PROPERTY_RUNS ?? 500)

/** What an image does, known from its name, so that a release that became stable stays good. */
const GOOD: Behaviour[] = [{}, { healthyAfterMs: 0, busyMs: 40_000 }, { healthyAfterMs: 3_500, busyMs: 6_000 }]
const BAD: Behaviour[] = [
  { exit: { afterMs: 0, code: 1 } },
  { exit: { afterMs: 2_500, code: 0 } },
  { healthyAfterMs: null },
  { unhealthyAfterMs: 2_000 },
  { refuses: 'exec: "serve": executable file not found' },
  { pull: 'missing' },
]
/** Proves healthy first and breaks before the release is stable: availability cannot be promised against it. */
const LATE: Behaviour[] = [{ unhealthyAfterMs: 5_000 }, { exit: { afterMs: 4_500, code: 2 } }]

interface Shape {
  version: number
  replicas: number
  parallelism: number
  order: 'start-first' | 'stop-first'
  withJob: boolean
  withDb: boolean
  dbVersion: number
  withHooks: boolean
}

type Hand = 'remove' | 'stop' | 'pause' | 'start' | 'limit' | 'cut off' | 'forge' | 'gateway'

type Event =
  | { kind: 'commit'; shape: Shape }
  | { kind: 'pass' }
  | { kind: 'run'; ms: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'kill'; beforeStep: number }
  | { kind: 'hand'; what: Hand; index: number }
  | { kind: 'other-stack'; isThere: boolean }
  | { kind: 'person'; asks: 'suspend' | 'pause' | 'resume' | 'cancel' | 'down' }

const shape: fc.Arbitrary<Shape> = fc.record({
  version: fc.oneof(
    fc.integer({ min: 0, max: GOOD.length - 1 }),
    fc.integer({ min: 0, max: GOOD.length + BAD.length + LATE.length - 1 }),
  ),
  replicas: fc.constantFrom(0, 1, 2, 3, 4),
  parallelism: fc.constantFrom(1, 1, 2, 0),
  order: fc.constantFrom('start-first', 'start-first', 'start-first', 'stop-first'),
  withJob: fc.boolean(),
  withDb: fc.boolean(),
  dbVersion: fc.integer({ min: 0, max: 3 }),
  withHooks: fc.boolean(),
})
/** Ids of commits are drawn with a bias to good ones, or hardly anything would ever become stable. */
const calm = (most: number): fc.Arbitrary<Event>[] => [
  fc.record({ kind: fc.constant('commit' as const), shape: shape.map((s) => ({ ...s, version: s.version % most })) }),
  fc.constant({ kind: 'pass' as const }),
  fc.record({ kind: fc.constant('run' as const), ms: fc.constantFrom(500, 5_000, 60_000) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
  fc.record({ kind: fc.constant('kill' as const), beforeStep: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('other-stack' as const), isThere: fc.boolean() }),
  fc.record({
    kind: fc.constant('person' as const),
    asks: fc.constantFrom('suspend', 'pause', 'pause', 'resume', 'resume', 'resume', 'cancel', 'down'),
  }),
]
const hand: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('hand' as const),
  what: fc.constantFrom('remove', 'stop', 'pause', 'start', 'limit', 'cut off', 'forge', 'gateway'),
  index: fc.nat(30),
})
const ALL = GOOD.length + BAD.length + LATE.length
const undisturbed = fc.array(fc.oneof(...calm(GOOD.length + BAD.length)), { minLength: 5, maxLength: 60 })
const anything = fc.array(fc.oneof(...calm(ALL), hand), { minLength: 5, maxLength: 60 })

const BEHAVIOURS = [...GOOD, ...BAD, ...LATE]

/** `gated`: the target has a gateway, through which several replicas can share a port. */
function releaseOf(s: Shape, gated: boolean): Release {
  const name = BEHAVIOURS[s.version]?.pull === 'missing' ? [`web:${s.version}`] : []
  const db = service({
    name: 'db',
    image: `db:${s.dbVersion % 2}`,
    publish: [{ address: '', published: 5432, target: 5432, protocol: 'tcp' }],
    update: { order: 'stop-first', because: 'publishes port 5432 on the host' },
  })
  const migrate = job({ image: `migrate:${s.version}` })
  const web = service({
    image: `web:${s.version}`,
    replicas: s.replicas,
    publish: gated ? [{ address: '', published: 8080, target: 80 + (s.version % 2), protocol: 'tcp' }] : [],
    update: { order: s.order, parallelism: s.parallelism },
    dependsOn: {
      ...(s.withDb ? { db: 'healthy' as const } : {}),
      ...(s.withJob ? { migrate: 'completed' as const } : {}),
    },
  })
  const backup = job({ name: 'backup', image: 'backup', hook: 'pre-deploy', always: true })
  const smoke = job({ name: 'smoke', image: 'smoke', hook: 'post-deploy', always: true })
  const jobs = [...(s.withJob ? [migrate] : []), ...(s.withHooks ? [backup, smoke] : [])]
  return release([web, ...(s.withDb ? [db] : []), ...jobs], { missing: name })
}

function play(lab: Lab, event: Event, releases: Release[]): void {
  if (event.kind === 'commit') {
    const made = releaseOf(event.shape, lab.world.traffic !== null)
    releases.push(made)
    commit(lab, made, { [`web:${event.shape.version}`]: BEHAVIOURS[event.shape.version] ?? {} })
    pass(lab)
  } else if (event.kind === 'pass') pass(lab)
  else if (event.kind === 'run') run(lab, event.ms)
  else if (event.kind === 'wait') advance(lab.world, event.ms)
  else if (event.kind === 'kill') {
    let left = event.beforeStep
    pass(lab, () => left-- > 0)
    restart(lab)
  } else if (event.kind === 'person') lab.record = asked(lab.record, event.asks)
  else if (event.kind === 'other-stack') lab.waitsFor = event.isThere ? null : 'waits for the stack db'
  else meddle(lab, event)
}

/** As the requests do: what makes no sense now is refused. */
function asked(record: StackRecord, asks: (Event & { kind: 'person' })['asks']): StackRecord {
  if (asks === 'suspend') return record.down ? record : suspend(record)
  if (asks === 'resume') return resume(record)
  if (asks === 'down') return takeDown(record, {})
  if (record.suspended || rollingOut(record) === null) return record
  return asks === 'pause' ? pause(record) : cancel(record, 'a person cancelled its rollout')
}

/** Whoever holds the stack lets it go, what it waits for is there, and it settles. */
function letSettle(l: Lab): void {
  l.waitsFor = null
  l.record = resume(l.record)
  settle(l)
}

function meddle({ world }: Lab, { what, index }: Event & { kind: 'hand' }): void {
  const container = world.containers[index % Math.max(1, world.containers.length)]
  if (what === 'gateway' && world.traffic) world.traffic = emptyTraffic()
  if (!container) return
  if (what === 'remove') world.containers = world.containers.filter((c) => c !== container)
  else if (what === 'stop' && container.state === 'running') end(world, container, 137, 'was stopped by hand')
  else if (what === 'pause' && container.state === 'running') container.state = 'paused'
  else if (what === 'limit') container.fields = { ...container.fields, pids: '9' }
  else if (what === 'cut off') container.attached = {}
  else if (what === 'forge') {
    // Never the same again: what differs in the same way after a replacement is taken for the engine's doing.
    world.serial += 1
    container.fields = { ...container.fields, environment: { [`FORGED_${world.serial}`]: '1' } }
  } else if (what === 'start' && container.state === 'exited') {
    world.serial += 1
    Object.assign(container, { state: 'running', startedAt: `hand-${world.serial}`, upSinceMs: world.nowMs })
  }
}

const up = (c: SimulatedContainer) => c.state === 'running' || c.state === 'paused' || c.state === 'restarting'
const web = (l: Lab) =>
  l.world.containers.filter((c) => c.stack === 'shop' && c.service === 'web' && c.role === 'service')
const replicasOf = (r: Release) => r.stack.services['web']?.replicas ?? 0
const parallelismOf = (r: Release) => r.stack.services['web']?.update.parallelism || replicasOf(r)

/** Every other target has a gateway. */
function begun(events: Event[]): Lab {
  const l = lab()
  if (events.length % 2 === 0) l.world.traffic = emptyTraffic()
  return l
}

/** Plays the events and calls `check` after every step and event. */
function playAll(events: Event[], check: (l: Lab, releases: Release[]) => void): Lab {
  const l = begun(events)
  l.world.behaviours.set('backup', { exit: { afterMs: 4_000, code: 0 } })
  const releases: Release[] = []
  l.check = () => check(l, releases)
  for (const event of events) {
    play(l, event, releases)
    l.check()
  }
  return l
}

/** Follows which releases may be running since all was well last, the stable one among them; null before that. */
function releasesInPlay(): (l: Lab) => Release[] | null {
  let inPlay = new Set<Release>()
  let begun = false
  return (l) => {
    // Nothing is promised of what a person took down, until all of it is back.
    if (l.record.down) begun = false
    const stable = l.record.stable === null ? undefined : l.releases.get(l.record.stable)
    if (stable && l.record.rollout === null && l.last?.status.health === 'Healthy' && l.last.steps.length === 0) {
      inPlay = new Set([stable])
      begun = true
    }
    if (l.latest) inPlay.add(l.latest)
    return begun ? [...inPlay] : null
  }
}

function assertAll(arbitrary: fc.Arbitrary<Event[]>, property: (events: Event[]) => void): void {
  fc.assert(fc.property(arbitrary, property), { numRuns: RUNS, endOnFailure: true })
}

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
