import fc from 'fast-check'
import { cancel, pause, resume, rollingOut, suspend, takeDown } from '../../src/decide/requests.ts'
import { advance, end } from '../../src/decide/simulation/advance.ts'
import { type Behaviour, emptyTraffic, type SimulatedContainer } from '../../src/decide/simulation/world.ts'
import type { StackRecord } from '../../src/model/record.ts'
import type { Release } from '../../src/model/release.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, pass, restart, run, settle } from './lab.ts'

/** CI sets it to 10,000. */
export const RUNS = Number(process.env.HOLDFAST_PROPERTY_RUNS ?? 500)

/** What an image does, known from its name, so that a release that became stable stays good. */
export const GOOD: Behaviour[] = [{}, { healthyAfterMs: 0, busyMs: 40_000 }, { healthyAfterMs: 3_500, busyMs: 6_000 }]
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
export const undisturbed = fc.array(fc.oneof(...calm(GOOD.length + BAD.length)), { minLength: 5, maxLength: 60 })
export const anything = fc.array(fc.oneof(...calm(ALL), hand), { minLength: 5, maxLength: 60 })

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

export function play(lab: Lab, event: Event, releases: Release[]): void {
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
export function letSettle(l: Lab): void {
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

export const up = (c: SimulatedContainer) => c.state === 'running' || c.state === 'paused' || c.state === 'restarting'
export const web = (l: Lab) =>
  l.world.containers.filter((c) => c.stack === 'shop' && c.service === 'web' && c.role === 'service')
export const replicasOf = (r: Release) => r.stack.services['web']?.replicas ?? 0
export const parallelismOf = (r: Release) => r.stack.services['web']?.update.parallelism || replicasOf(r)

/** Every other target has a gateway. */
export function begun(events: Event[]): Lab {
  const l = lab()
  if (events.length % 2 === 0) l.world.traffic = emptyTraffic()
  return l
}

/** Plays the events and calls `check` after every step and event. */
export function playAll(events: Event[], check: (l: Lab, releases: Release[]) => void): Lab {
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
export function releasesInPlay(): (l: Lab) => Release[] | null {
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

export function assertAll(arbitrary: fc.Arbitrary<Event[]>, property: (events: Event[]) => void): void {
  fc.assert(fc.property(arbitrary, property), { numRuns: RUNS, endOnFailure: true })
}
