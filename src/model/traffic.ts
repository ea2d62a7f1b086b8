/** How what comes in at an entry is spoken: `auto` finds it out for each connection. */
export type AppProtocol = 'auto' | 'http' | 'http2' | 'tcp'

/** A place where requests come in. The gateway holds it, whether a replica is behind it or not. */
export interface Entry {
  /** Names it on its target: `8080`, `127.0.0.1:8080`, `[::1]:8080`, `shop.example.com/api`. */
  name: string
  service: string
  at: PortEntry | RouteEntry
  speaks: AppProtocol
  /** Replicas are told whom they serve by the PROXY protocol, version 2. */
  proxyProtocol?: true
}

export interface PortEntry {
  kind: 'port'
  /** Host address, or empty for all. */
  address: string
  port: number
}

/** Requests for a host, on the target's shared ports for HTTP and HTTPS. */
export interface RouteEntry {
  kind: 'route'
  host: string
  /** `/`, or the beginning of the paths that are meant: `/api` is `/api` and what lies below. */
  path: string
  /** Names the certificate: hex digits that follow from its content. Without one it is plain HTTP. */
  certificate?: string
  /** Plain HTTP is sent on to HTTPS. */
  redirect?: true
}

/** Where a replica listens. */
export interface Place {
  address: string
  port: number
}

/** Everything that leads to one replica. */
export interface Listing {
  /** By name of the entry: where the gateway sends what comes in there. */
  requests: Record<string, Place>
  /** By network: what is looked up to find it, and the answer. */
  names: Record<string, { address: string; names: string[] }>
}

/** What the gateway knows of a replica that is listed with it, or was. */
export interface Reached {
  /** Entries from which it was reached, by the last check. Sorted. */
  up: string[]
  /** Requests and connections that it is busy with, of all entries and of earlier configurations too. */
  inFlight: number
}

/** The part of a target's gateway and names that one stack has, as it is now. */
export interface ObservedTraffic {
  /** It runs and answers. */
  gateway: boolean
  names: boolean
  /** What the gateway holds for the stack. Sorted by name. */
  entries: Entry[]
  /** By container of the stack. */
  listed: Record<string, Listing>
  /** By container of the stack. */
  reached: Record<string, Reached>
  /** By network, of whatever stack: the address at which containers of that network ask for names. */
  joined: Record<string, string>
  /** Entries of other stacks, and who holds them: `stack blog`. */
  takenEntries: Record<string, string>
}

/** What a target's gateway and names do for all its stacks, as it is now. */
export interface TrafficReport {
  /** Null while it does not run or does not answer. */
  gateway: GatewayReport | null
  /** The networks that they are asked in, sorted by name. Null while they do not run or do not answer. */
  names: JoinedNetwork[] | null
}

export interface GatewayReport {
  /** For so long it has been counting: it begins anew when it is started, and when what it listens on changes. */
  countsForMs: number
  /** Sorted by stack and name. */
  entries: EntryReport[]
}

export interface EntryReport extends Entry {
  stack: string
  /** Of all requests that came in, whoever they were sent to, and if to nobody. */
  numbers: TrafficNumbers
  /** Sorted by container. */
  replicas: ReplicaReport[]
}

export interface ReplicaReport {
  container: string
  place: Place
  state: ReplicaState
  /** Requests and connections that it is busy with. */
  inFlight: number
  numbers: TrafficNumbers
}

/** As the gateway's own check found it. `draining`: it gets nothing new, whatever its check finds. */
export type ReplicaState = 'up' | 'unchecked' | 'down' | 'draining'

/** What was counted so far. */
export interface TrafficNumbers {
  /** In HTTP. */
  requests: number
  /** Passed on as they are. */
  connections: number
  /** Requests and connections that began in the last second. */
  perSecond: number
  errors: TrafficErrors
  /** Until an answer in HTTP began, on average over the last ones, about a thousand; null before the first. */
  responseMs: number | null
  /** From clients. */
  bytesIn: number
  /** To clients. */
  bytesOut: number
}

/** Where nobody was reached, and where an answer broke off before it began, the gateway answers 5xx: it counts as both. */
export interface TrafficErrors {
  /** Answers with a status from 500 on. */
  answers: number
  /** No replica took it. */
  unreached: number
  /** The replica broke it off. */
  brokenOff: number
}

/** Who is found by name in a network. */
export interface JoinedNetwork {
  network: string
  /** Where containers of that network ask. */
  address: string
  /** Sorted by stack and container. */
  found: FoundByName[]
}

export interface FoundByName {
  stack: string
  container: string
  address: string
  names: string[]
}

/** How the containers of a service find others by name, and are found. */
export interface Lookups {
  /** Whom it asks for names. */
  resolvers: string[]
  /** By network: the names under which it is found there once it may be counted on. */
  names: Record<string, string[]>
  /** Networks in which the engine itself does not know these names: nobody is found before that. */
  gated: string[]
}

/** The name of the entry at a port. */
export function portEntryName(address: string, port: number): string {
  if (address === '') return String(port)
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
