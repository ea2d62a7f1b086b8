import type { Release } from '../model/release.ts'
import type { FileSet, Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { imageOf } from './match.ts'
import { isDone, servicesOf } from './order.ts'
import { slotsOf } from './slots.ts'
import { step } from './step.ts'
import { newSubnets } from './subnets.ts'

/** What must be there before any container is created; nothing that runs is touched by it. */
export function prepareSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const pulls = pullSteps(scene, aim)
  if (pulls.length > 0) return pulls
  return [...networkSteps(scene, aim.release), ...volumeSteps(scene, aim.release), ...fileSteps(scene, aim)]
}

/** Pulls only for services that need a new container: an image pruned under a running one does no harm. */
function pullSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const needed = servicesOf(aim.release).filter((service) => needsContainer(scene, aim, service))
  const references = new Set(needed.map((service) => imageOf(aim.release, service)))
  return [...references]
    .filter((reference) => !scene.observed.images.includes(reference))
    .sort()
    .map((reference) => step('pull-image', scene.desired.stack, reference, 'not on this engine yet', { reference }))
}

function needsContainer(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  if (service.kind === 'job' && isDone(scene, aim, service)) return false
  return slotsOf(scene, aim.release, service).some((slot) => slot.current === null)
}

function networkSteps(scene: Scene, release: Release): Step[] {
  return [...newSubnets(scene, release)].flatMap(([network, subnet]) => {
    // Without a subnet there is an obstacle, and no step.
    if (subnet === null) return []
    const internal = release.stack.networks[network]?.internal ?? false
    return [step('create-network', scene.desired.stack, network, 'the stack uses it', { network, internal, subnet })]
  })
}

function volumeSteps(scene: Scene, release: Release): Step[] {
  const there = new Set(scene.observed.volumes.map((volume) => volume.name))
  return Object.entries(release.stack.volumes)
    .filter(([name, volume]) => !volume.external && !there.has(name))
    .sort()
    .map(([volume]) => step('create-volume', scene.desired.stack, volume, 'the stack keeps data in it', { volume }))
}

/** For containers that are still to be made, and for those that are there: they could not be started again. */
function fileSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const there = new Set(scene.observed.volumes.map((volume) => volume.name))
  const mounted = new Set(scene.observed.containers.flatMap((container) => container.volumes))
  return Object.entries(aim.release.stack.files)
    .filter(([name]) => !there.has(name))
    .sort()
    .flatMap(([volume, files]) => {
      const readers = servicesOf(aim.release).filter((service) => mountsFiles(service, volume))
      const reader = readers.find((service) => mounted.has(volume) || needsContainer(scene, aim, service))
      if (!reader) return []
      const args = { volume, files, image: imageOf(aim.release, reader) }
      return [step('create-files', scene.desired.stack, volume, fillWords(reader, files), args)]
    })
}

function fillWords({ name }: Service, files: FileSet): string {
  return files.secret ? `${name} mounts this secret` : `${name} mounts these files of the commit`
}

function mountsFiles(service: Service, volume: string): boolean {
  return service.container.mounts.some((mount) => mount.kind === 'files' && mount.volume === volume)
}
