import { decide } from './decide/decide.ts'
import { waitWords } from './decide/dependencies.ts'
import type { Desired } from './decide/desired.ts'
import { narrate, stepLine } from './decide/narrate.ts'
import { queryFor } from './decide/plan.ts'
import type { Engine } from './engine/engine.ts'
import type { Engines } from './engine/engines.ts'
import { masked } from './masking.ts'
import { reasonOf, StepFailed } from './model/errors.ts'
import type { Happening, Observed } from './model/observed.ts'
import type { Moment, StackRecord } from './model/record.ts'
import type { StackStatus } from './model/status.ts'
import type { Step } from './model/steps.ts'
import type { Prober } from './probe/prober.ts'
import { withProbes } from './probing.ts'
import type { HistoryEntry, Store } from './store/store.ts'
import { targetOf } from './store/target.ts'

/** What a reconciliation works with; all of it is passed in. */
export interface Parts {
  engines: Engines
  prober: Prober
  store: Store
  /** What events and failed steps told since it was last asked; asking takes them away. */
  takeHappened(stack: string): Happening[]
  tellHappened(stack: string, happening: Happening): void
  /** Where networks of ours get their subnets from, in CIDR notation. */
  pool: string
  /** The monotonic clock of this process run. */
  now(): Moment
  /** Keeps an entry in the history and shows it to whoever watches. */
  report(entry: HistoryEntry): void
  /** Shows how far a step is that takes long; it is no part of the history. */
  showProgress?(stack: string, text: string): void
  /** Asked between passes: a stop is obeyed at the next safe point, which is any of them. */
  isStopping(): boolean
}

/**
 * Brings one stack closer to what git asks for, pass by pass, until there is nothing to do but wait.
 * Every pass reads the newest release, looks at the engine afresh and asks `decide`; a newer commit is so taken up
 * at the next pass. Returns how many milliseconds to wait before looking again, null when only an event matters.
 */
export async function reconcile(stack: string, parts: Parts): Promise<number | null> {
  while (!parts.isStopping()) {
    const entry = parts.store.stack(stack)
    const { record } = entry
    const desired = wantedOf(stack, parts)
    const release = (digest: string) => parts.store.release(stack, digest)
    const engine = masked(parts.engines.of(targetOf(entry)), { desired, release })
    const seen = withProbes(await engine.observe(queryFor(desired)), desired, parts.prober)
    // Taken only now: a look that fails must not lose what happened.
    const observed = { ...seen, happened: parts.takeHappened(stack) }
    const decision = decide(desired, observed, record, parts.now())

    // The record goes to disk before the steps it announces: a crash from here on finds what was about to be done.
    parts.store.save(stack, { record: decision.record, status: decision.status })
    await tell(stack, record, decision.record, { ...parts, engine })

    if (decision.steps.length > 0) {
      const progress = progressOf(stack, decision.status, parts)
      const steps = decision.steps.map((step) =>
        carryOut(step, releaseOf(step, observed, decision.record), { ...parts, engine }, progress),
      )
      await Promise.all(steps)
    } else if (decision.wakeInMs !== 0) {
      if (desired.gone && !isHeld(decision.record) && decision.wakeInMs === null) forget(stack, parts.store)
      return decision.wakeInMs
    }
  }
  return null
}

function isHeld({ suspended, paused }: StackRecord): boolean {
  return suspended || paused
}

/** A commit may have brought the stack back while its last parts were being removed. */
function forget(stack: string, store: Store): void {
  if (store.stack(stack).latest?.gone) store.forget(stack)
}

/** What the store knows to be wanted of a stack: git's release, and the stable ones to go back to. */
function wantedOf(stack: string, { store, pool }: Parts): Desired {
  const { latest, record } = store.stack(stack)
  const release = (digest: string | null) => (digest === null ? null : store.release(stack, digest))
  const asked = latest ? release(latest.digest) : null
  const others = store.stacks()
  return {
    stack,
    latest: asked,
    blocked: latest?.blocked ?? null,
    gone: latest?.gone ?? false,
    stable: release(record.stable),
    previous: release(record.previous),
    rolling: release(record.rollout?.digest ?? null),
    waitsFor: waitWords(asked?.stack.dependsOn ?? [], (name) => (others.includes(name) ? store.stack(name) : null)),
    pool,
  }
}

type Progress = (step: Step, text: string) => void

/** Adds to the stack's status how far its steps are, as long as this pass carries them out. */
function progressOf(stack: string, status: StackStatus, parts: Parts): Progress {
  const texts = new Map<string, string>()
  return ({ kind, resource }, text) => {
    texts.set(resource, `${kind} ${resource}: ${text}`)
    parts.showProgress?.(stack, `${kind} ${resource}: ${text}`)
    const message = [status.message, ...texts.values()].join('; ')
    try {
      parts.store.save(stack, { status: { ...status, message } })
    } catch {
      // It would fail the step, which does well. The next pass meets the same trouble and tells of it.
    }
  }
}

/** With the engine that the stack runs on. */
type OnEngine = Parts & { engine: Engine }

/** One step, one call. A failure is not decided upon here: the next pass sees it among what happened. */
async function carryOut(step: Step, release: string | null, parts: OnEngine, progress: Progress): Promise<void> {
  const entry = { stack: step.stack, release, logs: [] }
  try {
    await parts.engine.execute(step, (text) => progress(step, text))
    parts.report({ ...entry, kind: 'step', message: stepLine(step) })
  } catch (error) {
    const fault = error instanceof StepFailed ? error.fault : 'platform'
    parts.tellHappened(step.stack, { kind: 'step-failed', step, fault, reason: reasonOf(error) })
    parts.report({ ...entry, kind: 'step-failed', message: `${step.kind} ${step.resource}: ${reasonOf(error)}` })
  }
}

/** Of what a step brings or touches; what is no container's is the doing of the release that is coming, or runs. */
function releaseOf({ args }: Step, { containers }: Observed, { rollout, stable }: StackRecord): string | null {
  if ('release' in args) return args.release
  const touched = 'container' in args ? containers.find(({ name }) => name === args.container) : undefined
  return touched?.release ?? (rollout?.digest || stable)
}

/** Tells what the pass changed, with the last words of containers that failed. */
async function tell(stack: string, before: StackRecord, after: StackRecord, parts: OnEngine): Promise<void> {
  for (const { kind, release, message, containers } of narrate(before, after)) {
    const logs = await Promise.all(containers.map((name) => lastWords(name, parts.engine)))
    parts.report({ stack, kind, release, message, logs: logs.flat() })
  }
}

async function lastWords(container: string, engine: Engine): Promise<string[]> {
  try {
    return (await engine.logs(container, 20)).map((line) => `${container} | ${line}`)
  } catch (error) {
    return [`${container} | its log could not be read: ${reasonOf(error)}`]
  }
}
