import type { ObservedContainer } from '../../model/observed.ts'
import type { Release } from '../../model/release.ts'
import type { PublishedPort, Service, UpdatePolicy } from '../../model/stack.ts'
import type { Scene } from '../desired.ts'
import { samePorts } from '../match.ts'
import { keepsAddresses } from './networks.ts'

/** Who publishes the ports of a service. */
export interface Publishing {
  /** The container itself: no second one can hold them at the same time. */
  own: PublishedPort[]
  /** The gateway, for all replicas. */
  ingress: PublishedPort[]
}

/** The gateway passes TCP on, to replicas at addresses that they keep; everything else is the containers' own to publish. */
export function publishingOf(scene: Pick<Scene, 'observed'>, { stack }: Release, service: Service): Publishing {
  const isReached = service.container.networks.some(({ network }) => keepsAddresses(scene, stack, network))
  if (!scene.observed.traffic || service.kind === 'job' || !isReached) return { own: service.publish, ingress: [] }
  const isIngress = ({ protocol }: PublishedPort) => protocol === 'tcp'
  return { own: service.publish.filter((port) => !isIngress(port)), ingress: service.publish.filter(isIngress) }
}

/** How replicas of a service are replaced: what holds a port of the host has to go before another one can. */
export function orderOf({ update }: Service, { own }: Publishing): Pick<UpdatePolicy, 'order' | 'because'> {
  const [port] = own
  if (update.order === 'stop-first' || port === undefined) return update
  return { order: 'stop-first', because: `publishes port ${port.published} on the host` }
}

/**
 * It was made to have its ports published, or its names known, in another way than now: whether it holds a port of the
 * host, and whom it asks for names, cannot be changed while it runs.
 */
export function isMisplaced(scene: Pick<Scene, 'observed'>, container: ObservedContainer, wanted: Publishing): boolean {
  if (!samePorts(container.publish, wanted.own)) return true
  return scene.observed.traffic === null && container.lookups !== undefined
}
