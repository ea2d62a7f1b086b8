import { isSpecOf } from '../model/hash.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { PublishedPort, Service } from '../model/stack.ts'
import { lastingDrift } from './drift/drift.ts'

/** What containers of `service` are created from in `release`; the image as written when it could not be resolved. */
export function imageOf(release: Release, service: Service): string {
  const pin = release.pins[service.image]
  return pin && 'reference' in pin ? pin.reference : service.image
}

/**
 * The container is what `release` wants in its slot: same spec, same published ports, it may bear the name, and it was
 * made for that very release where it is a job that runs with every one.
 */
export function matches(container: ObservedContainer, release: Release): boolean {
  const service = release.stack.services[container.service]
  // One of Compose's is always replaced: it bears none of the labels that a replica is known by.
  if (!service || container.adopted || (service.always && container.release !== release.digest)) return false
  return hasSpec(container, service, imageOf(release, service)) && fits(container, service)
}

/** As `matches`, and also one of a Holdfast that hashes otherwise although it differs: in what is told as drift. */
export function isMeantFor(container: ObservedContainer, release: Release): boolean {
  const service = release.stack.services[container.service]
  if (!service || container.adopted) return false
  return matches(container, release) || isSpecOf(container.spec, service, imageOf(release, service)) === null
}

/** What is no part of the spec: its published ports, and the name it may bear. */
function fits(container: ObservedContainer, service: Service): boolean {
  const published = [...container.publish, ...container.ingress]
  return samePorts(published, service.publish) && container.alias === service.containerName
}

/** A container of a Holdfast that hashes otherwise is compared setting by setting, so that it need not be replaced. */
function hasSpec(container: ObservedContainer, service: Service, image: string): boolean {
  return isSpecOf(container.spec, service, image) ?? lastingDrift(container, service, image).length === 0
}

/** The container is what `release` wants, and in one of its slots. */
export function belongsTo(container: ObservedContainer, release: Release): boolean {
  const service = release.stack.services[container.service]
  return service !== undefined && container.slot <= service.replicas && matches(container, release)
}

/** It has processes, healthy or not. */
export function isUp(container: ObservedContainer): boolean {
  return container.state === 'running' || container.state === 'restarting' || container.state === 'paused'
}

/** It proved itself once: it has its real restart policy, or passed its gate when its policy is `no`; Compose's always. */
export function isPromoted(container: ObservedContainer, record: StackRecord): boolean {
  return container.adopted === true || container.restart !== 'no' || record.gates[container.name]?.passed === true
}

/** Running, and its health check, if it has one, says so. */
export function isHealthy(container: ObservedContainer): boolean {
  return container.state === 'running' && (container.health === 'healthy' || container.health === 'none')
}

/** It may be counted on. */
export function isReady(container: ObservedContainer, record: StackRecord): boolean {
  return isHealthy(container) && isPromoted(container, record)
}

/** A port as the host sees it, whatever it leads to. */
type HostPort = Pick<PublishedPort, 'address' | 'published' | 'protocol'>

/** Two published ports cannot be held at the same time. */
export function portsCollide(a: HostPort[], b: HostPort[]): boolean {
  return a.some((one) =>
    b.some(
      (other) =>
        one.published === other.published &&
        one.protocol === other.protocol &&
        (one.address === other.address || isWildcard(one.address) || isWildcard(other.address)),
    ),
  )
}

function isWildcard(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

/** The same ports of the host lead to the same ports of the container. */
export function samePorts(a: PublishedPort[], b: PublishedPort[]): boolean {
  const text = (ports: PublishedPort[]) => ports.map(portText).sort().join()
  return text(a) === text(b)
}

function portText(port: PublishedPort): string {
  return `${isWildcard(port.address) ? '' : port.address}:${port.published}:${port.target}/${port.protocol}`
}
