import type { Entry, RouteEntry } from '../../src/model/traffic.ts'
import type { GatewayState, StackState } from '../../src/traffic/state.ts'

export function portAt(port: number, change: Partial<Entry> & { address?: string } = {}): Entry {
  const { address = '', ...others } = change
  const name = address === '' ? `${port}` : `${address}:${port}`
  return { name, service: 'web', at: { kind: 'port', address, port }, speaks: 'auto', ...others }
}

export function routeAt(host: string, path: string, change: Partial<RouteEntry> = {}): Entry {
  return { name: `${host}${path}`, service: 'web', at: { kind: 'route', host, path, ...change }, speaks: 'http' }
}

export function stateOf(stack: string, change: Partial<StackState>): GatewayState {
  return { [stack]: { entries: [], listed: {}, certificates: {}, ...change } }
}
