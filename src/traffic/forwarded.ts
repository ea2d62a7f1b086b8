import type { GatewaySettings } from './settings.ts'

/**
 * What a replica is told of the client is what the gateway itself saw: whatever the client says of that is dropped. A
 * proxy in front that is believed knows better: what it says stays, and it is itself added to those it names.
 */
export function forwardedLines(scheme: 'http' | 'https', { trustedProxies }: GatewaySettings): string[] {
  const trusted = [...trustedProxies].sort()
  const unlessTrusted = trusted.length === 0 ? '' : ' if !trusted'
  const unlessSaid = (header: string) => (trusted.length === 0 ? '' : ` if !{ req.hdr(${header}) -m found }`)
  const set = (header: string, value: string) =>
    `    http-request set-header ${header} ${value}${unlessSaid(header.toLowerCase())}`
  return [
    ...trusted.map((proxy) => `    acl trusted src ${proxy}`),
    `    http-request del-header x-forwarded- -m beg${unlessTrusted}`,
    `    http-request del-header forwarded${unlessTrusted}`,
    `    http-request del-header x-real-ip${unlessTrusted}`,
    '    http-request add-header X-Forwarded-For %[src]',
    set('X-Real-IP', '%[src]'),
    set('X-Forwarded-Proto', scheme),
    set('X-Forwarded-Host', '%[req.hdr(host)]'),
    set('X-Forwarded-Port', '%[dst_port]'),
  ]
}
