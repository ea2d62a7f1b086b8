import { decide } from '../../src/decide/decide.ts'
import type { Decision, Desired } from '../../src/decide/desired.ts'
import { narrate, stepLine } from '../../src/decide/narrate.ts'
import { queryFor } from '../../src/decide/plan.ts'
import { advance } from '../../src/decide/simulation/advance.ts'
import { tryStep } from '../../src/decide/simulation/apply.ts'
import { type Behaviour, emptyWorld, look, takeHappened, type World } from '../../src/decide/simulation/world.ts'
import { LONGEST_NAP_MS } from '../../src/decide/wake.ts'
import type { Observed } from '../../src/model/observed.ts'
import { emptyRecord, type StackRecord } from '../../src/model/record.ts'
import type { Release } from '../../src/model/release.ts'
import type { Step } from '../../src/model/steps.ts'

/** Runs `decide` against the model of an engine, as reconcile does against a real one. */
export interface Lab {
  world: World
  record: StackRecord
  releases: Map<string, Release>
  latest: Release | null
  gone: boolean
  waitsFor: string | null
  run: number
  steps: Step[]
  told: string[]
  last: Decision | null
  /** Called after every step and every moment that passed. */
  check: () => void
}

export function lab(): Lab {
  return {
    world: emptyWorld(),
    record: emptyRecord(),
    releases: new Map(),
    latest: null,
    gone: false,
    waitsFor: null,
    run: 1,
    steps: [],
    told: [],
    last: null,
    check: () => {},
  }
}

/** Git asks for `release` from now on; its images are on the engine and behave as told. */
export function commit(lab: Lab, release: Release, behaviours: Record<string, Behaviour> = {}): void {
  lab.latest = release
  lab.releases.set(release.digest, release)
  for (const pin of Object.values(release.pins)) if ('reference' in pin) lab.world.images.add(pin.reference)
  for (const [image, behaviour] of Object.entries(behaviours)) lab.world.behaviours.set(image, behaviour)
}

/** One pass. `survive(step)` false: the process is killed before that step, and the record was saved already. */
export function pass(lab: Lab, survive: (step: Step) => boolean = () => true): Decision {
  const desired = wanted(lab)
  const seen = observe(lab, desired)
  const decision = decide(desired, seen, lab.record, { run: `run-${lab.run}`, ms: lab.world.nowMs })
  lab.told.push(...narrate(lab.record, decision.record).map((told) => told.message))
  lab.record = decision.record
  lab.last = decision
  for (const step of decision.steps) {
    if (!survive(step)) {
      restart(lab)
      return decision
    }
    carryOut(lab, step)
  }
  return decision
}

/** The process is killed and started again: only the saved record and the engine remain. */
export function restart(lab: Lab): void {
  lab.run += 1
  lab.world.happened = []
}

/** Lets the loop run for so long. */
export function run(lab: Lab, ms: number): void {
  const until = lab.world.nowMs + ms
  for (let passes = 0; lab.world.nowMs < until; passes += 1) {
    const { steps, wakeInMs } = pass(lab)
    if (passes > 10_000) throw new Error(`it does not come to rest: ${lines(lab.steps.slice(-10)).join('\n')}`)
    if (steps.length === 0) advance(lab.world, Math.max(1, Math.min(wakeInMs ?? ms, until - lab.world.nowMs)))
    lab.check()
  }
}

/** Passes and waits until nothing is planned any more. Returns the steps taken. */
export function settle(lab: Lab, mostPasses = 3_000): Step[] {
  const from = lab.steps.length
  for (let n = 0; n < mostPasses; n += 1) {
    const { steps, wakeInMs } = pass(lab)
    if (steps.length === 0 && isAtRest(lab, wakeInMs)) return lab.steps.slice(from)
    if (wakeInMs) advance(lab.world, wakeInMs)
  }
  const last = lines(lab.steps.slice(-10)).join('\n')
  throw new Error(`not settled after ${mostPasses} passes: ${lab.last?.status.message}\nlast steps:\n${last}`)
}

/** Nothing is awaited, or only that a back-off is forgotten. */
function isAtRest({ record, last }: Lab, wakeInMs: number | null): boolean {
  const { health, message = '' } = last?.status ?? {}
  const isCalm = record.rollout === null && health === 'Healthy' && !message.includes('being put right')
  return wakeInMs === null || (isCalm && wakeInMs > LONGEST_NAP_MS)
}

export function wanted(lab: Lab): Desired {
  const find = (digest: string | null) => (digest === null ? null : (lab.releases.get(digest) ?? null))
  return {
    stack: 'shop',
    latest: lab.latest,
    blocked: null,
    gone: lab.gone,
    stable: find(lab.record.stable),
    previous: find(lab.record.previous),
    rolling: find(lab.record.rollout?.digest ?? null),
    waitsFor: lab.waitsFor,
    pool: '10.201.0.0/16',
  }
}

export function observe(lab: Lab, desired: Desired): Observed {
  return { ...look(lab.world, queryFor(desired)), happened: takeHappened(lab.world, 'shop') }
}

/** Steps as lines, without the hash in container names: the form whole plans are compared in. */
export function lines(steps: Step[]): string[] {
  return steps.map((step) => stepLine(step).replace(/-[0-9a-f]{8}-(\d+)/g, '-#-$1'))
}

/** Names of the containers that run, without the hash. */
export function running(lab: Lab): string[] {
  return lab.world.containers
    .filter((c) => c.state === 'running')
    .map((c) => `${c.service}.${c.slot} ${c.image}`)
    .sort()
}

function carryOut(lab: Lab, step: Step): void {
  lab.steps.push(step)
  if (tryStep(lab.world, step)) lab.check()
}
