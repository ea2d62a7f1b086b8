import type { Route } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { RouteFile } from '../schema.generated.ts'
import { display } from '../shape.ts'
import { certificateOf } from './certificates.ts'
import { present, type ServiceContext } from './context.ts'
import type { PlacedPort } from './ports.ts'

/** A route and where it is written. */
export interface PlacedRoute {
  route: Route
  path: Path
  /** Where the file names its private key, when that lies readable in the repository and is not declared as a secret. */
  exposed?: Path
}

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^(\\*\\.)?(${LABEL}\\.)*${LABEL}$`)
const LONGEST_HOST = 253
/** What may stand in a path as it is (RFC 3986). */
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$/

/** The hosts and paths for which the gateway sends requests to a service. */
export function routesOf(ports: readonly PlacedPort[], context: ServiceContext): PlacedRoute[] {
  const routes = context.file['x-holdfast']?.routes ?? []
  return routes.flatMap((route, at) => routeOf(route, [...context.path, 'x-holdfast', 'routes', at], ports, context))
}

function routeOf(file: RouteFile, path: Path, ports: readonly PlacedPort[], context: ServiceContext): PlacedRoute[] {
  const host = hostOf(file.host, path, context)
  const below = pathOf(file.path ?? '/', path, context)
  const port = file.port ?? onlyPort(path, ports, context)
  refuseRedirect(file, path, context)
  const made =
    file.tls === undefined ? undefined : certificateOf(file.tls, host ?? file.host, [...path, 'tls'], context)
  if (host === null || below === null || port === null || made === null) return []
  const route = present<Route>({
    ...{ host, path: below, port },
    speaks: file.protocol === 'http2' ? 'http2' : undefined,
    certificate: made?.certificate,
    redirect: (made !== undefined && file.redirect !== false) || undefined,
  })
  return [present<PlacedRoute>({ route, path, exposed: made?.exposed })]
}

/** Names of hosts are the same in capitals and without. */
function hostOf(text: string, path: Path, { manifest, report }: ServiceContext): string | null {
  const host = text.toLowerCase()
  if (HOST.test(host) && host.length <= LONGEST_HOST) return host
  const hint = 'Write a name such as `shop.example.com` or `*.example.com`, without scheme, port and path.'
  report.error(
    manifest.at([...path, 'host']),
    'wrong-value',
    `${display(manifest, [...path, 'host'])} is not a host`,
    hint,
  )
  return null
}

/** `/api/` means what `/api` means: it and what lies below. */
function pathOf(text: string, path: Path, { manifest, report }: ServiceContext): string | null {
  if (PATH.test(text) && !text.includes('//')) return text.replace(/(.)\/$/, '$1')
  const shown = display(manifest, [...path, 'path'])
  const hint = 'Write the beginning of a path, `/api`, without a query; blanks and the like as in a URL, `%20`.'
  report.error(manifest.at([...path, 'path']), 'wrong-value', `${shown} is not the path of a route`, hint)
  return null
}

function refuseRedirect({ tls, redirect }: RouteFile, path: Path, { manifest, report }: ServiceContext): void {
  if (redirect !== true || tls !== undefined) return
  const place = manifest.keyAt([...path, 'redirect'])
  const hint = 'Add `tls`, with the certificate of the host, or remove `redirect`.'
  report.error(place, 'conflicting-keys', '`redirect` leads to HTTPS, and the route has no `tls`', hint)
}

function onlyPort(path: Path, ports: readonly PlacedPort[], context: ServiceContext): number | null {
  const published = ports.filter(({ protocol }) => protocol === 'tcp').map(({ target }) => target)
  const known = [...new Set([...published, ...(context.file.expose ?? []).flatMap(exposed)])].sort((a, b) => a - b)
  const [only, another] = known
  if (only !== undefined && another === undefined) return only
  const has = only === undefined ? 'publishes and exposes none' : `has several (${known.slice(0, 5).join(', ')})`
  const message = `The route names no port, and \`${context.service}\` ${has}`
  const hint = 'Add `port`: where the replicas listen.'
  context.report.error(context.manifest.keyAt(path), 'missing-key', message, hint)
  return null
}

/** The TCP ports of `80`, `80/tcp` or `80-82`; of a range the first two tell that it is none. */
function exposed(entry: string | number): number[] {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/tcp)?$/.exec(String(entry)) ?? []
  if (from === undefined) return []
  return to === undefined || to === from ? [Number(from)] : [Number(from), Number(to)]
}
