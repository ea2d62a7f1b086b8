import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord, Taken } from '../model/record.ts'
import type { Step } from '../model/steps.ts'
import type { Scene } from './desired.ts'
import { mayEnd } from './jobs.ts'
import { isUp, portsCollide } from './match.ts'
import { retire } from './replace.ts'
import { slotOf, step, touching } from './step.ts'

/**
 * The release that was to take a Compose project over failed, and no stable one is there to go back to: what Compose ran
 * comes back as it was, and what was to replace it is stopped.
 */
export function restoreSteps(scene: Scene): Step[] {
  const lost = touchedOnes(scene).filter(([container, taken]) => !isAsItWas(container, taken) || isAwaited(container))
  if (lost.length > 0) return lost.flatMap(([container, taken]) => restoreStep(scene, container, taken) ?? [])
  if (!isTakingOver(scene.record)) return []
  return oursUp(scene)
    .filter((c) => !mayEnd(scene, c))
    .flatMap((c) => retire(scene, c, 'its release failed; kept for inspection') ?? [])
}

/** Something of Compose's that we touched is not back yet. */
export function isRestoring(scene: Scene): boolean {
  return touchedOnes(scene).length > 0
}

/** All that is left is to see whether it becomes healthy. */
export function isAwaiting(scene: Scene): boolean {
  return touchedOnes(scene).some(([container]) => isAwaited(container))
}

/** Those that are back as they were belong to themselves again. */
export function noteRestored(scene: Scene): StackRecord {
  const { record } = scene
  if (!record.adoption || oursUp(scene).length > 0) return record
  const back = touchedOnes(scene).filter(([container, taken]) => isAsItWas(container, taken) && !isAwaited(container))
  if (back.length === 0) return record
  const restored = back.map(([{ id }, { name, restart }]) => [id, { name, restart }] as const)
  const containers = { ...record.adoption.containers, ...Object.fromEntries(restored) }
  return { ...record, adoption: { ...record.adoption, containers } }
}

/** Written ahead: what these steps touch is put back should the release fail. */
export function noteTouched(record: StackRecord, steps: Step[]): StackRecord {
  const { adoption } = record
  if (!adoption) return record
  const ids = steps.flatMap((step) => ('adopted' in step.args ? (step.args.adopted ?? []) : []))
  const touched = ids.flatMap((id) => {
    const taken = adoption.containers[id]
    return taken ? [[id, { ...taken, touched: true as const }] as const] : []
  })
  if (touched.length === 0) return record
  return {
    ...record,
    adoption: { ...adoption, containers: { ...adoption.containers, ...Object.fromEntries(touched) } },
  }
}

function touchedOnes({ observed, record }: Scene): [ObservedContainer, Taken][] {
  if (record.adoption?.by !== null) return []
  const { containers } = record.adoption
  return observed.containers.flatMap((c): [ObservedContainer, Taken][] => {
    const taken = containers[c.id]
    return taken?.touched ? [[c, taken]] : []
  })
}

function isTakingOver({ adoption }: StackRecord): boolean {
  return adoption?.by === null && Object.keys(adoption.containers).length > 0
}

function isAwaited(container: ObservedContainer): boolean {
  return isUp(container) && container.health === 'starting'
}

function isAsItWas(container: ObservedContainer, { name, restart }: Taken): boolean {
  return isUp(container) && container.actualName === name && container.restart === restart
}

/** Its name, its processes, its restart policy; what stands in its way goes first. */
function restoreStep(scene: Scene, container: ObservedContainer, { name, restart }: Taken): Step | null {
  const { stack } = scene.desired
  const resource = slotOf(container)
  const because = `back to what docker compose ran: ${name}`
  const blocker = isUp(container) ? undefined : oursUp(scene).find((c) => isInTheWay(scene, c, container))
  if (blocker) return retire(scene, blocker, because)
  if (container.actualName !== name) {
    const holder = scene.observed.containers.find((c) => c.actualName === name)
    const moved = holder ? { ...touching(holder), to: holder.name } : { ...touching(container), to: name }
    return step('rename', stack, resource, because, moved)
  }
  if (!isUp(container)) {
    if ((scene.record.healing[resource]?.waitMs ?? 0) > 0) return null
    return step('start', stack, resource, because, touching(container))
  }
  if (container.restart === restart) return null
  return step('promote', stack, resource, because, { ...touching(container), restart })
}

/** The two cannot run at once. */
function isInTheWay({ desired }: Scene, ours: ObservedContainer, compose: ObservedContainer): boolean {
  if (portsCollide(ours.publish, compose.publish)) return true
  const order = desired.latest?.stack.services[compose.service]?.update.order
  return order === 'stop-first' && ours.service === compose.service && ours.slot === compose.slot
}

function oursUp({ observed }: Scene): ObservedContainer[] {
  return observed.containers.filter((c) => !c.adopted && c.role !== 'files' && isUp(c))
}
