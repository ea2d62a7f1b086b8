import type { Entry, Place } from '../model/traffic.ts'
import { backendOf, type Layer, layersOf } from './parts.ts'
import { entriesByName, type GatewayState, type StackState, sorted } from './state.ts'

/** A replica behind an entry, as HAProxy is to have it. */
export interface Server {
  backend: string
  /** The container. */
  name: string
  /** `10.201.3.4:8080` */
  address: string
  options: string
}

/** Also for those that are added while it runs, which do not take over what the configuration says in general. */
const CHECKED = 'check inter 2s fastinter 250ms downinter 500ms fall 4 rise 1'

/** All servers that the state asks for. */
export function serversOf(state: GatewayState): Server[] {
  return sorted(state).flatMap(([stack, part]) =>
    entriesByName(part.entries).flatMap((e) => serversFor(stack, part, e)),
  )
}

export function serversFor(stack: string, { listed }: StackState, entry: Entry): Server[] {
  return layersOf(entry).flatMap((layer) =>
    sorted(listed).flatMap(([name, requests]) => {
      const place = requests[entry.name]
      if (place === undefined) return []
      const backend = backendOf(stack, entry.name, layer)
      return [{ backend, name, address: addressOf(place), options: optionsOf(entry, layer) }]
    }),
  )
}

export function addressOf({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** The reverse of `addressOf`. */
export function placeOf(text: string): Place {
  const at = text.lastIndexOf(':')
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

/** What all servers of a part have. */
export function optionsOf(entry: Entry, layer: Layer): string {
  return [CHECKED, ...(layer === 'http2' ? ['proto h2'] : []), ...(entry.proxyProtocol ? ['send-proxy-v2'] : [])].join(
    ' ',
  )
}
