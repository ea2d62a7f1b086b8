import { consent } from '../decide/adopt.ts'
import { type OtherStack, waitWords } from '../decide/dependencies.ts'
import type { Desired } from '../decide/desired.ts'
import { makePlan, type Plan, queryFor } from '../decide/plan.ts'
import type { Engines } from '../engine/engines.ts'
import { masked } from '../masking.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Store } from '../store/store.ts'
import { targetOf } from '../store/target.ts'
import type { TipStack } from '../tip.ts'

export interface Planned extends TipStack {
  plan: Plan
}

interface Parts {
  engines: Engines
  store: Store
  /** Where networks of ours get their subnets from, in CIDR notation. */
  pool: string
  /** Stacks whose take-over from Docker Compose counts as asked for. */
  adopt: readonly string[]
}

/**
 * Plans the chosen stacks, sorted by name, and before them those they depend on: what these will have come to when
 * their own plan was carried out is what the others find.
 */
export async function planAll(
  stacks: readonly TipStack[],
  chosen: readonly string[],
  parts: Parts,
): Promise<Planned[]> {
  const planned = new Map<string, Planned>()
  for (const stack of inOrder(stacks, chosen)) planned.set(stack.name, await planOne(stack, planned, parts))
  return [...planned.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function planOne(
  stack: TipStack,
  before: Map<string, Planned>,
  { engines, store, pool, adopt }: Parts,
): Promise<Planned> {
  const dependsOn = stack.release?.stack.dependsOn ?? []
  const waitsFor = waitWords(dependsOn, (name) => asLeft(before.get(name)))
  const desired = { ...desiredOf(stack, store), pool, waitsFor }
  const { record } = store.stack(stack.name)
  const asked = adopt.includes(stack.name) ? consent(record) : record
  try {
    const release = (digest: string) => store.release(stack.name, digest)
    const engine = masked(engines.of(targetOf(stack)), { desired, release })
    const observed = { ...(await engine.observe(queryFor(desired))), happened: [] }
    return { ...stack, plan: makePlan(desired, observed, asked) }
  } catch (error) {
    // One engine that cannot be asked says nothing of the stacks on others.
    if (!(error instanceof HoldfastError)) throw error
    return { ...stack, plan: unknownPlan(stack.name, reasonOf(error)) }
  }
}

function unknownPlan(stack: string, message: string): Plan {
  return { stack, steps: [], notes: [], status: { sync: 'Unknown', health: 'Unknown', services: {}, message } }
}

/** The stack as its plan leaves it; null when there is none. */
function asLeft(planned: Planned | undefined): OtherStack | null {
  if (!planned) return null
  const { latest, plan } = planned
  const isTakenUp = plan.status.sync === 'Synced' || plan.status.sync === 'RolledBack'
  const record = { stable: isTakenUp ? latest.digest : null, quarantine: {} }
  return { latest, record, status: plan.status }
}

/** Each after those it depends on. Stacks that depend on each other are refused before; here the first one wins. */
function inOrder(stacks: readonly TipStack[], names: readonly string[], above: readonly string[] = []): TipStack[] {
  const found = names
    .filter((name) => !above.includes(name))
    .flatMap((name) => {
      const stack = stacks.find((one) => one.name === name)
      if (!stack) return []
      return [...inOrder(stacks, stack.release?.stack.dependsOn ?? [], [...above, name]), stack]
    })
  return [...new Set(found)]
}

function desiredOf({ name, latest, release }: TipStack, store: Store): Omit<Desired, 'waitsFor' | 'pool'> {
  const { stable, previous, rollout } = store.stack(name).record
  const stored = (digest: string | null) => {
    if (digest === null || digest === release?.digest) return digest === null ? null : release
    return store.release(name, digest)
  }
  const { blocked, gone } = latest
  const kept = { stable: stored(stable), previous: stored(previous), rolling: stored(rollout?.digest ?? null) }
  return { stack: name, latest: release, blocked, gone, ...kept }
}
