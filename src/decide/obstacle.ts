import type { ObservedContainer } from '../model/observed.ts'
import type { Service } from '../model/stack.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { isUp, portsCollide } from './match.ts'
import { servicesOf } from './order.ts'
import { slotsOf } from './slots.ts'
import { newSubnets } from './subnets.ts'

/** What only a person can clear out of the way, with the next thing to do; null when nothing is. */
export function findObstacle(scene: Scene, aim: TowardsRelease): string | null {
  return (
    networkObstacle(scene, aim) ??
    subnetObstacle(scene, aim) ??
    volumeObstacle(scene, aim) ??
    portObstacle(scene, aim) ??
    nameObstacle(scene, aim)
  )
}

function networkObstacle(scene: Scene, { release }: TowardsRelease): string | null {
  for (const [name, network] of Object.entries(release.stack.networks).sort()) {
    const found = scene.observed.networks.find((n) => n.name === name)
    if (network.external && !found)
      return `external network ${name} does not exist; create it: docker network create ${name}`
    if (!network.external && found && !found.ours) return notOurs('network', name)
  }
  return null
}

function subnetObstacle(scene: Scene, { release }: TowardsRelease): string | null {
  const without = [...newSubnets(scene, release)].find(([, subnet]) => subnet === null)
  if (!without) return null
  return (
    `no subnet of the pool ${scene.desired.pool} is left for the network ${without[0]}: networks of the engine and routes ` +
    'of its host take it all; remove unused networks (docker network prune), or name another pool with --pool'
  )
}

/** Found out before the old replica is stopped: the new one could not bear its name. */
function nameObstacle(scene: Scene, { release }: TowardsRelease): string | null {
  for (const { name, containerName, replicas } of servicesOf(release)) {
    if (containerName === undefined || replicas === 0 || !scene.observed.takenNames.includes(containerName)) continue
    return (
      `the name ${containerName}, which ${name} asks for with container_name, is taken by a container that is not ` +
      `Holdfast's for this stack; rename it (docker rename ${containerName} ${containerName}-old), remove it ` +
      `(docker rm -f ${containerName}), or choose another container_name`
    )
  }
  return null
}

function volumeObstacle(scene: Scene, { release }: TowardsRelease): string | null {
  for (const [name, volume] of Object.entries(release.stack.volumes).sort()) {
    const found = scene.observed.volumes.find((v) => v.name === name)
    if (volume.external && !found)
      return `external volume ${name} does not exist; create it: docker volume create ${name}`
    if (!volume.external && found && !found.ours) return notOurs('volume', name)
    if (!found && scene.desired.stable?.stack.volumes[name]) return lostVolume(name)
  }
  return null
}

/** Found out before the old replica is stopped to make room: the new one could not start. */
function portObstacle(scene: Scene, aim: TowardsRelease): string | null {
  for (const service of servicesOf(aim.release)) {
    const taken = scene.observed.takenPorts.find((port) => portsCollide([port], service.publish))
    if (!taken || !isToBeStarted(scene, aim, service)) continue
    const port = `port ${taken.published}/${taken.protocol}, which ${service.name} publishes,`
    return `${port} is taken by the container ${taken.holder}; stop that (docker stop ${taken.holder}), or publish another port`
  }
  return null
}

function isToBeStarted(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  const isRunning = (container: ObservedContainer | null) => container !== null && isUp(container)
  return slotsOf(scene, aim.release, service).some((slot) => !isRunning(slot.current))
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
