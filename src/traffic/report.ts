import type { Entry, EntryReport, GatewayReport, ReplicaReport, ReplicaState } from '../model/traffic.ts'
import { numbersOf } from './counts.ts'
import { backendOf, type Layer, layersOf } from './parts.ts'
import { placeOf } from './servers.ts'
import type { BusyServer, ShownGateway, ShownServer } from './shown.ts'
import { entriesByName, sorted } from './state.ts'

/** A replica may be reached in several layers: it counts as the first of these that it is in one of them. */
const STATES: ReplicaState[] = ['draining', 'down', 'unchecked', 'up']

/** What the gateway shows of itself, by entry and replica. */
export function gatewayReport(shown: ShownGateway): GatewayReport {
  const entries = sorted(shown.state).flatMap(([stack, part]) =>
    entriesByName(part.entries).map((entry) => entryReport(shown, stack, entry)),
  )
  return { countsForMs: shown.runsForMs, entries }
}

function entryReport(shown: ShownGateway, stack: string, entry: Entry): EntryReport {
  const layers = new Map(layersOf(entry).map((layer) => [backendOf(stack, entry.name, layer), layer]))
  return {
    ...entry,
    stack,
    numbers: numbersOf(withLayer(shown.parts, layers)),
    replicas: replicasOf(shown, layers),
  }
}

function replicasOf({ servers, earlier }: ShownGateway, layers: Map<string, Layer>): ReplicaReport[] {
  const current = withLayer(servers, layers)
  // A process that was replaced by a reload still has all servers that it ever had.
  const busy = withLayer(earlier, layers).filter((server) => server.current > 0)
  const containers = [...new Set([...current, ...busy].map(({ name }) => name))].sort()
  return containers.map((container) => {
    const isMeant = ({ name }: { name: string }) => name === container
    return replicaReport(container, current.filter(isMeant), busy.filter(isMeant))
  })
}

function replicaReport(
  container: string,
  servers: (ShownServer & { layer: Layer })[],
  busy: BusyServer[],
): ReplicaReport {
  const [first] = [...servers, ...busy]
  const states = new Set(servers.map(({ state }) => state))
  return {
    container,
    place: placeOf(first?.address ?? ''),
    state: STATES.find((state) => states.has(state)) ?? 'draining',
    inFlight: [...servers, ...busy].reduce((sum, { current }) => sum + current, 0),
    numbers: numbersOf(servers),
  }
}

function withLayer<T extends { backend: string }>(found: T[], layers: Map<string, Layer>): (T & { layer: Layer })[] {
  return found.flatMap((one) => {
    const layer = layers.get(one.backend)
    return layer === undefined ? [] : [{ ...one, layer }]
  })
}
