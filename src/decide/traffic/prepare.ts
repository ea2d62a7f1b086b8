import type { Release } from '../../model/release.ts'
import type { Step } from '../../model/steps.ts'
import type { Scene } from '../desired.ts'
import { step } from '../step.ts'
import { entriesFor, exposeSteps } from './entries.ts'
import { namedNetworks, namesAddress } from './networks.ts'

/** The gateway and the names, as far as the release needs them, before its containers. */
export function trafficSteps(scene: Scene, release: Release): Step[] {
  const { observed, desired } = scene
  const { traffic } = observed
  if (!traffic) return []
  const named = observed.networks.filter(({ name }) => namedNetworks(scene, release).includes(name))
  const needsGateway = !traffic.gateway && entriesFor(scene, release).length > 0
  const running = [
    ...(needsGateway
      ? [step('run-gateway', desired.stack, 'gateway', 'it takes the requests to published ports', {})]
      : []),
    ...(!traffic.names && named.length > 0
      ? [step('run-names', desired.stack, 'names', 'only replicas that are ready are found by name', {})]
      : []),
  ]
  return running.length > 0 ? running : [...joinSteps(scene, named), ...exposeSteps(scene, release)]
}

function joinSteps(scene: Scene, named: Scene['observed']['networks']): Step[] {
  return named.flatMap((network) => {
    const address = namesAddress(scene, network)
    if (scene.observed.traffic?.joined[network.name] !== undefined || address === null) return []
    const args = { network: network.name, address }
    return [step('join-names', scene.desired.stack, network.name, 'its containers ask for names there', args)]
  })
}
