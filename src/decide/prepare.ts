import type { Release } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { imageOf } from './match.ts'
import { isDone, servicesOf } from './order.ts'
import { slotsOf } from './slots.ts'
import { step } from './step.ts'

/** What must be there before any container is created; nothing that runs is touched by it. */
export function prepareSteps(scene: Scene, aim: TowardsRelease): Step[] {
  const pulls = pullSteps(scene, aim)
  if (pulls.length > 0) return pulls
  return [...networkSteps(scene, aim.release), ...volumeSteps(scene, aim.release), ...fileSteps(scene, aim.release)]
}

/** What only a person can clear out of the way; null when nothing is. */
export function findObstacle(scene: Scene, aim: TowardsRelease): string | null {
  const { networks, volumes } = aim.release.stack
  for (const [name, network] of Object.entries(networks).sort()) {
    const found = scene.observed.networks.find((n) => n.name === name)
    if (network.external && !found)
      return `external network ${name} does not exist; create it: docker network create ${name}`
    if (!network.external && found && !found.ours) return notOurs('network', name)
  }
  for (const [name, volume] of Object.entries(volumes).sort()) {
    const found = scene.observed.volumes.find((v) => v.name === name)
    if (volume.external && !found)
      return `external volume ${name} does not exist; create it: docker volume create ${name}`
    if (!volume.external && found && !found.ours) return notOurs('volume', name)
    if (!found && scene.desired.stable?.stack.volumes[name]) return lostVolume(name)
  }
  return null
}

function notOurs(what: string, name: string): string {
  return `a ${what} named ${name} exists and is not Holdfast's; remove it, or declare it "external: true" to use it as it is`
}

function lostVolume(name: string): string {
  return (
    `volume ${name}, which the stable release uses, is gone, and an empty one in its place would hide that; ` +
    `restore it from a backup (docker volume create ${name}) and declare it "external: true", or rename it in the manifest`
  )
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
  const there = new Set(scene.observed.networks.map((network) => network.name))
  return Object.entries(release.stack.networks)
    .filter(([name, network]) => !network.external && !there.has(name))
    .sort()
    .map(([network, { internal }]) =>
      step('create-network', scene.desired.stack, network, 'the stack uses it', { network, internal }),
    )
}

function volumeSteps(scene: Scene, release: Release): Step[] {
  const there = new Set(scene.observed.volumes.map((volume) => volume.name))
  return Object.entries(release.stack.volumes)
    .filter(([name, volume]) => !volume.external && !there.has(name))
    .sort()
    .map(([volume]) => step('create-volume', scene.desired.stack, volume, 'the stack keeps data in it', { volume }))
}

function fileSteps(scene: Scene, release: Release): Step[] {
  const there = new Set(scene.observed.volumes.map((volume) => volume.name))
  return Object.entries(release.stack.files)
    .filter(([name]) => !there.has(name))
    .sort()
    .flatMap(([volume, files]) => {
      const reader = servicesOf(release).find((service) => mountsFiles(service, volume))
      if (!reader) return []
      const args = { volume, files, image: imageOf(release, reader) }
      return [
        step('create-files', scene.desired.stack, volume, `${reader.name} mounts these files of the commit`, args),
      ]
    })
}

function mountsFiles(service: Service, volume: string): boolean {
  return service.container.mounts.some((mount) => mount.kind === 'files' && mount.volume === volume)
}
