import type { ObservedContainer } from '../model/observed.ts'
import type { Release } from '../model/release.ts'
import type { Step } from '../model/steps.ts'
import type { Removal, Scene, TowardsRelease } from './desired.ts'
import { askedWords } from './down.ts'
import { mayEnd } from './jobs.ts'
import { belongsTo, imageOf, isPromoted, isUp } from './match.ts'
import { servicesOf } from './order.ts'
import { retire } from './replace.ts'
import { attempt } from './slots.ts'
import { onceEach, slotOf, step, touching } from './step.ts'
import { closeSteps } from './traffic/entries.ts'
import { busyOnes } from './traffic/leaving.ts'
import { isListed, listingSteps } from './traffic/listing.ts'

const KEPT_FAILURES = 3

/** Once a release is stable: its mark, then whatever neither it nor the stable release before it needs. */
export function cleanSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const mark = markSteps(scene, aim.release)
  if (mark.length > 0) return mark
  const kept = [aim.release, ...(scene.desired.previous ? [scene.desired.previous] : [])]
  const containers = containerSteps(scene, kept)
  return containers.length > 0 ? containers : resourceSteps(scene, kept)
}

/**
 * Everything of the stack goes, but never a volume with data; who depends on others goes before them. Of one that was
 * taken down the engine keeps the mark of its stable release, and a job under way may end.
 */
export function removeSteps(scene: Scene, { down }: Removal): Step[] {
  const because = down ? `taken down${askedWords(down)}` : 'the stack is gone from the repository'
  const containers = scene.observed.containers
    .filter((c) => !isNeeded(scene, c) && !(down && mayEnd(scene, c)))
    .flatMap((c) => takeAway(scene, c, because) ?? [])
    .filter(isFirstOfSlot)
  // Nobody is led to what is about to go.
  const listing = listingSteps(scene).filter(({ kind }) => kind === 'withdraw')
  if (containers.length > 0 || listing.length > 0) return [...containers, ...listing].reduce(onceEach, [])
  if (busyOnes(scene).length > 0) return []
  const isServing = scene.observed.containers.some((c) => c.role === 'service' && isUp(c))
  const closing = isServing ? [] : closeSteps(scene, because)
  if (closing.length > 0) return closing
  if (down || scene.observed.stableMark === null) return resourceSteps(scene, [])
  return [...resourceSteps(scene, []), step('clear-mark', scene.desired.stack, 'mark', 'the stack is gone', {})]
}

/** Something that is up depends on its service. */
function isNeeded({ desired, observed }: Scene, { service }: ObservedContainer): boolean {
  const services = (desired.stable ?? desired.latest)?.stack.services ?? {}
  return observed.containers.some((c) => isUp(c) && services[c.service]?.dependsOn[service] !== undefined)
}

/** Containers of a failed release that still run although nothing is there to go back to: kept, but stopped. */
export function stopFailedSteps(scene: Scene): Step[] {
  return scene.observed.containers
    .filter((c) => isUp(c) && !isPromoted(c, scene.record) && !mayEnd(scene, c))
    .flatMap((c) => retire(scene, c, 'its release failed; kept for inspection') ?? [])
}

/** Tries that failed one after another in the same slot: only the newest are kept for inspection. */
export function oldFailureSteps(scene: Scene): Step[] {
  const failed = scene.observed.containers.filter((c) => scene.record.failedContainers.includes(c.name))
  const newer = (c: ObservedContainer) =>
    failed.filter((o) => o.service === c.service && o.slot === c.slot && o.spec === c.spec && attempt(o) > attempt(c))
  return failed
    .filter((c) => !isUp(c) && c.state !== 'removing' && newer(c).length >= KEPT_FAILURES)
    .flatMap(
      (c) => takeAway(scene, c, `newer tries in its slot failed as well; the last ${KEPT_FAILURES} are kept`) ?? [],
    )
}

/** That the release is stable, left on the engine. It is, also while one of its replicas has to be put back. */
export function markSteps(scene: Scene, release: Release): Step[] {
  if (scene.observed.stableMark === release.digest) return []
  const image = servicesOf(release)
    .map((service) => imageOf(release, service))
    .find((reference) => scene.observed.images.includes(reference))
  if (!image) return []
  const args = { release: release.digest, image }
  return [step('mark-stable', scene.desired.stack, 'mark', 'the release is stable', args)]
}

