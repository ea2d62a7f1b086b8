import type { PortEntry } from '../model/traffic.ts'
import { forwardedLines } from './forwarded.ts'
import type { Held } from './held.ts'
import { AT_MOST, defaultsFor, FOR_CLIENTS, knownAs, upstreamOf } from './layers.ts'
import { keyOf } from './parts.ts'
import type { GatewaySettings } from './settings.ts'

/** The listener of a port. */
export function portEntryLines({ stack, entry }: Held<PortEntry>, settings: GatewaySettings): string[] {
  const { name, speaks, at } = entry
  const layer = speaks === 'auto' ? 'tcp' : speaks
  return [
    `frontend ${keyOf(stack, name)}:edge from ${defaultsFor(layer)}`,
    AT_MOST,
    ...bindLines(at, speaks === 'http2' ? ' proto h2' : ''),
    ...(speaks === 'auto' ? findingOut(stack, name) : []),
    ...(layer === 'tcp' ? [] : forwardedLines('http', settings)),
    `    default_backend ${upstreamOf(stack, name, layer)}`,
    '',
  ]
}

/** Every address means those of both kinds, on a host that has both. */
export function bindLines({ address, port }: Pick<PortEntry, 'address' | 'port'>, options: string): string[] {
  if (isEveryAddress(address)) {
    return [`    bind 0.0.0.0:${port}${options}`, ...onlyWithIpv6(`[::]:${port} v6only${options}`)]
  }
  if (address.includes(':')) return onlyWithIpv6(`[${address}]:${port}${options}`)
  return [`    bind ${address}:${port}${options}`]
}

export function isEveryAddress(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

function onlyWithIpv6(bind: string): string[] {
  return ['    .if defined(HOLDFAST_IPV6)', `    bind ${bind}`, '    .endif']
}

/**
 * HTTP/1 is balanced by request; HTTP/2 without TLS, TLS, and whatever else there is, are passed on as bytes. A client
 * that says nothing for a moment may be waiting for the server to speak first, unless a replica has answered in HTTP
 * before: then it is HTTP that comes late, or in pieces. Passed on as bytes it could tell replicas whom they serve.
 */
function findingOut(stack: string, name: string): string[] {
  const isHttp = '{ var(sess.http) -m bool }'
  return [
    // A listener in TCP takes over none of what holds for HTTP.
    ...FOR_CLIENTS,
    '    tcp-request inspect-delay 50ms',
    '    acl http2 req.payload(0,14) -m bin 505249202a20485454502f322e30',
    '    acl may_be_http req.len eq 0',
    '    acl may_be_http req.payload(0,1) -m reg ^[A-Za-z\\r\\n]',
    '    tcp-request content accept if http2',
    '    tcp-request content switch-mode http if HTTP',
    `    tcp-request content set-var(sess.http) bool(true) if may_be_http { var(${knownAs(stack, name)}) -m bool }`,
    `    tcp-request content switch-mode http if ${isHttp}`,
    `    use_backend ${upstreamOf(stack, name, 'tcp')} if http2`,
    `    use_backend ${upstreamOf(stack, name, 'http')} if HTTP`,
    `    use_backend ${upstreamOf(stack, name, 'http')} if ${isHttp}`,
  ]
}
