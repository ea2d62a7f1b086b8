import { createHash } from 'node:crypto'
import { heldIn, isPort, isRoute } from './held.ts'
import { FOR_CLIENTS, innerLines } from './layers.ts'
import { SOCKETS } from './parts.ts'
import { portEntryLines } from './ports.ts'
import { certificateList, routeLines } from './routes.ts'
import type { GatewaySettings } from './settings.ts'
import { factsOf, type GatewayState } from './state.ts'

/** The gateway's configuration, and what it needs beside it. */
export interface Configuration {
  text: string
  /** Stays the same for as long as only servers change; the process that runs with it tells it. */
  structure: string
  /** By path below the folder of certificates; each is named after its content. */
  lists: Record<string, string>
}

/** What HAProxy, 2.6 or newer, runs with. The state it follows from stands in it. */
export function configurationOf(state: GatewayState, settings: GatewaySettings): Configuration {
  const held = heldIn(state)
  const routes = held.filter(isRoute)
  const list = certificateList(routes)
  const listeners = [
    ...held.filter(isPort).flatMap((one) => portEntryLines(one, settings)),
    ...routeLines(routes, settings, list),
  ]
  const inner = (servers: GatewayState) =>
    held.flatMap(({ stack, entry }) => innerLines(stack, entry, servers[stack] ?? null, settings))
  const structure = hash([...GLOBAL, ...DEFAULTS, ...listeners, ...inner({})].join('\n'))
  const text = [
    '# Written by Holdfast, and written anew when it is changed by hand.',
    ...factsOf(state),
    ...GLOBAL,
    `    description ${structure}`,
    '',
    ...DEFAULTS,
    '',
    ...listeners,
    ...inner(state),
  ].join('\n')
  return { text, structure, lists: list === null ? {} : { [list.name]: list.content } }
}

const GLOBAL = [
  'global',
  '    log stdout format raw local0 notice',
  '    user haproxy',
  '    group haproxy',
  // What comes in takes two of them: see `innerLines`. No single port may take them all.
  '    maxconn 50000',
  '    no strict-limits',
  // A port that somebody else listens on is refused, and not shared.
  '    noreuseport',
  '    tune.bufsize 65536',
  '    tune.http.maxhdr 1000',
  '    max-spread-checks 100',
  `    stats socket ${SOCKETS}/worker.sock mode 600 level admin expose-fd listeners`,
]

/**
 * Silence is no failure: whatever a service may do without a gateway it may do with one. Nothing is sent twice but what
 * never reached a replica. Connections to replicas are not kept, for one of them could be closed by the replica at the
 * very moment at which the next request is sent.
 */
const DEFAULTS = [
  'defaults tcp',
  '    mode tcp',
  '    log global',
  '    timeout connect 5s',
  '    timeout client 24h',
  '    timeout server 24h',
  '    option redispatch 1',
  '    retries 3',
  '    option clitcpka',
  '    option srvtcpka',
  '',
  'defaults http',
  '    mode http',
  '    log global',
  '    timeout connect 5s',
  '    timeout client 1h',
  '    timeout server 1h',
  '    timeout tunnel 24h',
  '    option redispatch 1',
  '    retries 3',
  '    option clitcpka',
  '    option srvtcpka',
  '    option http-server-close',
  ...FOR_CLIENTS,
  '    http-reuse never',
  `    http-error status 503 content-type "text/html; charset=utf-8" string "${page('503 Service Unavailable', 'No replica of this service is ready. Try again in a moment.')}"`,
]

function page(title: string, text: string): string {
  return `<!doctype html><meta charset=utf-8><title>${title}</title><h1>${title}</h1><p>${text}</p>`
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
