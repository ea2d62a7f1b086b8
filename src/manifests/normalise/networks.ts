import { isHalved, parseSubnet } from '../../model/cidr.ts'
import type { NetworkAttachment } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import { nameAsWritten } from '../shape.ts'
import { present, type ServiceContext } from './context.ts'
import { undefinedHint } from './mounts.ts'
import { networkName } from './names.ts'
import { subnetOf } from './subnet.ts'

/** The networks a service joins, each under its name and aliases; `default` when it names none, none instead of which it has a mode. */
export function networksOf(context: ServiceContext): NetworkAttachment[] {
  if (context.file.network_mode !== undefined) return []
  const wanted = requested(context)
  const known = Object.keys(context.data.networks ?? {})
  return wanted.flatMap(({ key, aliases, address, path }) => {
    if (key !== 'default' && !known.includes(key)) {
      const shown = nameAsWritten(key, context.manifest, path)
      const message = `The network \`${shown}\` is not defined`
      const hint = undefinedHint('networks', shown, known)
      context.report.error(context.manifest.keyAt(path), 'unresolved-reference', message, hint)
      return []
    }
    context.usedNetworks.add(key)
    const names = [...new Set([context.service, ...aliases])]
    return [present<NetworkAttachment>({ network: networkName(key, context), aliases: names, address })]
  })
}

/**
 * Whether the gateway reaches the service's replicas: at addresses that they keep, which takes a network of the stack's
 * own, and of its addresses a part that the engine does not give by itself.
 */
export function isReachable(context: ServiceContext): boolean {
  return requested(context).some(({ key }) => {
    const definition = context.data.networks?.[key]
    const { subnet, range } = subnetOf(definition) ?? {}
    const block = parseSubnet(subnet ?? '')
    return definition?.external !== true && (block === null || range !== undefined || isHalved(block))
  })
}

interface Wanted {
  key: string
  aliases: string[]
  address?: string | undefined
  path: Path
}

function requested(context: ServiceContext): Wanted[] {
  const networks = context.file.networks ?? []
  const path = [...context.path, 'networks']
  const wanted = Array.isArray(networks)
    ? networks.map((key, at) => ({ key, aliases: [], path: [...path, at] }))
    : Object.entries(networks).map(([key, value]) => {
        return { key, aliases: value?.aliases ?? [], address: value?.ipv4_address, path: [...path, key] }
      })
  return wanted.length > 0 ? wanted : [{ key: 'default', aliases: [], path }]
}
