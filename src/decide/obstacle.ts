import type { ObservedContainer, ObservedResource, TakenPort } from '../model/observed.ts'
import type { Release } from '../model/release.ts'
import type { PublishedPort, Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import { portEntryName } from '../model/traffic.ts'
import { besides, isAdoptable } from './adopt.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { isUp, portsCollide } from './match.ts'
import { servicesOf } from './order.ts'
import { slotsOf } from './slots.ts'
import { serviceOf } from './step.ts'
import { newSubnets } from './subnets.ts'
import { releaseEntries } from './traffic/entries.ts'
import { publishingOf } from './traffic/publishing.ts'

/** What only a person can clear out of the way, with the next thing to do. */
export interface Obstacle {
  words: string
  /** Services that cannot be brought up meanwhile. */
  services: string[]
  /** The network or volume it is about; empty when it is about none. */
  resource: string
}

export function findObstacles(scene: Scene, aim: TowardsRelease): Obstacle[] {
  return [
    ...networkObstacles(scene, aim),
    ...subnetObstacles(scene, aim),
    ...volumeObstacles(scene, aim),
    ...portObstacles(scene, aim),
    ...entryObstacles(scene, aim),
    ...nameObstacles(scene, aim),
    ...composeObstacles(scene, aim),
  ]
}

/** The step would run into it. */
export function isInTheWay({ services, resource }: Obstacle, step: Step): boolean {
  return step.resource === resource || ('container' in step.args && services.includes(serviceOf(step.resource)))
}

function networkObstacles(scene: Scene, { release }: TowardsRelease): Obstacle[] {
  return Object.entries(release.stack.networks)
    .sort()
    .flatMap(([name, network]) => {
      const found = scene.observed.networks.find((n) => n.name === name)
      const joins = (service: Service) => service.container.networks.some((joined) => joined.network === name)
      if (network.external && !found) {
        const words = `external network ${name} does not exist; create it: docker network create ${name}`
        return obstacle(words, name, release, joins)
      }
      if (!network.external && isInOurPlace(scene, found))
        return obstacle(notOurs(scene, 'network', found), name, release, joins)
      return []
    })
}

function subnetObstacles(scene: Scene, { release }: TowardsRelease): Obstacle[] {
  return [...newSubnets(scene, release)].flatMap(([network, subnet]) => {
    if (subnet !== null) return []
    const words =
      `no subnet of the pool ${scene.desired.pool} is left for the network ${network}: networks of the engine and ` +
      'routes of its host take it all; remove unused networks (docker network prune), or name another pool with --pool'
    return obstacle(words, network, release, (service) => service.container.networks.some((n) => n.network === network))
  })
}

/** Found out before the old replica is stopped: the new one could not bear its name. */
function nameObstacles(scene: Scene, { release }: TowardsRelease): Obstacle[] {
  return servicesOf(release).flatMap(({ name, containerName, replicas }) => {
    if (containerName === undefined || replicas === 0 || !scene.observed.takenNames.includes(containerName)) return []
    const words =
      `the name ${containerName}, which ${name} asks for with container_name, is taken by a container that is not ` +
      `Holdfast's for this stack; rename it (docker rename ${containerName} ${containerName}-old), remove it ` +
      `(docker rm -f ${containerName}), or choose another container_name`
    return [{ words, services: [name], resource: '' }]
  })
}

function volumeObstacles(scene: Scene, { release }: TowardsRelease): Obstacle[] {
  return Object.entries(release.stack.volumes)
    .sort()
    .flatMap(([name, volume]) => {
      const found = scene.observed.volumes.find((v) => v.name === name)
      const mounts = (service: Service) =>
        service.container.mounts.some((mount) => mount.kind === 'volume' && mount.volume === name)
      if (volume.external && !found) {
        const words = `external volume ${name} does not exist; create it: docker volume create ${name}`
        return obstacle(words, name, release, mounts)
      }
      if (!volume.external && isInOurPlace(scene, found))
        return obstacle(notOurs(scene, 'volume', found), name, release, mounts)
      if (!found && scene.desired.stable?.stack.volumes[name]) return obstacle(lostVolume(name), name, release, mounts)
      return []
    })
}

/** Found out before the old replica is stopped to make room: the new one could not start, or not be reached. */
function portObstacles(scene: Scene, aim: TowardsRelease): Obstacle[] {
  const held = (scene.observed.traffic?.entries ?? []).map(({ name }) => name)
  return servicesOf(aim.release).flatMap((service) => {
    const { own, ingress } = publishingOf(scene, aim.release, service)
    const opened = ingress.filter(({ address, published }) => !held.includes(portEntryName(address, published)))
    const wanted = [...(isToBeStarted(scene, aim, service) ? own : []), ...opened]
    const taken = scene.observed.takenPorts.find((port) => portsCollide([port], wanted))
    if (taken) return about(service, takenWords(service, taken))
    const [port] = own
    return port && service.replicas > 1 ? about(service, sharedWords(service, port)) : []
  })
}

function takenWords({ name }: Service, { published, protocol, holder }: TakenPort): string {
  const port = `port ${published}/${protocol}, which ${name} publishes,`
  return `${port} is taken by the container ${holder}; stop that (docker stop ${holder}), or publish another port`
}

function sharedWords({ name, replicas }: Service, { published, protocol }: PublishedPort): string {
  const port = `${name} has ${replicas} replicas, and only one can hold port ${published}/${protocol} of the host`
  return `${port}; use one replica, or let the gateway publish it: turn traffic on in the settings, and use a network of the stack's own`
}

/** Another stack takes the requests there. */
function entryObstacles(scene: Scene, { release }: TowardsRelease): Obstacle[] {
  const taken = scene.observed.traffic?.takenEntries ?? {}
  return releaseEntries(scene, release).flatMap(({ name, service }) => {
    const holder = taken[name]
    if (holder === undefined) return []
    const words = `the ${holder} takes the requests to ${name}, which ${service} asks for; give one of the two another one`
    return [{ words, services: [service], resource: '' }]
  })
}

function about({ name }: Service, words: string): Obstacle[] {
  return [{ words, services: [name], resource: '' }]
}

function obstacle(words: string, resource: string, release: Release, needs: (service: Service) => boolean): Obstacle[] {
  const services = servicesOf(release).filter(needs)
  return [{ words, resource, services: services.map(({ name }) => name) }]
}

function isToBeStarted(scene: Scene, aim: TowardsRelease, service: Service): boolean {
  const isRunning = (container: ObservedContainer | null) => container !== null && isUp(container)
  return slotsOf(scene, aim.release, service).some((slot) => !isRunning(slot.current))
}

function isInOurPlace(scene: Scene, found: ObservedResource | undefined): found is ObservedResource {
  return found !== undefined && !found.ours && !isAdoptable(scene, found)
}

function notOurs({ desired }: Scene, what: string, { name, ofAnother }: ObservedResource): string {
  const isTaken = `a ${what} named ${name} exists and is not Holdfast's`
  if (ofAnother) return `${isTaken} for this stack; remove it, or declare it "external: true" to use it as it is`
  return `${isTaken}; take it over with: holdfast adopt ${desired.stack}, or remove it, or declare it "external: true"`
}

/** Two of everything would run; the first release is held up until a person says what is to become of the one there. */
function composeObstacles(scene: Scene, { release }: TowardsRelease): Obstacle[] {
  const { same } = besides(scene, release)
  if (same.length === 0 || scene.record.stable !== null || scene.record.adoption) return []
  const names = same.map(({ actualName }) => actualName).join(', ')
  const words =
    `docker compose runs this stack (${names}); take it over with: holdfast adopt ${scene.desired.stack}, ` +
    'or end it with: docker compose down'
  return obstacle(words, '', release, ({ name }) => same.some(({ service }) => service === name))
}

function lostVolume(name: string): string {
  return (
    `volume ${name}, which the stable release uses, is gone, and an empty one in its place would hide that; ` +
    `restore it from a backup (docker volume create ${name}) and declare it "external: true", or rename it in the manifest`
  )
}
