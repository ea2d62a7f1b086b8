import { type Block, contains, formatAddress, isHalved, parseAddress, parseBlock, sizeOf } from '../../model/cidr.ts'
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
  if (found !== undefined) return found.ours && found.subnet?.range !== undefined
  const block = parseBlock(wanted.subnet?.subnet ?? '')
  return block === null || wanted.subnet?.range !== undefined || isHalved(block)
}

/** Networks of the release in which only replicas that may be counted on are found by name. Sorted. */
export function namedNetworks(scene: Pick<Scene, 'observed'>, release: Release): string[] {
  const names = Object.keys(release.stack.networks).sort()
  return names.filter((name) => whyNotNamed(scene, release, name) === null)
}

/** Why the engine alone knows names in the network, started or not, ready or not; null where we answer. */
export function whyNotNamed(scene: Pick<Scene, 'observed'>, { stack }: Release, network: string): string | null {
  const alone = whyAlone(scene, stack, network)
  if (alone !== null) return alone
  const fit = Object.keys(stack.networks)
    .sort()
    .filter((name) => whyAlone(scene, stack, name) === null)
  const beyond = Object.values(stack.services).find((service) =>
    fit
      .filter((name) => joins(service, name))
      .slice(MOST_RESOLVERS)
      .includes(network),
  )
  return beyond ? `${beyond.name} joins more networks than it can ask for names in` : null
}

/** The same, by the network itself. */
function whyAlone(scene: Pick<Scene, 'observed'>, stack: Stack, network: string): string | null {
  if (!keepsAddresses(scene, stack, network)) return 'it is not of this stack'
  if (stack.networks[network]?.internal) return 'it is internal'
  const joining = Object.values(stack.services).filter((service) => joins(service, network))
  const own = joining.find(({ container }) => (container.dns ?? []).length > 0)
  if (own) return `${own.name} has name servers of its own`
  // It could be taken for a name of the world.
  const dotted = joining.find(({ containerName = '' }) => containerName.includes('.'))
  return dotted ? `${dotted.name} has a container_name with a dot` : null
}

function joins({ container }: Service, network: string): boolean {
  return container.networks.some((joined) => joined.network === network)
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
