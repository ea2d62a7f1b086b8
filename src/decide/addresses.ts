import { contains, formatAddress, parseAddress, parseBlock, sizeOf } from '../model/cidr.ts'
import type { ObservedNetwork } from '../model/observed.ts'
import type { Subnet } from '../model/stack.ts'
import type { Step, StepArguments } from '../model/steps.ts'
import type { Scene } from './desired.ts'
import { addressesOn } from './traffic/networks.ts'

/** Gives every replica that is about to be created addresses of its own; those of one pass differ. */
export function withAddresses(scene: Scene, steps: Step[]): Step[] {
  const given: StepArguments['create']['addresses'][] = []
  return steps.map((step) => {
    if (step.kind !== 'create' || step.args.role !== 'service') return step
    const addresses = addressesFor(scene, step.args, given)
    given.push(addresses)
    return { ...step, args: { ...step.args, addresses } }
  })
}

type Addresses = StepArguments['create']['addresses']

/** By network of ours with a range for the engine's own: the first free address outside of it, where one is left. */
function addressesFor(scene: Scene, { config }: StepArguments['create'], given: Addresses[]): Addresses {
  const found = config.networks.flatMap((joined) => {
    const network = scene.observed.networks.find(({ name }) => name === joined.network)
    // One that the manifest fixes is part of the container's own settings.
    if (joined.address !== undefined || !network?.ours || network.subnet?.range === undefined) return []
    const address = firstFree(network.subnet, takenOn(scene, network, given))
    return address === null ? [] : [[network.name, address] as const]
  })
  return Object.fromEntries(found)
}

/** Addresses that are spoken for: a stopped container must find its own again, and so must one of the manifest's. */
function takenOn(scene: Scene, { name }: ObservedNetwork, given: Addresses[]): Set<number> {
  const now = given.flatMap((addresses) => parseAddress(addresses[name] ?? '') ?? [])
  return new Set([...addressesOn(scene, name), ...now])
}

/** Never the network's own address, the broadcast's or the gateway's, which is the first one unless it is another. */
function firstFree({ subnet, range = '', gateway = '' }: Subnet, taken: Set<number>): string | null {
  const [block, automatic] = [parseBlock(subnet), parseBlock(range)]
  if (block === null || automatic === null) return null
  const last = block.base + sizeOf(block.prefix) - 1
  for (let address = block.base + 2; address < last; address += 1) {
    const isFree = !contains(automatic, address) && !taken.has(address) && address !== parseAddress(gateway)
    if (isFree) return formatAddress(address)
  }
  return null
}
