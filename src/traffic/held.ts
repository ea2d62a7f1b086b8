import type { Entry, PortEntry, RouteEntry } from '../model/traffic.ts'
import { entriesByName, type GatewayState, sorted } from './state.ts'

/** An entry, and the stack that has it. */
export interface Held<At = Entry['at']> {
  stack: string
  entry: Omit<Entry, 'at'> & { at: At }
}

export function heldIn(state: GatewayState): Held[] {
  return sorted(state).flatMap(([stack, { entries }]) => entriesByName(entries).map((entry) => ({ stack, entry })))
}

export function isPort(held: Held): held is Held<PortEntry> {
  return held.entry.at.kind === 'port'
}

export function isRoute(held: Held): held is Held<RouteEntry> {
  return held.entry.at.kind === 'route'
}
