import type { ImageConfig } from '../../model/fields.ts'
import type {
  Happening,
  Observed,
  ObservedContainer,
  ObservedNetwork,
  ObservedVolume,
  Query,
  TakenPort,
} from '../../model/observed.ts'
import type { HealthCheck } from '../../model/stack.ts'
import type { Entry, Listing, ObservedTraffic, Reached } from '../../model/traffic.ts'

/** An engine and what runs on it, in memory, with a clock that only `advance` moves. */
export interface World {
  nowMs: number
  containers: SimulatedContainer[]
  /** Names taken by containers that are nobody's of ours. */
  strangers: string[]
  takenPorts: TakenPort[]
  networks: Map<string, Omit<ObservedNetwork, 'name'> & { stack: string }>
  /** Subnets in use beside those of `networks`. */
  subnets: string[]
  volumes: Map<string, ObservedVolume & { stack: string }>
  images: Set<string>
  /** By stack: the release digest of its stable mark. */
  marks: Map<string, string>
  /** Null where the target has no gateway and no names of ours. */
  traffic: SimulatedTraffic | null
  happened: (Happening & { stack: string })[]
  /** How containers behave, by the image they were created from. Without an entry all goes well. */
  behaviours: Map<string, Behaviour>
  /** Counts how often the stream of events broke. */
  breaks: number
  /** Makes ids and start times unique. */
  serial: number
}

/** The gateway and the names of a target. */
export interface SimulatedTraffic {
  gateway: boolean
  names: boolean
  /** By stack. */
  entries: Map<string, Entry[]>
  /** By container. */
  listed: Map<string, Listing>
  /** By network: the address that the names have there. */
  joined: Map<string, string>
}

export function emptyTraffic(): SimulatedTraffic {
  return { gateway: false, names: false, entries: new Map(), listed: new Map(), joined: new Map() }
}

export interface SimulatedContainer extends ObservedContainer {
  stack: string
  image: string
  /** Since when it has been running without a break. */
  upSinceMs: number
  /** Since when nothing leads to it any more; absent while something does, and before anything did. */
  unlistedAtMs?: number
  /** The engine does not run its check any more, as with live-restore after a restart of the engine; a start mends it. */
  forgotten?: boolean
}

export interface Behaviour {
  /** The engine refuses to pull it. */
  pull?: 'missing' | 'unreachable'
  /** The engine refuses to start it, in these words. */
  refuses?: string
  /** Something on the host stands in the way of starting it, in these words. */
  blocked?: string
  /** Exits by itself so long after each start. */
  exit?: { afterMs: number; code: number }
  /** Becomes healthy so long after each start; never when null. */
  healthyAfterMs?: number | null
  /** Becomes unhealthy so long after each start. */
  unhealthyAfterMs?: number
  /** The image's own health check, in force where the service brings none. */
  check?: HealthCheck
  /** What it brings to its containers beside its health check. */
  config?: ImageConfig
  /** What it writes at each start. */
  log?: string[]
  /** It stays busy for so long once nothing leads to it any more. */
  busyMs?: number
  /** Nothing listens where it should: the gateway never reaches it. */
  deaf?: true
}

export function emptyWorld(): World {
  return {
    nowMs: 0,
    containers: [],
    strangers: [],
    takenPorts: [],
    networks: new Map(),
    subnets: [],
    volumes: new Map(),
    images: new Set(),
    marks: new Map(),
    traffic: null,
    happened: [],
    behaviours: new Map(),
    breaks: 0,
    serial: 0,
  }
}

/** A world that looks like what was observed of one stack on a real engine. */
export function worldOf(observed: Observed, stack: string): World {
  const world = emptyWorld()
  // Beyond the starts of a model that was observed: a start time seen before would not look like a start.
  world.serial = 1_000_000
  // What is started in the model is started later than whatever was observed.
  world.nowMs = Math.max(0, ...[...observed.containers, ...observed.compose].map(({ startedMs = 0 }) => startedMs)) + 1
  // Whatever runs has been running for longer than any window.
  const longAgo = world.nowMs - 86_400_000
  const shown = [...observed.containers, ...observed.compose]
  world.containers = shown.map((c) => ({ ...c, stack, image: '', upSinceMs: longAgo }))
  const compose = observed.compose.map(({ actualName }) => actualName)
  world.strangers = observed.takenNames.filter((name) => !compose.includes(name))
  world.takenPorts = observed.takenPorts.filter(({ holder }) => !compose.includes(holder))
  for (const { name, ...network } of observed.networks) world.networks.set(name, { ...network, stack })
  world.subnets = [...observed.subnets]
  for (const volume of observed.volumes) world.volumes.set(volume.name, { ...volume, stack })
  for (const image of observed.images) world.images.add(image)
  if (observed.stableMark) world.marks.set(stack, observed.stableMark)
  world.traffic = observed.traffic && trafficOf(observed.traffic, stack)
  return world
}

