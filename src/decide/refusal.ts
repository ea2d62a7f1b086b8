import type { Happening } from '../model/observed.ts'
import { type Release, referencesOf } from '../model/release.ts'
import type { Step } from '../model/steps.ts'
import type { Scene, TowardsRelease, Verdict } from './desired.ts'
import { matches } from './match.ts'
import { isServed, slotsOf } from './slots.ts'
import { serviceOf } from './step.ts'

/** A step the engine refused because of what the release asks for. One of a release before it blames nobody now. */
export function refusedStep(scene: Scene, { release }: TowardsRelease, happening: Happening): Verdict[] {
  if (happening.kind !== 'step-failed' || happening.fault !== 'release') return []
  const { step, reason } = happening
  if (!isOf(scene, release, step)) return []
  if (step.kind !== 'create' && step.kind !== 'start') return [{ reason }]
  return [{ slot: step.resource, service: serviceOf(step.resource), container: step.args.container, reason }]
}

/**
 * The platform's trouble pauses a release and does not fail it, but not for as long as what it replaces is down for it:
 * when the second try to start meets trouble too, the stable release is brought back.
 */
export function downForIt(scene: Scene, aim: TowardsRelease, happening: Happening): Verdict[] {
  if ((aim.mode !== 'roll' && aim.mode !== 'pause') || (scene.record.trouble?.failures ?? 0) < 2) return []
  if (happening.kind !== 'step-failed' || happening.fault !== 'platform' || happening.step.kind !== 'start') return []
  const { container } = happening.step.args
  const { resource } = happening.step
  const before = scene.desired.stable?.stack.services[serviceOf(resource)]
  const service = aim.release.stack.services[serviceOf(resource)]
  if (!before || !service) return []
  const slot = slotsOf(scene, aim.release, service).find(({ current }) => current?.name === container)
  if (!slot || isServed(slot, scene.record) || slot.slot > before.replicas) return []
  const reason = `${happening.reason} It was tried twice, and what it replaces is down meanwhile.`
  return [{ slot: resource, service: service.name, container, reason }]
}

/** The step brings in what the release asks for. Whatever else fails is trouble, and not for a verdict. */
function isOf(scene: Scene, release: Release, step: Step): boolean {
  const { networks, volumes, files } = release.stack
  if (step.kind === 'create') return step.args.release === release.digest
  if (step.kind === 'start')
    return scene.observed.containers.some((c) => c.name === step.args.container && matches(c, release))
  if (step.kind === 'pull-image') return referencesOf(release).includes(step.args.reference)
  return isBringing(step) && [networks, volumes, files].some((named) => Object.hasOwn(named, step.resource))
}

/** The kinds of step that can fail because of what a release asks for. */
export function isBringing({ kind }: Step): boolean {
  return kind === 'pull-image' || kind === 'create' || kind === 'start' || kind.startsWith('create-')
}
