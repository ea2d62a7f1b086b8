import type { RouteEntry } from '../model/traffic.ts'
import { forwardedLines } from './forwarded.ts'
import type { Held } from './held.ts'
import { AT_MOST, upstreamOf } from './layers.ts'
import { layersOf, shortOf } from './parts.ts'
import { bindLines } from './ports.ts'
import type { GatewaySettings } from './settings.ts'

/** Which certificate is for which host. */
export interface CertificateList {
  /** Of the file, in the folder of certificates; follows from its content. */
  name: string
  content: string
}

/** Where certificates and their list are, inside of the gateway's container. */
const CERTIFICATES = '/var/lib/holdfast/certificates'

type HeldRoute = Held<RouteEntry>

/** Null where there is no HTTPS. */
export function certificateList(routes: HeldRoute[]): CertificateList | null {
  const lines = routes.flatMap(({ entry: { at } }) => {
    return at.certificate === undefined ? [] : [`${CERTIFICATES}/${at.certificate}.pem ${at.host}`]
  })
  if (lines.length === 0) return null
  const content = `${[...new Set(lines)].sort().join('\n')}\n`
  return { name: `${shortOf(content)}.list`, content }
}

/** The ports that all routes share. They are listened on only where there are routes. */
export function routeLines(routes: HeldRoute[], settings: GatewaySettings, list: CertificateList | null): string[] {
  if (routes.length === 0) return []
  const secure = routes.filter(({ entry }) => entry.at.certificate !== undefined)
  return [
    'frontend :routes:http from http',
    AT_MOST,
    ...bindLines({ address: '', port: settings.httpPort }, ''),
    ...choice(routes),
    ...redirection(secure, settings),
    ...forwardedLines('http', settings),
    ...destinations(routes),
    '',
    ...(list === null ? [] : secureLines(secure, settings, list)),
  ]
}

/** Whoever asks for a host that has no certificate is refused before anything is told. */
function secureLines(routes: HeldRoute[], settings: GatewaySettings, list: CertificateList): string[] {
  const options = ` ssl crt-list ${CERTIFICATES}/${list.name} strict-sni alpn h2,http/1.1 ssl-min-ver TLSv1.2`
  return [
    'frontend :routes:https from http',
    AT_MOST,
    ...bindLines({ address: '', port: settings.httpsPort }, options),
    ...choice(routes),
    ...forwardedLines('https', settings),
    ...destinations(routes),
    '',
  ]
}

/** The first that fits is taken: exact hosts before others, longer paths before shorter ones. */
function choice(routes: HeldRoute[]): string[] {
  return [
    '    http-request set-var(txn.host) req.hdr(host),field(1,:),rtrim(.),lower',
    ...inOrder(routes).map(
      (route) =>
        `    http-request set-var(txn.route) str(${nameOf(route)}) if !{ var(txn.route) -m found } ${condition(route)}`,
    ),
    '    http-request return status 404 content-type text/plain string "Nothing is served here.\\n" if !{ var(txn.route) -m found }',
  ]
}

function condition({ entry: { at } }: HeldRoute): string {
  const host = at.host.toLowerCase()
  const hosts = host.startsWith('*.')
    ? `{ var(txn.host) -m reg ${quoted(`^[^.]+${host.slice(1).replaceAll('.', '\\.')}$`)} }`
    : `{ var(txn.host) -m str ${quoted(host)} }`
  if (at.path === '/') return hosts
  const path = at.path.replace(/\/+$/, '')
  // A query may follow the very path that is meant; `path` is without it.
  return `${hosts} { path,concat(/) -m beg ${quoted(`${path}/`)} }`
}

function redirection(secure: HeldRoute[], { httpsPort }: GatewaySettings): string[] {
  const names = secure.filter(({ entry }) => entry.at.redirect).map(nameOf)
  if (names.length === 0) return []
  const port = httpsPort === 443 ? '' : `:${httpsPort}`
  const is = `{ var(txn.route) -m str ${names.join(' ')} }`
  return [`    http-request redirect code 308 location https://%[var(txn.host)]${port}%[pathq] if ${is}`]
}

function destinations(routes: HeldRoute[]): string[] {
  return inOrder(routes).map(
    (route) => `    use_backend ${nameOf(route)} if { var(txn.route) -m str ${nameOf(route)} }`,
  )
}

function inOrder(routes: HeldRoute[]): HeldRoute[] {
  const rank = ({ entry: { at } }: HeldRoute) => (at.host.startsWith('*.') ? 1 : 0)
  const length = ({ entry: { at } }: HeldRoute) => at.path.length
  return [...routes].sort(
    (a, b) => rank(a) - rank(b) || length(b) - length(a) || (a.entry.name < b.entry.name ? -1 : 1),
  )
}

/** A route has one layer. */
function nameOf({ stack, entry }: HeldRoute): string {
  const [layer = 'http'] = layersOf(entry)
  return upstreamOf(stack, entry.name, layer)
}

/** As one word, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
