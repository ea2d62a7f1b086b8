import {
  type Block,
  blockAt,
  contains,
  formatAddress,
  formatBlock,
  halves,
  isHalved,
  overlap,
  parseAddress,
  parseBlock,
  sizeOf,
} from '../model/cidr.ts'
import { digestOf } from '../model/hash.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { Release } from '../model/release.ts'
import type { Subnet } from '../model/stack.ts'
import type { Scene } from './desired.ts'
import { isUp } from './match.ts'
import { servicesOf } from './order.ts'

/** A subnet is at least so large: 125 addresses for replicas, and as many for the engine to give. */
const SMALLEST_PREFIX = 24
/** A replica, the one that takes its place, and the one that is kept to go back to. */
const CONTAINERS_PER_REPLICA = 3
/** A network that was made for many more replicas than there are now was at most so much larger: sixteen times. */
const MOST_DOUBLINGS = 4
/** The network's own address and the gateway's. */
const RESERVED = 2

/**
 * The subnets of the release's networks that are to be created, by network: the manifest's own, or else one of the
 * pool. Null where the pool has none left.
 */
export function newSubnets(scene: Scene, release: Release): Map<string, Subnet | null> {
  const there = new Set(scene.observed.networks.map((network) => network.name))
  const used = scene.observed.subnets.flatMap((text) => parseBlock(text) ?? [])
  const chosen = new Map<string, Subnet | null>()
  for (const [name, network] of Object.entries(release.stack.networks).sort()) {
    if (network.external || there.has(name)) continue
    const subnet = network.subnet ? withRange(network.subnet) : fromPool(scene, release, name, used)
    chosen.set(name, subnet)
    const block = subnet && parseBlock(subnet.subnet)
    if (block) used.push(block)
  }
  return chosen
}

/** The subnet whose addresses the stack's containers keep, so that they find it again; else a free one. */
function fromPool(scene: Scene, release: Release, network: string, used: Block[]): Subnet | null {
  const pool = parseBlock(scene.desired.pool)
  if (pool === null) return null
  const prefix = Math.max(pool.prefix, prefixFor(replicasOn(release, network)))
  const isFree = (block: Block) => !used.some((other) => overlap(block, other))
  const kept = keptBlock(scene, network, prefix)
  if (kept && isFree(kept)) return asSubnet(kept)
  const tries = scene.record.trouble?.failures ?? 0
  const free = firstFree(pool, prefix, startOf(network) + tries, isFree)
  return free && asSubnet(free)
}

/** The prefix of a subnet whose lower half has an address for every container that the replicas may need at once. */
export function prefixFor(replicas: number): number {
  let prefix = SMALLEST_PREFIX
  while (sizeOf(prefix) / 2 - RESERVED < replicas * CONTAINERS_PER_REPLICA) prefix -= 1
  return prefix
}

/**
 * The first block of the pool that is free, from a position on and then from the beginning. After trouble the search
 * begins elsewhere: an overlap that only the engine knows of must not be met again and again.
 */
function firstFree(pool: Block, prefix: number, start: number, isFree: (block: Block) => boolean): Block | null {
  const count = sizeOf(pool.prefix) / sizeOf(prefix)
  for (let n = 0; n < count; n += 1) {
    const block = blockAt(pool.base + ((start + n) % count) * sizeOf(prefix), prefix)
    if (isFree(block)) return block
  }
  return null
}

/** Derived from the name, so that a network gets the same subnet wherever that is free. */
function startOf(network: string): number {
  return Number.parseInt(digestOf(network).slice(0, 8), 16)
}

/** The block from which the containers have the addresses they keep; where those are of several, the running ones'. */
function keptBlock({ observed }: Scene, network: string, prefix: number): Block | null {
  const addressesOf = (containers: ObservedContainer[]) =>
    containers.flatMap((c) => parseAddress(c.addresses[network] ?? '') ?? [])
  const all = blockAround(addressesOf(observed.containers), prefix)
  return all ?? blockAround(addressesOf(observed.containers.filter(isUp)), prefix)
}

/** The block that has the addresses in its lower half; of the size wanted now, or as near to it as can be. */
function blockAround(addresses: number[], prefix: number): Block | null {
  const [first] = addresses
  if (first === undefined) return null
  const smaller = range(prefix, SMALLEST_PREFIX)
  const larger = range(prefix - MOST_DOUBLINGS, prefix - 1).reverse()
  const blocks = [...smaller, ...larger].map((bits) => blockAt(first, bits))
  return blocks.find((block) => addresses.every((address) => contains(halves(block)[0], address))) ?? null
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

/** A subnet that the manifest chose: the engine is left the upper half of it, unless the manifest says what it is left. */
function withRange(subnet: Subnet): Subnet {
  const block = parseBlock(subnet.subnet)
  if (subnet.range !== undefined || block === null || !isHalved(block)) return subnet
  return { ...subnet, range: formatBlock(halves(block)[1]) }
}

/** The engine gives addresses of the upper half by itself, and so never one that a replica keeps. */
function asSubnet(block: Block): Subnet {
  const [, upper] = halves(block)
  return { subnet: formatBlock(block), range: formatBlock(upper), gateway: formatAddress(block.base + 1) }
}

function replicasOn(release: Release, network: string): number {
  const services = servicesOf(release).filter(
    (s) => s.kind === 'service' && s.container.networks.some((joined) => joined.network === network),
  )
  return services.reduce((sum, service) => sum + service.replicas, 0)
}
