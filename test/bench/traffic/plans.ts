import type { LoadPlan } from '../../support/traffic/program/load.ts'
import type { RequestsPlan } from '../../support/traffic/program/requests.ts'

/** Where the stack is reached on the host. */
export interface Ports {
  web: number
  bystander: number
  echo: number
}

/** Clients whose connections are to another service than the one that is updated. */
export const BYSTANDERS = ['bystander, websocket', 'bystander, raw']
/** The client that keeps a websocket to the one that is updated. */
export const WEBSOCKET = 'websocket'

const SLOW_MS = 2_000
/** Of all requests; what is left comes from inside. */
const SHARES = { kept: 0.35, new: 0.2, slow: 0.03, post: 0.17 }

/** What comes from outside, through published ports. */
export function outsidePlan(ports: Ports, perSecond: number): LoadPlan {
  const url = `http://127.0.0.1:${ports.web}`
  const kept: RequestsPlan = { kind: 'requests', url, perSecond: perSecond * SHARES.kept, connections: 'kept' }
  const slow = { url: `${url}/slow?ms=${SLOW_MS}`, expectedMs: SLOW_MS }
  return {
    'kept connections': kept,
    'new connections': { ...kept, perSecond: perSecond * SHARES.new, connections: 'new' },
    'slow requests': { ...kept, ...slow, perSecond: perSecond * SHARES.slow },
    posts: { ...kept, url: `${url}/pay`, body: 5_000, perSecond: perSecond * SHARES.post },
    'idle connections': { kind: 'idle', url, connections: 50 },
    [WEBSOCKET]: { kind: 'pings', url: `ws://127.0.0.1:${ports.web}`, everyMs: 500 },
    'bystander, websocket': { kind: 'pings', url: `ws://127.0.0.1:${ports.bystander}`, everyMs: 1_000 },
    'bystander, raw': { kind: 'pings', url: `tcp://127.0.0.1:${ports.echo}`, everyMs: 1_000 },
  }
}

/** What comes from another container of the stack, by name, with a new connection for each request. */
export function insidePlan(perSecond: number): LoadPlan {
  const share = 1 - Object.values(SHARES).reduce((sum, one) => sum + one, 0)
  return {
    'inside by name': { kind: 'requests', url: 'http://web:8080', perSecond: perSecond * share, connections: 'new' },
  }
}
