import { createHash } from 'node:crypto'
import type { Entry } from '../model/traffic.ts'

/** How the gateway speaks to replicas. `auto` has two: HTTP where it was recognised, and bytes for all else. */
export type Layer = 'http' | 'http2' | 'tcp'

/** A part of the configuration that sends to the replicas of one entry. */
export interface Part {
  stack: string
  /** Name of the entry as it stands in the names of parts; see `encoded`. */
  entry: string
  layer: Layer
}

/** Where the gateway's own sockets are, inside of its container. */
export const SOCKETS = '/run/holdfast'

export function layersOf({ speaks, at }: Entry): Layer[] {
  if (speaks === 'auto') return at.kind === 'route' ? ['http'] : ['http', 'tcp']
  return [speaks]
}

/** Begins the names of all that is made for an entry; nothing else has this name, whatever the entry's. */
export function keyOf(stack: string, entry: string): string {
  return `${stack}:${encoded(entry)}`
}

/** HAProxy's name of the part whose servers are the replicas. */
export function backendOf(stack: string, entry: string, layer: Layer): string {
  return `${keyOf(stack, entry)}:${layer}`
}

/** The part with that name; null for what leads to another part, and not to replicas. */
export function partOf(backend: string): Part | null {
  const [stack, entry, layer, ...more] = backend.split(':')
  if (stack === undefined || entry === undefined || more.length > 0) return null
  return layer === 'http' || layer === 'http2' || layer === 'tcp' ? { stack, entry, layer } : null
}

/** Paths of sockets may not be long. */
export function socketOf(stack: string, entry: string, layer: Layer): string {
  return `${SOCKETS}/${shortOf(backendOf(stack, entry, layer))}.sock`
}

/** Names that, for where names may not be long or may not have all characters. */
export function shortOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16)
}

/** What HAProxy takes as a name, and only one way to write each. */
function encoded(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, (character) => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
