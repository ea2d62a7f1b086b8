import { canonical } from '../../model/hash.ts'
import type { ObservedContainer } from '../../model/observed.ts'
import type { Release } from '../../model/release.ts'
import type { PublishedPort, Route, Service, Stack } from '../../model/stack.ts'
import type { Step } from '../../model/steps.ts'
import { type Entry, portEntryName } from '../../model/traffic.ts'
import type { Scene } from '../desired.ts'
import { isUp, portsCollide } from '../match.ts'
import { step } from '../step.ts'
import { publishingOf } from './publishing.ts'

/** Sets the stack's entries at the gateway to those that are wanted; nothing where they are. */
export function exposeSteps(scene: Scene, release: Release): Step[] {
  const { traffic } = scene.observed
  if (!traffic?.gateway) return []
  const wanted = entriesFor(scene, release)
  if (canonical(wanted) === canonical(traffic.entries)) return []
  const args = { entries: wanted, certificates: certificatesOf(release.stack) }
  return [step('expose', scene.desired.stack, 'gateway', exposeWords(traffic.entries, wanted), args)]
}

/** Gives up the stack's entries. */
export function closeSteps({ desired, observed }: Scene, because: string): Step[] {
  if ((observed.traffic?.entries ?? []).length === 0) return []
  return [step('expose', desired.stack, 'gateway', because, { entries: [], certificates: {} })]
}

/**
 * What the release publishes through the gateway, and what containers that are up still do. A port that a container of
 * the stack holds by itself has to wait until that is down, one of another stack is an obstacle.
 */
export function entriesFor(scene: Scene, release: Release): Entry[] {
  const { containers, traffic } = scene.observed
  const up = containers.filter(isUp)
  const wanted = releaseEntries(scene, release)
  const kept = up.flatMap((c) => c.ingress.map((port) => portEntry(c.service, port)))
  // The first of each name: what is wanted goes before what is there.
  const named = new Map([...wanted, ...kept].reverse().map((entry) => [entry.name, entry]))
  return [...named.values()]
    .filter(({ name }) => traffic?.takenEntries[name] === undefined)
    .filter((entry) => !up.some((c) => holds(c, entry)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What the release publishes through the gateway. */
export function releaseEntries(scene: Pick<Scene, 'observed'>, release: Release): Entry[] {
  const services = Object.values(release.stack.services).filter(({ kind }) => kind === 'service')
  return services.flatMap((service) => [
    ...publishingOf(scene, release, service).ingress.map((port) => portEntry(service.name, port)),
    ...(service.routes ?? []).map((route) => routeEntry(service, route)),
  ])
}

function portEntry(service: string, { address, published, speaks, proxyProtocol }: PublishedPort): Entry {
  return {
    name: portEntryName(address, published),
    service,
    at: { kind: 'port', address, port: published },
    speaks: speaks ?? 'auto',
    ...(proxyProtocol ? { proxyProtocol } : {}),
  }
}

function routeEntry({ name: service }: Service, { host, path, certificate, redirect, speaks = 'http' }: Route): Entry {
  return {
    name: `${host}${path}`,
    service,
    at: {
      kind: 'route',
      host,
      path,
      ...(certificate ? { certificate: certificate.name } : {}),
      ...(redirect ? { redirect } : {}),
    },
    speaks,
  }
}

/** The container itself has the port of the host. */
function holds({ publish }: ObservedContainer, { at }: Entry): boolean {
  if (at.kind === 'route') return false
  return portsCollide(publish, [{ address: at.address, published: at.port, protocol: 'tcp' }])
}

/** By name: the certificate and its key, one after the other, base64. */
function certificatesOf({ services, files }: Stack): Record<string, string> {
  const used = Object.values(services).flatMap(({ routes = [] }) => routes.flatMap((route) => route.certificate ?? []))
  return Object.fromEntries(
    used.map(({ name, volume, certificate, key }) => {
      const paths = key === undefined ? [certificate] : [certificate, key]
      const parts = paths.map((path) => Buffer.from(files[volume]?.contents[path] ?? '', 'base64').toString())
      return [name, Buffer.from(parts.join('\n')).toString('base64')]
    }),
  )
}

function exposeWords(before: Entry[], after: Entry[]): string {
  const names = (entries: Entry[]) => entries.map(({ name }) => name)
  const opened = names(after).filter((name) => !names(before).includes(name))
  const closed = names(before).filter((name) => !names(after).includes(name))
  const words = [
    ...(opened.length > 0 ? [`takes requests at ${opened.join(', ')}`] : []),
    ...(closed.length > 0 ? [`gives up ${closed.join(', ')}`] : []),
  ]
  return words.join(' and ') || 'how requests are passed on changed'
}
