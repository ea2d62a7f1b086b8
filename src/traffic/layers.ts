import type { Entry } from '../model/traffic.ts'
import { forwardedLines } from './forwarded.ts'
import { backendOf, keyOf, type Layer, layersOf, shortOf, socketOf } from './parts.ts'
import { optionsOf, serversFor } from './servers.ts'
import type { GatewaySettings } from './settings.ts'
import type { StackState } from './state.ts'

/** No single listener takes all connections there may be. */
export const AT_MOST = '    maxconn 10000'

/** How clients in HTTP are treated. Silence is no failure, and a reload ends no connection that may still be used. */
export const FOR_CLIENTS = [
  '    option http-no-delay',
  '    option idle-close-on-response',
  '    timeout http-keep-alive 1h',
]

/** By this a replica's own answer is told from the gateway's. It does not leave the gateway. */
const ANSWERED = 'x-holdfast-answered'

/**
 * Between the listeners and the replicas lies a socket of the gateway's own. A process that was replaced by a reload
 * goes on with the connections it has, and no server can be changed in it any more; but what it is sent later it hands
 * on through this socket, behind which is always the process that runs now.
 */
export function innerLines(stack: string, entry: Entry, state: StackState | null, settings: GatewaySettings): string[] {
  return layersOf(entry).flatMap((layer) => [
    ...upstreamLines(stack, entry, layer, settings),
    ...receiverLines(stack, entry.name, layer),
    ...backendLines(stack, entry, layer),
    ...serverLines(stack, entry, layer, state),
    '',
  ])
}

/** Where a listener sends what came in for an entry. */
export function upstreamOf(stack: string, entry: string, layer: Layer): string {
  return `${keyOf(stack, entry)}:to:${layer}`
}

/** The variable that says that a replica of the entry has answered in HTTP. */
export function knownAs(stack: string, entry: string): string {
  return `proc.known_${shortOf(keyOf(stack, entry))}`
}

export function defaultsFor(layer: Layer): string {
  return layer === 'tcp' ? 'tcp' : 'http'
}

function upstreamLines(stack: string, entry: Entry, layer: Layer, settings: GatewaySettings): string[] {
  const { name } = entry
  return [
    `backend ${upstreamOf(stack, name, layer)} from ${defaultsFor(layer)}`,
    ...(isFoundOut(entry, layer)
      ? [
          ...forwardedLines('http', settings),
          `    http-response set-var(${knownAs(stack, name)}) bool(true) if { res.hdr(${ANSWERED}) -m found }`,
          `    http-response del-header ${ANSWERED}`,
        ]
      : []),
    `    server inner unix@${socketOf(stack, name, layer)} send-proxy-v2${protoOf(layer)}`,
    '',
  ]
}

function receiverLines(stack: string, entry: string, layer: Layer): string[] {
  return [
    `frontend ${keyOf(stack, entry)}:in:${layer} from ${defaultsFor(layer)}`,
    // Whoever connects to it from inside is not root any more.
    `    bind unix@${socketOf(stack, entry, layer)} accept-proxy user haproxy mode 600${protoOf(layer)}`,
    `    default_backend ${backendOf(stack, entry, layer)}`,
    '',
  ]
}

function backendLines(stack: string, entry: Entry, layer: Layer): string[] {
  return [
    `backend ${backendOf(stack, entry.name, layer)} from ${defaultsFor(layer)}`,
    // By the least under way, a replica that has just begun would be sent everything until it has as much as the others.
    `    balance ${layer === 'tcp' ? 'leastconn' : 'roundrobin'}`,
    `    default-server ${optionsOf(entry, layer)}`,
    // In HTTP/2 a replica that ends says so in time, and one connection for each request would use up the ports.
    ...(layer === 'http2' ? ['    http-reuse safe'] : []),
    ...(isFoundOut(entry, layer) ? [`    http-response set-header ${ANSWERED} 1`] : []),
  ]
}

function serverLines(stack: string, entry: Entry, layer: Layer, state: StackState | null): string[] {
  if (state === null) return []
  const backend = backendOf(stack, entry.name, layer)
  return serversFor(stack, state, entry)
    .filter((server) => server.backend === backend)
    .map(({ name, address }) => `    server ${name} ${address}`)
}

/** How it is spoken there has to be found out for each connection, and this is what it was found to be. */
function isFoundOut({ speaks, at }: Entry, layer: Layer): boolean {
  return speaks === 'auto' && at.kind === 'port' && layer === 'http'
}

function protoOf(layer: Layer): string {
  return layer === 'http2' ? ' proto h2' : ''
}
