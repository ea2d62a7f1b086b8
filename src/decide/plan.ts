import type { Observed, Query } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import { type Release, referencesOf } from '../model/release.ts'
import type { StackStatus } from '../model/status.ts'
import type { Step } from '../model/steps.ts'
import { adoptionNotes } from './adopt-words.ts'
import { decide } from './decide.ts'
import type { Desired } from './desired.ts'
import { planNotes } from './notes.ts'
import { resume } from './requests.ts'
import { advance } from './simulation/advance.ts'
import { tryStep } from './simulation/apply.ts'
import { look, takeHappened, type World, worldOf } from './simulation/world.ts'
import { trafficNotes } from './traffic/notes.ts'
import { LONGEST_NAP_MS } from './wake.ts'

/** What will happen if every check passes and nobody interferes. */
export interface Plan {
  stack: string
  steps: Step[]
  /** What people should know before: downtime, hooks, data that do not go back, images that only this engine has. */
  notes: string[]
  /** Where it ends. */
  status: StackStatus
  /** What resuming would do, while the stack is suspended or down, or its rollout paused. */
  onResume?: { steps: Step[]; status: StackStatus }
}

/** A rollout of fifty services with fifty replicas stays far below it. */
const MOST_PASSES = 100_000

/** The rollout itself, run against a model of the engine that looks like what was observed. */
export function makePlan(desired: Desired, observed: Observed, record: StackRecord): Plan {
  const from = (before: StackRecord) => settle(worldOf(observed, desired.stack), desired, observed, before)
  const settled = from(record)
  const isHeld = record.suspended || record.paused || record.down !== undefined
  const onResume = isHeld ? { onResume: from(resume(record)) } : {}
  const isNew = desired.latest !== null && desired.latest.digest !== record.stable
  const traffic = isNew && desired.latest ? trafficNotes(desired.latest, observed) : []
  const notes = [...planNotes(desired, settled.steps), ...traffic, ...adoptionNotes(desired, observed, record)]
  return { stack: desired.stack, ...settled, notes, ...onResume }
}

/** What the engine has to be asked for so that `decide` can see everything it needs. */
export function queryFor(desired: Desired): Query {
  const releases = [desired.latest, desired.stable, desired.previous, desired.rolling].flatMap(
    (release) => release ?? [],
  )
  const all = (pick: (release: Release) => string[]) => [...new Set(releases.flatMap(pick))].sort()
  return {
    stack: desired.stack,
    images: all(referencesOf),
    networks: all((release) => Object.keys(release.stack.networks)),
    names: all((release) => Object.values(release.stack.services).flatMap(({ containerName }) => containerName ?? [])),
    volumes: all((release) => [...Object.keys(release.stack.volumes), ...Object.keys(release.stack.files)]),
  }
}

function settle(world: World, wanted: Desired, observed: Observed, from: StackRecord): Pick<Plan, 'steps' | 'status'> {
  const steps: Step[] = []
  let record = from
  let desired = wanted
  let first: Observed | null = observed
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const seen = first ?? { ...look(world, queryFor(desired)), happened: takeHappened(world, desired.stack) }
    first = null
    const decision = decide(desired, seen, record, { run: 'plan', ms: world.nowMs })
    record = decision.record
    desired = withReleases(desired, wanted, record)
    for (const step of decision.steps) tryStep(world, step)
    steps.push(...decision.steps)
    if (decision.wakeInMs === null) return { steps, status: decision.status }
    // An obstacle or an endless back-off: no step of ours will clear it.
    if (decision.steps.length === 0 && decision.wakeInMs > LONGEST_NAP_MS) return { steps, status: decision.status }
    advance(world, decision.wakeInMs)
  }
  throw new Error(`the plan of ${desired.stack} does not come to an end; this is a bug in Holdfast`)
}

/** The desired state with the stored releases that the record names now. */
function withReleases(desired: Desired, known: Desired, record: StackRecord): Desired {
  const releases = [known.latest, known.stable, known.previous, known.rolling]
  const find = (digest: string | null) =>
    releases.find((release) => release !== null && release.digest === digest) ?? null
  return {
    ...desired,
    stable: find(record.stable),
    previous: find(record.previous),
    rolling: find(record.rollout?.digest ?? null),
  }
}
