import { Agent } from 'node:http'
import type { SshEndpoint } from '../../endpoint.ts'
import { POOL } from './pool.ts'
import { type Link, openLink } from './ssh-link.ts'
import type { Tunnel } from './tunnel.ts'

/** Quick calls at the same time: plenty, and few for the far side, which opens a file for each. */
const MOST_QUICK = 64

/** HTTP to a socket on another machine, through its SSH server and nothing else: a channel of one connection each. */
export function sshAgents(endpoint: SshEndpoint): { quick: Agent; patient: Agent } {
  const link = openLink(endpoint)
  return { quick: agentOn(link, MOST_QUICK), patient: agentOn(link, Number.POSITIVE_INFINITY) }
}

function agentOn(link: Link, maxSockets: number): Agent {
  const createConnection = (_: unknown, done: (error: unknown, tunnel?: Tunnel) => void) => {
    link.open().then((tunnel) => done(null, tunnel), done)
  }
  return Object.assign(new Agent({ ...POOL, maxSockets }), { createConnection })
}
