import type { Entry, Listing, Place, Reached } from '../model/traffic.ts'
import { backendOf, layersOf, partOf } from './parts.ts'
import { addressOf } from './servers.ts'
import type { ShownGateway } from './shown.ts'
import { entriesByName, sorted } from './state.ts'

/** What the gateway holds for one stack. */
export interface StackShown {
  /** Sorted by name. */
  entries: Entry[]
  /** By container. */
  listed: Record<string, Listing['requests']>
  /** By container, also such as are not listed any more. */
  reached: Record<string, Reached>
  /** Entries of other stacks, and who holds them. */
  takenEntries: Record<string, string>
}

export function shownOf(shown: ShownGateway, stack: string): StackShown {
  const { entries, listed } = shown.state[stack] ?? { entries: [], listed: {} }
  const others = sorted(shown.state).filter(([name]) => name !== stack)
  return {
    entries: entriesByName(entries),
    listed: listedIn(shown, stack, entries, listed),
    reached: reachedIn(shown, stack, entries),
    takenEntries: Object.fromEntries(
      others.flatMap(([name, part]) => entriesByName(part.entries).map((entry) => [entry.name, `stack ${name}`])),
    ),
  }
}

/** Where the running process can tell, it is asked, and not what was meant. */
function listedIn(
  { servers }: ShownGateway,
  stack: string,
  entries: Entry[],
  meant: Record<string, Record<string, Place>>,
): Record<string, Listing['requests']> {
  const known = new Map(entries.map((entry) => [entry.name, entry]))
  const isSent = (container: string, name: string, place: Place) => {
    const entry = known.get(name)
    if (entry === undefined) return true
    return layersOf(entry).every((layer) => {
      const backend = backendOf(stack, name, layer)
      const server = servers.find((one) => one.backend === backend && one.name === container)
      return server?.isOpen && server.address === addressOf(place)
    })
  }
  const listed = sorted(meant).map(([container, requests]) => {
    const sent = sorted(requests).filter(([name, place]) => isSent(container, name, place))
    return [container, Object.fromEntries(sent)] as const
  })
  return Object.fromEntries(listed)
}

function reachedIn({ servers, earlier }: ShownGateway, stack: string, entries: Entry[]): Record<string, Reached> {
  const isOfStack = ({ backend }: { backend: string }) => partOf(backend)?.stack === stack
  const reached: Record<string, Reached> = {}
  for (const { name, current } of [...servers, ...earlier].filter(isOfStack)) {
    const before = reached[name] ?? { up: [], inFlight: 0 }
    reached[name] = { ...before, inFlight: before.inFlight + current }
  }
  for (const [container, found] of Object.entries(reached)) {
    const isUp = (entry: Entry) =>
      layersOf(entry).every((layer) => {
        const backend = backendOf(stack, entry.name, layer)
        return servers.some((one) => one.name === container && one.backend === backend && one.isUp)
      })
    found.up = entries
      .filter(isUp)
      .map(({ name }) => name)
      .sort()
  }
  return reached
}
