import type { Failure, StackRecord } from '../model/record.ts'
import { short } from '../model/release.ts'
import type { Step } from '../model/steps.ts'
import { dataWords } from './data.ts'

/** One thing worth telling people and keeping in the history. */
export interface Told {
  kind:
    | 'rollout-started'
    | 'rollback-started'
    | 'failed'
    | 'replica-failed'
    | 'stable'
    | 'rolled-back'
    | 'memory-lost'
    | 'trouble'
    | 'recovered'
  release: string | null
  message: string
  /** Containers whose last log lines belong to it. */
  containers: string[]
}

/** What a pass has to tell: the difference it made to the record. */
export function narrate(before: StackRecord, after: StackRecord): Told[] {
  return [
    ...lostMemory(before, after),
    ...failures(before, after),
    ...movements(before, after),
    ...troubles(before, after),
  ]
}

/** A step in one line, the same in plan, log and history: `create web.1: image web:1.0 → web:1.1`. */
export function stepLine(step: Step): string {
  return `${step.kind} ${step.resource}: ${step.because}`
}

/** A stable release that no rollout brought: only the engine's mark knew of it. */
function lostMemory(before: StackRecord, after: StackRecord): Told[] {
  if (before.stable !== null || after.stable === null || before.rollout !== null) return []
  const message =
    `the engine marks release ${short(after.stable)} as stable, and nothing else of it was remembered: ` +
    'history, stored releases and the memory of bad commits were lost; nothing was restarted'
  return [{ kind: 'memory-lost', release: after.stable, message, containers: [] }]
}

function failures(before: StackRecord, after: StackRecord): Told[] {
  const containers = after.failedContainers.filter((name) => !before.failedContainers.includes(name))
  const quarantined = Object.entries(after.quarantine).filter(([digest]) => !before.quarantine[digest])
  const told = quarantined.map(([release, failure]) => failed(release, failure, containers))
  const forgiven = forgivenWords(before, after)
  if (told.length > 0 || (containers.length === 0 && forgiven === '')) return told
  const message = forgiven || `${containers.join(', ')} failed`
  return [{ kind: 'replica-failed', release: after.stable, message, containers }]
}

function failed(release: string, { reason, data }: Failure, containers: string[]): Told {
  const message = [`release ${short(release)} failed: ${reason}`, ...dataWords(data)].join('; ')
  return { kind: 'failed', release, message, containers }
}

/** Slots that failed within their service's ratio. */
function forgivenWords(before: StackRecord, after: StackRecord): string {
  return Object.entries(after.rollout?.aside ?? {})
    .filter(([slot]) => before.rollout?.aside?.[slot] === undefined)
    .map(([slot, reason]) => `${slot} failed, which max_failure_ratio allows: ${reason}`)
    .join('; ')
}

function movements(before: StackRecord, after: StackRecord): Told[] {
  const told: Told[] = []
  const { rollout } = after
  if (before.rollout && !rollout && after.stable === before.rollout.digest) told.push(arrived(before, after.stable))
  if (rollout && rollout.digest !== before.rollout?.digest) {
    const what = rollout.kind === 'rollback' ? 'rolling back to' : 'rolling out'
    const kind = rollout.kind === 'rollback' ? 'rollback-started' : 'rollout-started'
    told.push({ kind, release: rollout.digest, message: `${what} release ${short(rollout.digest)}`, containers: [] })
  }
  return told
}

function arrived({ rollout, stable }: StackRecord, release: string): Told {
  // It was the stable one before: whatever was on its way is given up, and what that did to data stays.
  const data = stable === release ? dataWords(rollout?.data) : []
  const aside = Object.keys(rollout?.aside ?? {}).map((slot) => `${slot} failed and is tried again`)
  const told = (kind: Told['kind'], what: string): Told => {
    return { kind, release, message: [what, ...data, ...aside].join('; '), containers: [] }
  }
  return rollout?.kind === 'rollback'
    ? told('rolled-back', `rolled back to release ${short(release)}`)
    : told('stable', `release ${short(release)} is stable`)
}

function troubles(before: StackRecord, after: StackRecord): Told[] {
  if (after.trouble && after.trouble.reason !== before.trouble?.reason) {
    return [{ kind: 'trouble', release: null, message: after.trouble.reason, containers: [] }]
  }
  if (!before.trouble || after.trouble) return []
  return [{ kind: 'recovered', release: null, message: `over: ${before.trouble.reason}`, containers: [] }]
}