/** What the engine would show of one stack now. */
export function look(world: World, query: Query): Omit<Observed, 'happened'> {
  const containers = world.containers.filter((c) => c.stack === query.stack).sort(byName)
  const asked = (name: string, wanted: string[], stack: string) => wanted.includes(name) || stack === query.stack
  return {
    containers: containers.filter((c) => !c.adopted).map(shownOf),
    compose: containers.filter((c) => c.adopted).map(shownOf),
    takenPorts: [...world.takenPorts, ...containers.flatMap(portsOfCompose)],
    takenNames: [...world.strangers, ...namesOfOthers(world, query.stack)]
      .filter((name) => name.startsWith(`${query.stack}-`) || query.names?.includes(name))
      .sort(),
    networks: [...world.networks]
      .filter(([name, network]) => asked(name, query.networks, network.stack))
      .map(([name, { subnet, ...network }]) => ({ name, ...ownerOf(network, query.stack), subnet }))
      .sort(byName),
    subnets: [
      ...new Set([...world.subnets, ...[...world.networks.values()].flatMap(({ subnet }) => subnet?.subnet ?? [])]),
    ].sort(),
    volumes: [...world.volumes.values()]
      .filter((volume) => asked(volume.name, query.volumes, volume.stack))
      .map(({ name, files, ...volume }) => ({ name, ...ownerOf(volume, query.stack), files }))
      .sort(byName),
    images: query.images.filter((image) => world.images.has(image)).sort(),
    stableMark: world.marks.get(query.stack) ?? null,
    traffic: world.traffic && shownTraffic(world, world.traffic, query.stack),
    watch: `${world.breaks}`,
  }
}

function trafficOf(observed: ObservedTraffic, stack: string): SimulatedTraffic {
  const entries = new Map([[stack, observed.entries]])
  for (const [name, holder] of Object.entries(observed.takenEntries)) {
    const at = { kind: 'port' as const, address: '', port: 0 }
    const other = holder.replace(/^stack /, '')
    entries.set(other, [...(entries.get(other) ?? []), { name, service: '', at, speaks: 'auto' }])
  }
  return {
    gateway: observed.gateway,
    names: observed.names,
    entries,
    listed: new Map(Object.entries(observed.listed)),
    joined: new Map(Object.entries(observed.joined)),
  }
}

function shownTraffic(
  { containers, behaviours, nowMs }: World,
  traffic: SimulatedTraffic,
  stack: string,
): ObservedTraffic {
  const mine = containers.filter((c) => c.stack === stack)
  const others = [...traffic.entries].filter(([name]) => name !== stack)
  const reachedOf = (c: SimulatedContainer): Reached => {
    const { busyMs = 0, deaf } = behaviours.get(c.image) ?? {}
    const isBusy = c.state === 'running' && c.unlistedAtMs !== undefined && nowMs - c.unlistedAtMs < busyMs
    const isThere = c.state === 'running' && !deaf
    const up = isThere ? Object.keys(traffic.listed.get(c.name)?.requests ?? {}).sort() : []
    return { up, inFlight: isBusy ? 1 : 0 }
  }
  const prefix = `${stack}-`
  return {
    gateway: traffic.gateway,
    names: traffic.names,
    entries: traffic.gateway ? (traffic.entries.get(stack) ?? []) : [],
    listed: Object.fromEntries([...traffic.listed].filter(([name]) => name.startsWith(prefix))),
    reached: Object.fromEntries(mine.map((c) => [c.name, reachedOf(c)])),
    joined: Object.fromEntries(traffic.names ? traffic.joined : []),
    takenEntries: Object.fromEntries(
      others.flatMap(([name, held]) => held.map((entry) => [entry.name, `stack ${name}`])),
    ),
  }
}

function shownOf(container: SimulatedContainer): ObservedContainer {
  const {
    stack: _stack,
    image: _image,
    upSinceMs: _upSinceMs,
    forgotten: _forgotten,
    unlistedAtMs: _at,
    ...shown
  } = container
  return shown
}

/** They are foreign, and so what they hold is taken. */
function portsOfCompose({ adopted, state, publish, actualName: holder }: SimulatedContainer): TakenPort[] {
  if (!adopted || state !== 'running') return []
  return publish.map(({ address, published, protocol }) => ({ address, published, protocol, holder }))
}

function ownerOf(
  { ours, ofAnother, stack }: Pick<ObservedVolume, 'ours' | 'ofAnother'> & { stack: string },
  asking: string,
): Pick<ObservedVolume, 'ours' | 'ofAnother'> {
  if (ours && stack === asking) return { ours: true }
  return { ours: false, ...(ours || ofAnother ? { ofAnother: true } : {}) }
}

function namesOfOthers({ containers }: World, stack: string): string[] {
  return containers.filter((c) => c.stack !== stack || c.adopted).map((c) => c.actualName)
}

/** Takes what happened in one stack since it was last asked for. */
export function takeHappened(world: World, stack: string): Happening[] {
  const mine = world.happened.filter((happening) => happening.stack === stack)
  world.happened = world.happened.filter((happening) => happening.stack !== stack)
  return mine.map(({ stack: _stack, ...happening }) => happening)
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