function containerSteps(scene: Scene, kept: Release[]): Step[] {
  return scene.observed.containers
    .filter((c) => !isWanted(scene, c, kept) && !isLeftRunning(c, scene, kept) && !mayEnd(scene, c))
    .flatMap((c) => takeAway(scene, c, 'no release that is kept needs it') ?? [])
    .filter(isFirstOfSlot)
}

/** Steps of one pass are carried out side by side; the order within a slot is promised, so each takes one at a time. */
function isFirstOfSlot(step: Step, index: number, steps: Step[]): boolean {
  return steps.findIndex(({ resource }) => resource === step.resource) === index
}

/** Null while it is busy, or something still leads to it. */
function takeAway(scene: Scene, container: ObservedContainer, because: string): Step | null {
  if (isUp(container)) return retire(scene, container, because)
  if (isListed(scene, container)) return null
  return step('remove', scene.desired.stack, slotOf(container), because, touching(container))
}

/** `prune: false`: what proved itself once goes on although its service is not in the release any more. */
function isLeftRunning(container: ObservedContainer, scene: Scene, [running]: Release[]): boolean {
  return running !== undefined && unpruned(scene, running).includes(container)
}

/** Containers of services that the release does not have, where such are left running. */
export function unpruned({ observed, record }: Scene, { stack }: Release): ObservedContainer[] {
  if (stack.prune) return []
  return observed.containers.filter(
    (c) => c.role === 'service' && stack.services[c.service] === undefined && isPromoted(c, record),
  )
}

/** One container for each slot of each kept release; a release that failed keeps what it left while git asks for it. */
function isWanted(scene: Scene, container: ObservedContainer, kept: Release[]): boolean {
  const { latest } = scene.desired
  const [running] = kept
  if (isUp(container)) return running !== undefined && belongsTo(container, running)
  if (container.adopted) return isKeptOfCompose(scene)
  if (container.state === 'removing') return true
  if (latest && scene.record.quarantine[latest.digest] && container.release === latest.digest) return true
  if (scene.record.failedContainers.includes(container.name)) return false
  return kept.some((release) => belongsTo(container, release) && isBestOf(scene, container, release))
}

/** As what was stable before, it is kept until the release after the one that took its place is stable. */
function isKeptOfCompose({ record: { adoption, stable } }: Scene): boolean {
  return adoption?.by == null || adoption.by === stable
}

/** No other container of the same release and slot is up, or newer. */
function isBestOf(scene: Scene, container: ObservedContainer, release: Release): boolean {
  return scene.observed.containers
    .filter((c) => c !== container && c.service === container.service && c.slot === container.slot)
    .filter((c) => belongsTo(c, release) && !scene.record.failedContainers.includes(c.name))
    .every((c) => !isUp(c) && attempt(c) < attempt(container))
}

function resourceSteps(scene: Scene, kept: Release[]): Step[] {
  const { latest } = scene.desired
  const failed = latest && scene.record.quarantine[latest.digest] && kept.length > 0 ? [latest] : []
  const needed = new Set(
    [...kept, ...failed].flatMap((r) => [...Object.keys(r.stack.networks), ...Object.keys(r.stack.files)]),
  )
  // Whatever the releases say: what a container has cannot be taken from under it.
  for (const { volumes, attached } of scene.observed.containers) {
    for (const name of [...volumes, ...Object.keys(attached)]) needed.add(name)
  }
  const { stack } = scene.desired
  const because = 'nothing that is kept uses it'
  const networks = scene.observed.networks
    .filter((network) => network.ours && !needed.has(network.name))
    .map(({ name }) => step('remove-network', stack, name, because, { network: name }))
  const mounted = new Set(scene.observed.containers.flatMap((container) => container.volumes))
  const files = scene.observed.volumes
    .filter((volume) => volume.ours && volume.files && !needed.has(volume.name) && !mounted.has(volume.name))
    .map(({ name }) => step('remove-files', stack, name, because, { volume: name }))
  return [...networks, ...files]
}
