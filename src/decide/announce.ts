import type { Observed } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Step } from '../model/steps.ts'
import type { Aim } from './desired.ts'
import { noteCures } from './drift/memory.ts'
import { openGate, passedGate } from './gate.ts'
import { noteTouched } from './restore.ts'
import { noteJoined } from './sharing.ts'
import { backOff } from './time.ts'

/** Writes ahead what the steps will mean: a crash after this finds in the record what was about to be done. */
export function announce(record: StackRecord, steps: Step[], observed: Observed, aim: Aim): StackRecord {
  const gates = { ...record.gates }
  const healing = { ...record.healing }
  for (const step of steps) {
    if (step.kind === 'start') gates[step.args.container] = openGate(find(observed, step.args.container))
    const drained = step.kind === 'drain' && observed.containers.find((c) => c.name === step.args.container)
    if (drained) gates[drained.name] = passedGate(drained)
    if (step.kind === 'stop' || step.kind === 'remove') delete gates[step.args.container]
    if (isHealing(step, aim, observed)) healing[step.resource] = backOff(record.healing[step.resource])
  }
  const names = new Set(observed.containers.map((container) => container.name))
  const failedContainers = record.failedContainers.filter((name) => names.has(name))
  const starting = steps.flatMap((step) => (step.kind === 'start' ? [step.args.container] : []))
  const joined = noteJoined({ ...record, gates, healing, failedContainers }, starting, observed)
  return noteTouched(noteCures(joined, steps, aim), steps)
}

/** A try to put a replica back; the next one for the same slot waits. */
function isHealing(step: Step, aim: Aim, observed: Observed): boolean {
  // Only what Compose ran is started without an aim.
  if (aim.mode === 'hold') return step.kind === 'start'
  if (aim.mode !== 'mend' && aim.mode !== 'back' && aim.mode !== 'pause') return false
  if (step.kind === 'create') return true
  const container = 'container' in step.args ? step.args.container : ''
  const before = observed.containers.find((c) => c.name === container)
  if (step.kind === 'start') return before?.restart !== 'no'
  return step.kind === 'stop' && before?.state === 'paused'
}

function find(observed: Observed, name: string): { startedAt: string } {
  return observed.containers.find((container) => container.name === name) ?? { startedAt: '' }
}
