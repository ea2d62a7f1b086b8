import { type Block, contains, formatAddress, parseAddress, parseBlock, sizeOf } from '../../model/cidr.ts'
import type { ObservedNetwork } from '../../model/observed.ts'
import type { Release } from '../../model/release.ts'
import type { Service, Stack } from '../../model/stack.ts'
import type { Scene } from '../desired.ts'

/** An engine asks no more name servers than these for one container. */
const MOST_RESOLVERS = 3

/** Replicas keep their addresses in it: it is of this stack's own, or will be, and has a part the engine leaves to us. */
export function keepsAddresses({ observed }: Pick<Scene, 'observed'>, stack: Stack, network: string): boolean {
  const wanted = stack.networks[network]
  if (!wanted || wanted.external) return false
  const found = observed.networks.find(({ name }) => name === network)
  return found === undefined || (found.ours && found.subnet?.range !== undefined)
}

/**
 * Networks of the release in which only replicas that may be counted on are found by name. Not where the engine asks
 * nobody else (an internal one), where a service has name servers of its own, where a name could be taken for one of
 * the world's (`container_name` with a dot), and where it would be one more than a container can ask for.
 */
export function namedNetworks(scene: Pick<Scene, 'observed'>, { stack }: Release): string[] {
  const services = Object.values(stack.services)
  const fit = Object.entries(stack.networks)
    .filter(([name, { internal }]) => !internal && keepsAddresses(scene, stack, name))
    .map(([name]) => name)
    .filter((name) => !services.some((service) => joins(service, name) && knowsNamesItself(service)))
    .sort()
  const beyond = new Set(
    services.flatMap((service) => fit.filter((name) => joins(service, name)).slice(MOST_RESOLVERS)),
  )
  return fit.filter((name) => !beyond.has(name))
}

function joins({ container }: Service, network: string): boolean {
  return container.networks.some((joined) => joined.network === network)
}

function knowsNamesItself({ container, containerName }: Service): boolean {
  return (container.dns ?? []).length > 0 || (containerName ?? '').includes('.')
}

/**
 * The address at which a network's containers ask for names: where they do already, or else the highest one that the
 * engine does not give by itself and nobody has. Null where there is none.
 */
export function namesAddress(scene: Scene, network: ObservedNetwork): string | null {
  const joined = scene.observed.traffic?.joined[network.name]
  if (joined !== undefined) return joined
  const block = parseBlock(network.subnet?.subnet ?? '')
  const range = parseBlock(network.subnet?.range ?? '')
  if (block === null || range === null) return null
  return askedAlready(scene, block) ?? highestFree(scene, network, block, range)
}

/** The names were there before: whoever asks them cannot be told another address. */
function askedAlready({ observed }: Scene, block: Block): string | null {
  const asked = observed.containers.flatMap(({ lookups }) => lookups?.resolvers ?? [])
  return asked.find((text) => contains(block, parseAddress(text) ?? -1)) ?? null
}

function highestFree(scene: Scene, network: ObservedNetwork, block: Block, range: Block): string | null {
  const taken = new Set([...addressesOn(scene, network.name), parseAddress(network.subnet?.gateway ?? '')])
  for (let address = block.base + sizeOf(block.prefix) - 2; address > block.base + 1; address -= 1) {
    if (contains(range, address)) address = range.base
    else if (!taken.has(address)) return formatAddress(address)
  }
  return null
}

/** Addresses on the network that are spoken for, by manifests, containers and the names. */
export function addressesOn({ desired, observed }: Scene, name: string): Set<number> {
  const releases = [desired.latest, desired.stable, desired.previous, desired.rolling].flatMap((one) => one ?? [])
  const services = releases.flatMap(({ stack }) => Object.values(stack.services))
  const fixed = services.flatMap(({ container }) =>
    container.networks.flatMap(({ network, address }) => (network === name ? (address ?? []) : [])),
  )
  const kept = observed.containers.flatMap((c) => [c.addresses[name] ?? '', c.attached[name]?.address ?? ''])
  const listed = Object.values(observed.traffic?.listed ?? {}).flatMap(({ names, requests }) => [
    names[name]?.address ?? '',
    ...Object.values(requests).map(({ address }) => address),
  ])
  const asked = [
    observed.traffic?.joined[name] ?? '',
    ...observed.containers.flatMap((c) => c.lookups?.resolvers ?? []),
  ]
  return new Set([...fixed, ...kept, ...listed, ...asked].flatMap((text) => parseAddress(text) ?? []))
}
