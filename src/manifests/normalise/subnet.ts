import { type Block, covers, isHostOf, parseAddress, parseSubnet } from '../../model/cidr.ts'
import type { Subnet } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { NetworkFile } from '../schema.generated.ts'
import { display } from '../shape.ts'
import { present, type StackContext } from './context.ts'

/** Room for a gateway, an old and a new replica; and no more than the private blocks hold. */
const PREFIXES = { largest: 8, smallest: 29 }

/** The subnet that the file gives a network, checked or not; what `ipv4_address` is measured by. */
export function subnetOf(definition: NetworkFile | undefined): Subnet | undefined {
  const entry = definition?.ipam?.config?.[0]
  if (typeof entry?.subnet !== 'string') return undefined
  return present<Subnet>({ subnet: entry.subnet, range: entry.ip_range, gateway: entry.gateway })
}

/** Reports what is wrong with the addresses of the networks at the top level. */
export function checkSubnets(context: StackContext): void {
  for (const [key, definition] of Object.entries(context.data.networks ?? {})) {
    if (definition?.ipam !== undefined) checkNetwork(key, definition, context)
  }
}

function checkNetwork(key: string, definition: NonNullable<NetworkFile>, context: StackContext): void {
  const { manifest, report } = context
  const path: Path = ['networks', key, 'ipam']
  if (definition.external === true) {
    const hint = 'Remove `ipam`: the network exists already, with the addresses it has.'
    report.error(manifest.keyAt(path), 'conflicting-keys', `The external network \`${key}\` has \`ipam\``, hint)
  }
  const entries = definition.ipam?.config ?? []
  if (entries.length > 1) {
    const hint = 'Keep one entry, for IPv4; or create the network by hand and mark it `external: true`.'
    const place = manifest.at([...path, 'config', 1])
    report.error(place, 'unsupported-value', 'More than one subnet is not supported by this version', hint)
  }
  const subnet = subnetOf(definition)
  if (subnet !== undefined) checkSubnet(subnet, [...path, 'config', 0], context)
}

function checkSubnet({ subnet, range, gateway }: Subnet, path: Path, context: StackContext): void {
  const block = parseSubnet(subnet)
  if (block === null || block.prefix > PREFIXES.smallest || block.prefix < PREFIXES.largest) {
    const hint = 'Write an IPv4 subnet by its first address, between /8 and /29: `10.20.0.0/24`.'
    refuse([...path, 'subnet'], 'a subnet', hint, context)
    return
  }
  if (range !== undefined && !isPart(block, range)) {
    const hint = `Write a part of ${subnet} by its first address, e.g. its upper half.`
    refuse([...path, 'ip_range'], `a part of ${subnet}`, hint, context)
  }
  const address = gateway === undefined ? undefined : parseAddress(gateway)
  if (address === null || (address !== undefined && !isHostOf(block, address))) {
    refuse([...path, 'gateway'], `an address in ${subnet}`, 'Leave it out for the first address.', context)
  }
}

function isPart(subnet: Block, range: string): boolean {
  const block = parseSubnet(range)
  return block !== null && covers(subnet, block)
}

function refuse(path: Path, what: string, hint: string, { manifest, report }: StackContext): void {
  report.error(manifest.at(path), 'wrong-value', `${display(manifest, path)} is not ${what}`, hint)
}
