import type { Incident } from '../../support/traffic/program/tally.ts'
import type { Window } from './figures.ts'

/** Failures of one kind that one client saw around one update. */
interface Group {
  place: string
  client: string
  failure: string
  count: number
  /** Seconds after the update began, or ended. */
  first: number
  last: number
  detail: string
}

/** One line for each client, kind and update, in the order of time: what to look at when the target is missed. */
export function tellIncidents(incidents: Incident[], windows: Window[]): string[] {
  const groups = new Map<string, Group>()
  for (const incident of [...incidents].sort((one, other) => one.at - other.at)) {
    const { client, failure, detail, at } = incident
    const { place, seconds } = placeOf(at, windows)
    const key = [place, client, failure].join()
    const group = groups.get(key) ?? { place, client, failure, count: 0, first: seconds, last: seconds, detail }
    groups.set(key, { ...group, count: group.count + 1, last: seconds })
  }
  return [...groups.values()].map(
    ({ place, client, failure, count, first, last, detail }) =>
      `${place} ${first.toFixed(1)} to ${last.toFixed(1)} s: ${client}: ${count} × ${failure} (${detail})`,
  )
}

function placeOf(at: number, windows: Window[]): { place: string; seconds: number } {
  const index = windows.findLastIndex(({ from }) => from <= at)
  const window = windows[index]
  if (!window) return { place: 'before the first update', seconds: (at - (windows[0]?.from ?? at)) / 1_000 }
  const isOver = at > window.to
  const seconds = (at - (isOver ? window.to : window.from)) / 1_000
  return { place: isOver ? `after update ${index + 1},` : `in update ${index + 1},`, seconds }
}
