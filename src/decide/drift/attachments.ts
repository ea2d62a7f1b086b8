import type { Attached, ObservedContainer } from '../../model/observed.ts'
import type { Service } from '../../model/stack.ts'

/** By network: how a container of `service` should be joined to it. Null when it has no networks of its own. */
export function attachmentsOf(container: ObservedContainer, service: Service): Record<string, Attached> | null {
  const { networks, networkMode } = service.container
  if (networkMode !== undefined) return null
  const wanted = networks.map(({ network, aliases, address }) => {
    return [network, { aliases, address: address ?? container.addresses[network] ?? '' }] as const
  })
  return Object.fromEntries(wanted)
}

/** `web, api at 10.201.0.3` */
export function attachmentText(attached: Attached | undefined): string {
  if (attached === undefined) return 'not joined'
  const aliases = [...new Set(attached.aliases)].sort().join(', ')
  return [aliases, attached.address && `at ${attached.address}`].filter(Boolean).join(' ') || 'joined'
}
