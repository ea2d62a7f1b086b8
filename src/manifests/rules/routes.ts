import type { ServiceContext } from '../normalise/context.ts'
import { isReachable } from '../normalise/networks.ts'
import type { PlacedRoute } from '../normalise/routes.ts'
import type { MadeService } from '../normalise/service.ts'
import type { Place, Report } from '../report.ts'
import { display, nameAsWritten } from '../shape.ts'
import { judgePlainSecret } from './policy-secrets.ts'
import { type PortClaim, reportPortConflict } from './ports.ts'

/** Requests that a service wants, and where to complain about it. */
export interface RouteClaim {
  target: string
  stack: string
  service: string
  /** Host and path. */
  name: string
  /** As they stand in the file. */
  shown: string
  /** Ports of the host at which such requests come in. */
  ports: number[]
  place: Place
  report: Report
}

const USUAL_PORTS = { http: 80, https: 443 }

/** Rules about the routes of one service by itself. */
export function checkServiceRoutes({ service, routes, context }: MadeService): void {
  for (const placed of routes) {
    const place = context.manifest.keyAt(placed.path)
    if (service.kind === 'job') {
      const message = `The job \`${service.name}\` has a route`
      context.report.error(place, 'job-routes', message, 'Remove the route, or make it a service.')
    } else if (context.target.traffic === 'off') {
      const message = `\`${service.name}\` has a route, and there is no gateway on its target`
      const hint = 'Set `traffic: on` in the settings, or run a proxy as a service that publishes the port.'
      context.report.error(place, 'route-without-gateway', message, hint)
    } else if (context.file.network_mode === undefined && !isReachable(context)) {
      const message = `\`${service.name}\` has a route, and no network in which the gateway reaches it`
      const hint = "Let it join a network of the stack's own too; a `subnet` needs 16 addresses, or an `ip_range`."
      context.report.error(place, 'route-without-gateway', message, hint)
    }
    if (placed.exposed !== undefined) {
      const what = `The private key ${display(context.manifest, placed.exposed)}`
      judgePlainSecret(what, context.manifest.at(placed.exposed), context)
    }
  }
}

/** What the routes of a service claim on its target. */
export function routeClaims({ routes, context }: MadeService, target: string): RouteClaim[] {
  const { stack, service, manifest, report } = context
  if (context.target.traffic === 'off') return []
  return routes.map((placed) => {
    const name = `${placed.route.host}${placed.route.path}`
    const place = manifest.keyAt(placed.path)
    return {
      target,
      stack,
      service,
      name,
      shown: shownName(placed, context),
      ports: portsOf(placed, context),
      place,
      report,
    }
  })
}

function shownName({ route, path }: PlacedRoute, { manifest }: ServiceContext): string {
  return `${nameAsWritten(route.host, manifest, [...path, 'host'])}${nameAsWritten(route.path, manifest, [...path, 'path'])}`
}

function portsOf({ route }: PlacedRoute, { target }: ServiceContext): number[] {
  const { http, https } = typeof target.traffic === 'object' ? target.traffic : USUAL_PORTS
  return route.certificate === undefined ? [http] : [http, https]
}

/** A host and path that two services want, or a port that is not left for routes, is a problem of both. */
export function checkRoutes(claims: readonly RouteClaim[], ports: readonly PortClaim[]): void {
  const byName = new Map<string, RouteClaim[]>()
  for (const claim of claims) {
    const key = `${claim.target} ${claim.name}`
    byName.set(key, [...(byName.get(key) ?? []), claim])
  }
  for (const group of byName.values()) {
    for (const [at, claim] of group.entries()) {
      const rival = group.find((_, index) => index !== at)
      if (rival !== undefined) reportConflict(claim, rival)
    }
  }
  for (const claim of claims) {
    for (const port of ports.filter((one) => isInTheWay(one, claim))) reportPort(claim, port)
  }
}

function reportConflict(claim: RouteClaim, rival: RouteClaim): void {
  const isHere = rival.stack === claim.stack && rival.service === claim.service
  const message = isHere
    ? `The route \`${claim.shown}\` is here twice`
    : `The route \`${claim.shown}\` is also that of ${ownerOf(rival, claim)}`
  claim.report.error(claim.place, 'route-conflict', message, 'Give one of the two another host or path.')
}

function isInTheWay({ host, protocol, published }: PortClaim, { target, ports }: RouteClaim): boolean {
  return host === target && protocol === 'tcp' && ports.includes(published)
}

function reportPort(claim: RouteClaim, port: PortClaim): void {
  const hint = 'Publish another port, or give routes others: `httpPort` and `httpsPort` in the settings.'
  const where = `port ${port.published} of the host`
  const message = `Requests of routes come in at ${where}, which ${ownerOf(port, claim)} publishes`
  claim.report.error(claim.place, 'port-conflict', message, hint)
  reportPortConflict(port, `is where requests of routes come in, as those of ${ownerOf(claim, port)}`, hint)
}

interface Owner {
  stack: string
  service: string
}

/** The one of two, as the other one's file would call it. */
function ownerOf({ stack, service }: Owner, other: Owner): string {
  return stack === other.stack ? `\`${service}\`` : `\`${service}\` of stack \`${stack}\``
}
