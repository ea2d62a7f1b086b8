import type { ObservedContainer } from '../model/observed.ts'
import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { Scene } from './desired.ts'
import type { Slot } from './slots.ts'
import { slotName, step, touching } from './step.ts'

/** The engine's name that a container is to have: `to`, because of what `container_name` says now. */
interface Renaming {
  container: ObservedContainer
  to: string
  because: string
}

/**
 * What gives the slot's container the name of its `container_name`: whoever else of ours bears that gets its own name
 * back first. Null when it bears it.
 */
export function takeName(scene: Scene, slot: Slot): Step | null {
  return slot.current && asStep(scene, slot, taking(scene, slot.service, slot.current))
}

/** Gives a container that was replaced its own name back, where nobody took the other one over. */
export function returnName(scene: Scene, slot: Slot): Step | null {
  return slot.current && asStep(scene, slot, returning(scene, slot.service, slot.current))
}

/** Nothing is left to be renamed for the slot's container, which is in place. */
export function isNamed(scene: Scene, service: Service, current: ObservedContainer): boolean {
  return taking(scene, service, current) === null && returning(scene, service, current) === null
}

function taking(scene: Scene, { name, containerName }: Service, current: ObservedContainer): Renaming | null {
  if (containerName === undefined || current.actualName === containerName) return null
  const holder = scene.observed.containers.find((c) => c.actualName === containerName)
  if (holder) return { container: holder, to: holder.name, because: `the name ${containerName} is passed on` }
  return { container: current, to: containerName, because: `container_name of ${name}` }
}

function returning(scene: Scene, { name }: Service, current: ObservedContainer): Renaming | null {
  const left = scene.observed.containers.find(
    (c) => c !== current && !c.adopted && c.service === name && c.slot === current.slot && c.actualName !== c.name,
  )
  if (!left || left.state === 'removing') return null
  return { container: left, to: left.name, because: `${current.actualName} is in its place` }
}

function asStep(scene: Scene, slot: Slot, renaming: Renaming | null): Step | null {
  if (renaming === null) return null
  const { container, to, because } = renaming
  return step('rename', scene.desired.stack, slotName(slot), because, { ...touching(container), to })
}
