import type { ObservedContainer } from '../model/observed.ts'
import type { Release } from '../model/release.ts'
import type { Step, StepArguments, StepKind, Touched } from '../model/steps.ts'
import type { Lookups } from '../model/traffic.ts'
import type { Slot } from './slots.ts'

/** The service of a slot, from the slot's name. */
export function serviceOf(slot: string): string {
  return slot.slice(0, slot.lastIndexOf('.'))
}

/** Builds one step; the arguments follow from the kind. */
export function step<Kind extends StepKind>(
  kind: Kind,
  stack: string,
  resource: string,
  because: string,
  args: StepArguments[Kind],
): Step {
  return { kind, stack, resource, because, args } as Step
}

/** Names the container in a step; one of Compose's by its id, too. */
export function touching({ name, id, adopted }: ObservedContainer): Touched {
  return adopted ? { container: name, adopted: id } : { container: name }
}

/** The resource name of a slot, as people read it: `web.2`. */
export function slotName(slot: { service: { name: string }; slot: number }): string {
  return slotOf({ service: slot.service.name, slot: slot.slot })
}

/** The same, of the slot a container sits in. */
export function slotOf({ service, slot }: { service: string; slot: number }): string {
  return `${service}.${slot}`
}

/** The step that creates a slot's container from the release. */
export function createStep(
  stack: string,
  release: Release,
  slot: Slot,
  container: string,
  because: string,
  lookups?: Lookups,
): Step {
  const { own, ingress } = slot.publishing
  return step('create', stack, slotName(slot), because, {
    container,
    service: slot.service.name,
    slot: slot.slot,
    role: slot.service.kind,
    image: slot.image,
    spec: slot.spec,
    release: release.digest,
    commit: release.commit,
    config: slot.service.container,
    publish: own,
    ...(ingress.length > 0 ? { ingress } : {}),
    ...(lookups ? { lookups } : {}),
    addresses: {},
    ...(slot.provider ? { networkOf: slot.provider.name } : {}),
    ...(slot.service.containerName === undefined ? {} : { alias: slot.service.containerName }),
  })
}

/** A container may be in the way of two slots; it is told once. */
export function onceEach(steps: Step[], next: Step): Step[] {
  const container = containerOf(next)
  return container !== null && steps.some((step) => containerOf(step) === container) ? steps : [...steps, next]
}

function containerOf(step: Step): string | null {
  return 'container' in step.args ? step.args.container : null
}
