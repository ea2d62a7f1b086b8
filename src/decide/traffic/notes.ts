import type { Observed } from '../../model/observed.ts'
import type { Release } from '../../model/release.ts'
import { servicesOf } from '../order.ts'
import { whyNotNamed } from './networks.ts'
import { publishingOf } from './publishing.ts'

/** Where an update may be noticed although the target has a gateway. */
export function trafficNotes(release: Release, observed: Observed): string[] {
  if (!observed.traffic) return []
  const networks = Object.keys(release.stack.networks).sort()
  const services = servicesOf(release).filter(({ kind }) => kind === 'service')
  return [
    ...networks.flatMap((network) => {
      const why = whyNotNamed({ observed }, release, network)
      return why === null ? [] : [`names in the network ${network} are the engine's own, ready or not: ${why}`]
    }),
    ...services.flatMap((service) =>
      publishingOf({ observed }, release, service).own.map(
        ({ published, protocol }) =>
          `${service.name} publishes ${published}/${protocol} by itself, not through the gateway`,
      ),
    ),
  ]
}
