import { heldIn, isPort, isRoute } from './held.ts'
import { isEveryAddress } from './ports.ts'
import type { GatewaySettings } from './settings.ts'
import type { GatewayState } from './state.ts'

/** A port of the host that is listened on; the address is empty for all of them. */
export interface Listener {
  address: string
  port: number
}

/** One of the gateway's own, and whose it is. */
export interface OwnListener extends Listener {
  stack: string
  /** Of the entry: `port 8080`, or `routes`. */
  what: string
}

/** What the gateway listens on with that state. */
export function listenersOf(state: GatewayState, { httpPort, httpsPort }: GatewaySettings): OwnListener[] {
  const held = heldIn(state)
  return held.flatMap((one): OwnListener[] => {
    const { stack } = one
    if (isPort(one)) {
      const { address, port } = one.entry.at
      return [{ address: isEveryAddress(address) ? '' : address, port, stack, what: `port ${one.entry.name}` }]
    }
    if (!isRoute(one)) return []
    const what = `route ${one.entry.name}`
    const shared = one.entry.at.certificate === undefined ? [httpPort] : [httpPort, httpsPort]
    return shared.map((port) => ({ address: '', port, stack, what }))
  })
}

/** Two that cannot both be there. Routes share theirs. */
export function clashing(own: OwnListener[]): [OwnListener, OwnListener] | null {
  const shares = ({ what }: OwnListener) => what.startsWith('route ')
  for (const [index, one] of own.entries()) {
    const other = own.slice(index + 1).find((next) => overlaps(one, next) && !(shares(one) && shares(next)))
    if (other) return [one, other]
  }
  return null
}

/** Those wanted that a program on the host holds already. `listening` are lines of `/proc/net/tcp` and `tcp6`. */
export function takenOnHost(wanted: OwnListener[], running: OwnListener[], listening: string[]): OwnListener[] {
  const isOwn = (found: Listener) =>
    running.some(({ address, port }) => found.port === port && found.address === address)
  const foreign = listening.flatMap((line) => listenerIn(line) ?? []).filter((found) => !isOwn(found))
  const isNew = (one: OwnListener) => !isOwn(one)
  return wanted.filter((one) => isNew(one) && foreign.some((found) => overlaps(one, found)))
}

/** One line of `/proc/net/tcp` or `tcp6`; null for what does not listen. */
export function listenerIn(line: string): Listener | null {
  const [, local = '', , state] = line.trim().split(/\s+/)
  const [hex = '', port = ''] = local.split(':')
  if (state !== '0A' || (hex.length !== 8 && hex.length !== 32)) return null
  const words = hex.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  return { address: addressOf(bytes), port: Number.parseInt(port, 16) }
}

function addressOf(bytes: number[]): string {
  if (bytes.every((byte) => byte === 0)) return ''
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  const [long = ''] = (groups.join(':').match(/(^|:)0(:0)+(:|$)/g) ?? []).sort((a, b) => b.length - a.length)
  return long === '' ? groups.join(':') : groups.join(':').replace(long, '::')
}

function overlaps(a: Listener, b: Listener): boolean {
  return a.port === b.port && (a.address === b.address || a.address === '' || b.address === '')
}
