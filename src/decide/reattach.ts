import { contains, parseAddress, parseBlock } from '../model/cidr.ts'
import type { ObservedContainer, ObservedNetwork } from '../model/observed.ts'
import type { NetworkAttachment, Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { Scene } from './desired.ts'
import type { Slot } from './slots.ts'
import { slotName, step } from './step.ts'

/** Joins the slot's container to the next network that it lacks, at the address it keeps there; null when it lacks none. */
export function attachStep(scene: Scene, slot: Slot): Step | null {
  const [wanted] = slot.current ? lacking(scene, slot.service, slot.current) : []
  const network = scene.observed.networks.find(({ name }) => name === wanted?.network)
  if (!wanted || !network || !slot.current) return null
  const address = wanted.address ?? keptAddress(slot.current, network)
  const aliases = slot.current.lookups?.gated.includes(network.name) ? [] : wanted.aliases
  const args = { container: slot.current.name, network: network.name, aliases }
  const because = `it is not joined to ${network.name} any more`
  return step('attach', scene.desired.stack, slotName(slot), because, { ...args, ...(address ? { address } : {}) })
}

/** The address it was created to keep, unless the network has another subnet by now. */
export function keptAddress({ addresses }: ObservedContainer, { name, subnet }: ObservedNetwork): string | undefined {
  const kept = addresses[name]
  const [address, block] = [parseAddress(kept ?? ''), parseBlock(subnet?.subnet ?? '')]
  return address !== null && block !== null && contains(block, address) ? kept : undefined
}

/** Networks of the service that are there, and that the container is not joined to. */
function lacking({ observed }: Scene, { container }: Service, { attached }: ObservedContainer): NetworkAttachment[] {
  if (container.networkMode !== undefined) return []
  const there = new Set(observed.networks.map(({ name }) => name))
  return container.networks.filter(({ network }) => there.has(network) && attached[network] === undefined)
}
