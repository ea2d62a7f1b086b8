import { canonical } from '../../model/hash.ts'
import type { ObservedContainer } from '../../model/observed.ts'
import type { Release } from '../../model/release.ts'
import type { Step } from '../../model/steps.ts'
import { type Entry, type Listing, type Place, portEntryName } from '../../model/traffic.ts'
import type { Scene } from '../desired.ts'
import { isReady, isUp } from '../match.ts'
import { slotOf, step } from '../step.ts'

/** Brings what leads to the replicas in line with which of them may be counted on. */
export function listingSteps(scene: Scene): Step[] {
  const { containers, traffic } = scene.observed
  if (!traffic) return []
  const gone = Object.keys(traffic.listed).filter((name) => !containers.some((c) => c.name === name))
  return [
    ...gone.map((container) => step('withdraw', scene.desired.stack, container, 'it is gone', { container })),
    ...containers.flatMap((container) => listingStep(scene, container)),
  ]
}

function listingStep(scene: Scene, container: ObservedContainer): Step[] {
  const { stack } = scene.desired
  const { name } = container
  if (!isWanted(scene, container)) {
    if (!isListed(scene, container) || isLeaving(scene, container)) return []
    return [step('withdraw', stack, slotOf(container), withdrawWords(container), { container: name })]
  }
  const listing = listingOf(scene, container)
  if (listing === null || isAsListed(scene, name, listing)) return []
  return [step('admit', stack, slotOf(container), admitWords(listing), { container: name, listing })]
}

/** Requests and look-ups lead to it. */
export function isListed({ observed }: Scene, { name }: ObservedContainer): boolean {
  return observed.traffic?.listed[name] !== undefined
}

/** Everything leads to the replica that should. */
export function isAdmitted(scene: Scene, container: ObservedContainer): boolean {
  if (!scene.observed.traffic) return true
  const listing = listingOf(scene, container)
  return listing === null || isAsListed(scene, container.name, listing)
}

/** Entries at which another replica of its slot is reached, and it is not. */
export function unreached(
  { observed: { traffic } }: Pick<Scene, 'observed'>,
  container: ObservedContainer,
  others: ObservedContainer[],
): string[] {
  const reachedAt = (c: ObservedContainer) => traffic?.reached[c.name]?.up ?? []
  const leadsTo = Object.keys(traffic?.listed[container.name]?.requests ?? {})
  const known = others.filter((other) => traffic?.listed[other.name] !== undefined).flatMap(reachedAt)
  return leadsTo.filter((entry) => known.includes(entry) && !reachedAt(container).includes(entry))
}

function isWanted({ record }: Scene, container: ObservedContainer): boolean {
  if (container.role !== 'service' || container.adopted) return false
  return isReady(container, record) && record.leaving?.[container.name] === undefined
}

function isLeaving({ record }: Scene, container: ObservedContainer): boolean {
  return isUp(container) && record.leaving?.[container.name] !== undefined
}

function isAsListed({ observed }: Scene, name: string, listing: Listing): boolean {
  const found = observed.traffic?.listed[name]
  return found !== undefined && canonical(found) === canonical(listing)
}

/** What should lead to the container while it may be counted on; null when nothing can. */
function listingOf(scene: Scene, container: ObservedContainer): Listing | null {
  const { traffic } = scene.observed
  if (!traffic) return null
  const requests = traffic.gateway ? requestsOf(scene, container, traffic.entries) : {}
  const names = traffic.names ? namesOf(container) : {}
  return Object.keys(requests).length + Object.keys(names).length === 0 ? null : { requests, names }
}

function requestsOf(scene: Scene, container: ObservedContainer, entries: Entry[]): Listing['requests'] {
  const address = reachableAt(scene, container)
  if (address === null) return {}
  const places = entries.flatMap((entry): [string, Place][] => {
    const port = portFor(scene, container, entry)
    return port === null ? [] : [[entry.name, { address, port }]]
  })
  return Object.fromEntries(places)
}

/** Where the container listens for what comes in at the entry; null when that is not meant for it. */
function portFor({ desired }: Scene, { service, ingress }: ObservedContainer, entry: Entry): number | null {
  if (entry.service !== service) return null
  const { at } = entry
  if (at.kind === 'port') {
    const port = ingress.find(({ address, published }) => portEntryName(address, published) === entry.name)
    return port?.target ?? null
  }
  const releases = [desired.rolling, desired.latest, desired.stable].flatMap((release: Release | null) => release ?? [])
  const routes = releases.flatMap(({ stack }) => stack.services[service]?.routes ?? [])
  return routes.find(({ host, path }) => host === at.host && path === at.path)?.port ?? null
}

/** An address that it keeps in a network of the stack's own. */
function reachableAt({ observed }: Scene, container: ObservedContainer): string | null {
  const ours = observed.networks.filter(({ ours }) => ours).map(({ name }) => name)
  const [address] = ours.flatMap((network) => addressIn(container, network) ?? [])
  return address ?? null
}

function namesOf(container: ObservedContainer): Listing['names'] {
  const known = Object.entries(container.lookups?.names ?? {}).flatMap(([network, names]) => {
    const address = addressIn(container, network)
    return address === undefined ? [] : [[network, { address, names }] as const]
  })
  return Object.fromEntries(known)
}

function addressIn({ attached, addresses }: ObservedContainer, network: string): string | undefined {
  return attached[network]?.address || (attached[network] ? addresses[network] : undefined) || undefined
}

function admitWords({ requests, names }: Listing): string {
  const entries = Object.keys(requests)
  const known = [...new Set(Object.values(names).flatMap((one) => one.names))]
  return [
    ...(entries.length > 0 ? [`takes requests at ${entries.join(', ')}`] : []),
    ...(known.length > 0 ? [`is found as ${known.join(', ')}`] : []),
  ].join(' and ')
}

function withdrawWords(container: ObservedContainer): string {
  if (container.state === 'paused') return 'it is paused'
  if (!isUp(container)) return 'it is down'
  if (container.health === 'unhealthy') return 'it is unhealthy'
  return container.state === 'running' ? 'it is starting again' : 'it is being restarted'
}
