import type { Attached, ObservedContainer, ObservedNetwork } from '../../model/observed.ts'
import type { Service } from '../../model/stack.ts'
import { keptAddress } from '../reattach.ts'

/** By network: how a container of `service` should be joined to it. Null when it has no networks of its own. */
export function attachmentsOf(
  container: ObservedContainer,
  service: Service,
  there: ObservedNetwork[],
): Record<string, Attached> | null {
  const { networks, networkMode } = service.container
  if (networkMode !== undefined) return null
  const wanted = networks.map(({ network, aliases, address }) => {
    const found = there.find(({ name }) => name === network)
    const kept = found ? keptAddress(container, found) : container.addresses[network]
    const known = container.lookups?.gated.includes(network) ? [] : aliases
    return [network, { aliases: known, address: address ?? kept ?? '' }] as const
  })
  return Object.fromEntries(wanted)
}

/** `web, api at 10.201.0.3` */
export function attachmentText(attached: Attached | undefined): string {
  if (attached === undefined) return 'not joined'
  const aliases = [...new Set(attached.aliases)].sort().join(', ')
  return [aliases, attached.address && `at ${attached.address}`].filter(Boolean).join(' ') || 'joined'
}
