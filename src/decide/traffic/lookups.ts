import type { ObservedContainer } from '../../model/observed.ts'
import type { Release } from '../../model/release.ts'
import type { Service } from '../../model/stack.ts'
import type { Lookups } from '../../model/traffic.ts'
import type { Scene } from '../desired.ts'
import { isUp } from '../match.ts'
import { namedNetworks } from './networks.ts'

/** How a container that is about to be created finds others by name and is found; undefined where the engine knows it. */
export function lookupsFor(scene: Scene, release: Release, service: Service): Lookups | undefined {
  const { traffic } = scene.observed
  const { networks, networkMode, dns = [] } = service.container
  if (!traffic?.names || networkMode !== undefined || dns.length > 0) return undefined
  // Also those of other stacks that it joins as external ones.
  const asked = networks.filter(({ network }) => traffic.joined[network] !== undefined)
  if (asked.length === 0) return undefined
  const named = namedNetworks(scene, release)
  const found = service.kind === 'service' ? asked.filter(({ network }) => named.includes(network)) : []
  return {
    resolvers: asked.flatMap(({ network }) => traffic.joined[network] ?? []),
    names: Object.fromEntries(found.map(({ network, aliases }) => [network, aliases])),
    gated: found.map(({ network }) => network).filter((network) => allAsk(scene, network)),
  }
}

/** Everybody in the network asks the names: nobody needs the engine's answer. */
function allAsk({ observed }: Scene, network: string): boolean {
  const address = observed.traffic?.joined[network] ?? ''
  const asks = ({ lookups }: ObservedContainer) => lookups?.resolvers.includes(address) === true
  return observed.containers.filter((c) => isUp(c) && c.attached[network] !== undefined).every(asks)
}
