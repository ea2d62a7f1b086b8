import type { PublishedPort } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { PortFile } from '../schema.generated.ts'
import { display } from '../shape.ts'
import { present, type ServiceContext } from './context.ts'

const SHORT =
  /^(?:(?<address>\[[0-9a-fA-F:.]+\]|\d{1,3}(?:\.\d{1,3}){3}):)?(?:(?<host>\d+(?:-\d+)?)?:)?(?<target>\d+(?:-\d+)?)(?:\/(?<protocol>[a-z]+))?$/
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?)?$/
const FORMS = 'Write `8080:80`, `127.0.0.1:8080:80`, `5353:53/udp` or ranges of equal length, `8000-8002:80-82`.'
const MAX_RANGE = 1000
/** gRPC is HTTP/2, and `h2c` HTTP/2 without TLS. */
const SPOKEN = { http: 'http', http2: 'http2', h2c: 'http2', grpc: 'http2', tcp: 'tcp' } as const

/** A published port and where it is written. */
export interface PlacedPort extends PublishedPort {
  path: Path
}

/** The ports that a service publishes, ranges expanded. */
export function portsOf(context: ServiceContext): PlacedPort[] {
  return (context.file.ports ?? []).flatMap((port, at) => portsFrom(port, [...context.path, 'ports', at], context))
}

function portsFrom(port: PortFile, path: Path, context: ServiceContext): PlacedPort[] {
  if (typeof port !== 'object') return shortForm(String(port), path, context)
  const [address, published] = [port.host_ip ?? '', Number(port.published)]
  if (!ADDRESS.test(address)) return refuse([...path, 'host_ip'], context)
  if (published < 1 || published > 65_535) return refuse([...path, 'published'], context)
  const place = { address: bare(address), published, target: port.target, protocol: port.protocol ?? 'tcp' }
  return [present<PlacedPort>({ ...place, ...spoken(port, path, context), path })]
}

/** What the gateway has to know of it; a UDP port is published by the container itself. */
function spoken(port: Exclude<PortFile, string | number>, path: Path, context: ServiceContext) {
  const { proxyProtocol } = port['x-holdfast'] ?? {}
  if (port.protocol === 'udp') {
    if (port.app_protocol !== undefined) refuseForUdp([...path, 'app_protocol'], context)
    if (proxyProtocol) refuseForUdp([...path, 'x-holdfast', 'proxyProtocol'], context)
    return {}
  }
  const speaks = port.app_protocol === undefined ? undefined : SPOKEN[port.app_protocol]
  return { speaks, proxyProtocol: proxyProtocol || undefined }
}

function refuseForUdp(path: Path, { manifest, report }: ServiceContext): void {
  const message = `\`${path.at(-1)}\` is for TCP ports, and this one is UDP`
  report.error(manifest.keyAt(path), 'conflicting-keys', message, 'Remove it.')
}

function shortForm(text: string, path: Path, context: ServiceContext): PlacedPort[] {
  const groups = SHORT.exec(text)?.groups
  const protocol = groups?.['protocol'] ?? 'tcp'
  if (groups === undefined || (protocol !== 'tcp' && protocol !== 'udp')) return refuse(path, context)
  const targets = range(groups['target'])
  if (groups['host'] === undefined) return refuseRandom(groups['target'], path, context)
  const hosts = range(groups['host'])
  if (hosts.length === 0 || hosts.length !== targets.length) return refuse(path, context)
  const address = bare(groups['address'] ?? '')
  return hosts.map((published, at) => ({ address, published, target: targets[at] ?? 0, protocol, path }))
}

function refuse(path: Path, context: ServiceContext): [] {
  const message = `${display(context.manifest, path)} cannot be published`
  context.report.error(context.manifest.at(path), 'wrong-value', message, FORMS)
  return []
}

function refuseRandom(target: string | undefined, path: Path, context: ServiceContext): [] {
  const hint = `Choose one: \`8080:${target}\`. A port that only other services use needs no entry here.`
  const message = `${display(context.manifest, path)} names no port of the host`
  context.report.error(context.manifest.at(path), 'port-without-host', message, hint)
  return []
}

/** The numbers of `80` or `80-82`; empty when they are no ports or too many. */
function range(text: string | undefined): number[] {
  const [from = 0, to = from] = (text ?? '').split('-').map(Number)
  if (from < 1 || to > 65_535 || to < from || to - from >= MAX_RANGE) return []
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

function bare(address: string): string {
  return address.replace(/^\[|\]$/g, '')
}
