import type { Entry, Place } from '../model/traffic.ts'

/** All that a target's gateway has to know, by stack. What it runs with follows from this alone. */
export type GatewayState = Record<string, StackState>

export interface StackState {
  entries: Entry[]
  /** By container, then by name of the entry: where the requests that come in there are sent. */
  listed: Record<string, Record<string, Place>>
  /** By name of the certificate: the SHA-256 of the file, by which one that was damaged is told. */
  certificates: Record<string, string>
}

/** One fact per line, so that no line is long. */
type Fact = { stack: string } & (
  | { entry: Entry }
  | { container: string; requests: Record<string, Place> }
  | { certificate: string; digest: string }
)

/** They stand in the configuration as comments: it and the state it follows from are then replaced as one. */
export const FACT_PREFIX = '#@ '

export function emptyStack(): StackState {
  return { entries: [], listed: {}, certificates: {} }
}

export function factsOf(state: GatewayState): string[] {
  return sorted(state).flatMap(([stack, { entries, listed, certificates }]) => [
    ...entriesByName(entries).map((entry) => fact({ stack, entry })),
    ...sorted(listed).map(([container, requests]) => {
      return fact({ stack, container, requests: Object.fromEntries(sorted(requests)) })
    }),
    ...sorted(certificates).map(([certificate, digest]) => fact({ stack, certificate, digest })),
  ])
}

/** Lines that are damaged are left out: what they said is asked for again. */
export function stateFrom(lines: string[]): GatewayState {
  const state: GatewayState = {}
  for (const line of lines) {
    const said = factIn(line)
    if (said === null) continue
    state[said.stack] ??= emptyStack()
    const part = state[said.stack] ?? emptyStack()
    if ('entry' in said) part.entries.push(said.entry)
    else if ('container' in said) part.listed[said.container] = said.requests
    else part.certificates[said.certificate] = said.digest
  }
  return state
}

/** A stack of which nothing is left leaves nothing behind. */
export function withStack(state: GatewayState, stack: string, part: StackState): GatewayState {
  const { [stack]: _before, ...others } = state
  const isEmpty = part.entries.length === 0 && Object.keys(part.listed).length === 0
  return isEmpty ? others : { ...others, [stack]: part }
}

export function sorted<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

export function entriesByName(entries: Entry[]): Entry[] {
  return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function fact(said: Fact): string {
  return FACT_PREFIX + JSON.stringify(said)
}

function factIn(line: string): Fact | null {
  try {
    const said: unknown = JSON.parse(line.startsWith(FACT_PREFIX) ? line.slice(FACT_PREFIX.length) : line)
    return isFact(said) ? said : null
  } catch {
    return null
  }
}

function isFact(said: unknown): said is Fact {
  if (typeof said !== 'object' || said === null || !('stack' in said) || typeof said.stack !== 'string') return false
  if ('entry' in said) return typeof said.entry === 'object' && said.entry !== null && 'name' in said.entry
  if ('container' in said) return 'requests' in said && typeof said.requests === 'object' && said.requests !== null
  return 'certificate' in said && 'digest' in said
}
