import { Agent } from 'node:http'
import type { SshEndpoint } from '../../endpoint.ts'
import { openLink } from './ssh-link.ts'
import type { Tunnel } from './tunnel.ts'

/** Every request gets a channel of one SSH connection to itself; this many at once are plenty, and few for the far side. */
const MOST_CHANNELS = 64

/** HTTP to a socket on another machine, through its SSH server and nothing else. */
export function sshAgent(endpoint: SshEndpoint): Agent {
  const link = openLink(endpoint)
  const createConnection = (_: unknown, done: (error: unknown, tunnel?: Tunnel) => void) => {
    link.open().then((tunnel) => done(null, tunnel), done)
  }
  return Object.assign(new Agent({ keepAlive: true, maxSockets: MOST_CHANNELS }), { createConnection })
}
