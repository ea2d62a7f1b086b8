import { look, type SimulatedTraffic, type World } from '../../decide/simulation/world.ts'
import type { EntryReport, FoundByName, ReplicaReport, TrafficNumbers, TrafficReport } from '../../model/traffic.ts'

/** Nobody sends anything in the model. */
const NOTHING: TrafficNumbers = {
  requests: 0,
  connections: 0,
  perSecond: 0,
  errors: { answers: 0, unreached: 0, brokenOff: 0 },
  responseMs: null,
  bytesIn: 0,
  bytesOut: 0,
}

/** What the gateway and the names of the world would tell; null where it has none. */
export function trafficReport(world: World): TrafficReport | null {
  const { traffic } = world
  if (traffic === null) return null
  const { gateway, names } = traffic
  return {
    gateway: gateway ? { countsForMs: world.nowMs, entries: entriesOf(world, traffic) } : null,
    names: names ? networksOf(world, traffic) : null,
  }
}

function entriesOf(world: World, { entries }: SimulatedTraffic): EntryReport[] {
  const reports = [...entries].flatMap(([stack, held]) =>
    held.map((entry) => ({ ...entry, stack, numbers: NOTHING, replicas: replicasOf(world, stack, entry.name) })),
  )
  return reports.sort((a, b) => order([a.stack, a.name], [b.stack, b.name]))
}

function replicasOf(world: World, stack: string, entry: string): ReplicaReport[] {
  const { traffic } = look(world, { stack, images: [], networks: [], volumes: [] })
  const listed = Object.entries(traffic?.listed ?? {}).sort(([a], [b]) => order([a], [b]))
  return listed.flatMap(([container, { requests }]) => {
    const place = requests[entry]
    if (place === undefined) return []
    const { up = [], inFlight = 0 } = traffic?.reached[container] ?? {}
    return [{ container, place, state: up.includes(entry) ? 'up' : 'down', inFlight, numbers: NOTHING }]
  })
}

function networksOf({ containers }: World, { joined, listed }: SimulatedTraffic): TrafficReport['names'] {
  const found = (network: string) =>
    [...listed].flatMap(([container, { names }]): FoundByName[] => {
      const { stack = '' } = containers.find(({ name }) => name === container) ?? {}
      const one = names[network]
      return one === undefined ? [] : [{ stack, container, ...one }]
    })
  return [...joined]
    .map(([network, address]) => ({
      network,
      address,
      found: found(network).sort((a, b) => order([a.stack, a.container], [b.stack, b.container])),
    }))
    .sort((a, b) => order([a.network], [b.network]))
}

function order(a: string[], b: string[]): number {
  return a.join(' ') < b.join(' ') ? -1 : 1
}
