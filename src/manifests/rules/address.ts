import { isHostOf, parseAddress, parseSubnet } from '../../model/cidr.ts'
import type { ServiceContext } from '../normalise/context.ts'
import { subnetOf } from '../normalise/subnet.ts'
import type { Path } from '../path.ts'
import { display } from '../shape.ts'

/** Rules about `ipv4_address`: one replica has it, in a subnet that the file gives; of external networks it is unknown. */
export function checkAddresses(replicas: number, context: ServiceContext): void {
  const networks = context.file.networks ?? []
  if (Array.isArray(networks)) return
  for (const [key, joined] of Object.entries(networks)) {
    if (joined?.ipv4_address === undefined) continue
    const path = [...context.path, 'networks', key, 'ipv4_address']
    checkReplicas(replicas, path, context)
    checkAddress(joined.ipv4_address, key, path, context)
  }
}

function checkReplicas(replicas: number, path: Path, { service, manifest, report }: ServiceContext): void {
  if (replicas <= 1) return
  const message = `\`${service}\` has a fixed address but ${replicas} replicas; only one can have it`
  const hint = 'Use one replica, or remove `ipv4_address` and reach the service by name.'
  report.error(manifest.at(path), 'address-needs-one-replica', message, hint)
}

function checkAddress(text: string, key: string, path: Path, context: ServiceContext): void {
  const { manifest, report, data } = context
  const place = manifest.at(path)
  const shown = display(manifest, path)
  const address = parseAddress(text)
  if (address === null) {
    report.error(place, 'wrong-value', `${shown} is not an IPv4 address`, 'Write four numbers, such as 10.20.0.10.')
    return
  }
  const definition = data.networks?.[key]
  if (definition?.external === true || (key !== 'default' && !Object.hasOwn(data.networks ?? {}, key))) return
  const subnet = subnetOf(definition)
  if (subnet === undefined) {
    const hint = `Give it one: \`networks: {${key}: {ipam: {config: [{subnet: 10.20.0.0/24}]}}}\`, or remove \`ipv4_address\`.`
    report.error(place, 'address-not-in-subnet', `The network \`${key}\` has no subnet for the address ${shown}`, hint)
    return
  }
  const block = parseSubnet(subnet.subnet)
  if (block === null) return
  const gateway = parseAddress(subnet.gateway ?? '') ?? block.base + 1
  if (isHostOf(block, address) && address !== gateway) return
  const message =
    address === gateway ? `${shown} is the address of the gateway` : `${shown} is no address in ${subnet.subnet}`
  report.error(place, 'address-not-in-subnet', message, `Choose another one in ${subnet.subnet}.`)
}
