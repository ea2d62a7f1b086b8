import { slotInName } from '../../model/labels.ts'
import type {
  EntryReport,
  GatewayReport,
  JoinedNetwork,
  ReplicaReport,
  TrafficNumbers,
  TrafficReport,
} from '../../model/traffic.ts'
import { colors } from '../colors.ts'
import { table } from '../table.ts'
import type { TargetRoutes } from './report.ts'

type Paint = (text: string) => string

const OFF = [
  'Traffic is off here: containers publish their ports themselves, and the engine answers for all names.',
  'To have rollouts without a failed request set `traffic: on` (--traffic on).',
]
const ABSENT = 'If one has, look at its container: docker ps -a --filter name=holdfast-'

/** A target for people; with a heading unless it is alone. */
export function routesText(
  { target, traffic }: TargetRoutes,
  { isAlone, isFirst }: { isAlone: boolean; isFirst: boolean },
): string[] {
  const lines = traffic === null ? OFF : trafficLines(traffic)
  if (isAlone) return lines
  return [...(isFirst ? [] : ['']), colors.bold(`target ${target || 'default'}`), ...lines]
}

function trafficLines({ gateway, names }: TrafficReport): string[] {
  return [
    ...(gateway === null ? [notRunning('The gateway', 'does', 'port or a route')] : gatewayLines(gateway)),
    '',
    ...(names === null ? [notRunning('The names', 'do', 'network of its own')] : namesLines(names)),
    ...(gateway === null || names === null ? ['', ABSENT] : []),
  ]
}

function notRunning(what: string, does: string, need: string): string {
  return colors.yellow(`${what} ${does} not run; the first stack with a ${need} has it started.`)
}

function gatewayLines({ countsForMs, entries }: GatewayReport): string[] {
  if (entries.length === 0) return ['Nothing is listened on.']
  const heads = table(entries.map(entryCells))
  const replicas = table(entries.flatMap((entry) => entry.replicas.map((replica) => replicaCells(entry, replica))))
  let next = 0
  return [
    ...entries.flatMap((entry, at) => [
      paintOfEntry(entry)(heads[at] ?? ''),
      ...entry.replicas.map((replica) => `  ${paintOfReplica(replica)(replicas[next++] ?? '')}`),
    ]),
    colors.dim(`Counted for ${duration(countsForMs)}.`),
  ]
}

function entryCells(entry: EntryReport): string[] {
  const { name, stack, service, numbers, replicas } = entry
  const up = replicas.filter(({ state }) => state === 'up').length
  const ready = replicas.length === 0 ? 'no replica' : `${up} of ${replicas.length} up`
  return [name, `${stack}/${service}`, spoken(entry), ready, ...numberCells(numbers)]
}

/** What its name does not tell. */
function spoken({ speaks, at, proxyProtocol }: EntryReport): string {
  const isSecure = at.kind === 'route' && at.certificate !== undefined
  return [...(isSecure ? ['tls'] : []), speaks, ...(proxyProtocol ? ['proxy'] : [])].join('+')
}

function replicaCells({ stack }: EntryReport, { container, place, state, inFlight, numbers }: ReplicaReport): string[] {
  const address = place.address.includes(':') ? `[${place.address}]` : place.address
  const word = state === 'unchecked' ? 'not checked yet' : state
  return [
    slotInName(stack, container),
    `${address}:${place.port}`,
    word,
    `${inFlight} in flight`,
    ...numberCells(numbers),
  ]
}

function numberCells(numbers: TrafficNumbers): string[] {
  const { requests, connections, perSecond, responseMs } = numbers
  const counted = [
    ...(requests > 0 || connections === 0 ? [`${requests} req`] : []),
    ...(connections > 0 ? [`${connections} conn`] : []),
  ]
  return [counted.join(', '), `${perSecond}/s`, responseMs === null ? '-' : `${responseMs} ms`, errorWords(numbers)]
}

function errorWords({ errors }: TrafficNumbers): string {
  const { answers, unreached, brokenOff } = errors
  const words = [
    ...(answers > 0 ? [`${answers} answered 5xx`] : []),
    ...(unreached > 0 ? [`${unreached} not reached`] : []),
    ...(brokenOff > 0 ? [`${brokenOff} broken off`] : []),
  ]
  return words.join(', ') || '0 errors'
}

function paintOfEntry({ replicas }: EntryReport): Paint {
  const isServed = replicas.some(({ state }) => state === 'up' || state === 'unchecked')
  return isServed ? colors.bold : colors.red
}

function paintOfReplica({ state }: ReplicaReport): Paint {
  if (state === 'up') return String
  return state === 'down' ? colors.red : colors.yellow
}

function namesLines(networks: JoinedNetwork[]): string[] {
  if (networks.length === 0) return ['Nobody is found by name.']
  const found = networks.flatMap((network) => network.found)
  const rows = table(found.map((one) => [slotInName(one.stack, one.container), one.address, one.names.join(', ')]))
  let next = 0
  return networks.flatMap(({ network, address, found: here }) => [
    `${colors.bold(network)}  names are asked at ${address}`,
    ...here.map(() => `  ${rows[next++] ?? ''}`),
  ])
}

/** With its greatest unit alone: it is about how much the numbers say. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit))
  if (days) return `${days} d`
  if (hours) return `${hours} h`
  return minutes ? `${minutes} min` : `${seconds} s`
}
