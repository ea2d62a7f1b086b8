import ssh2, { type Client, type ClientChannel } from 'ssh2'
import type { SshEndpoint } from '../../endpoint.ts'
import { checkHostKey, hostKeyAlgorithms } from './host-key.ts'
import { waysToLogIn } from './ssh-login.ts'
import { refusedForward, refusedLink } from './ssh-refusal.ts'
import { CONNECT_WITHIN_MS } from './tcp-agent.ts'
import { Tunnel } from './tunnel.ts'

/** A connection that answers none of three questions is lost. */
const ALIVE_EVERY_MS = 5_000
const ALIVE_MISSED = 3

/** One SSH connection, made when it is first needed and again after it was lost. */
export interface Link {
  /** A channel to the engine's socket. Rejects with a StepFailed that names the next command. */
  open(): Promise<Tunnel>
}

export function openLink(endpoint: SshEndpoint): Link {
  let current: Promise<Client> | null = null

  function client(): Promise<Client> {
    if (current === null) {
      const made = connect(endpoint, () => {
        if (current === made) current = null
      })
      current = made
    }
    return current
  }

  return {
    async open() {
      return new Tunnel(await forward(await client(), endpoint))
    },
  }
}

/** `onEnd` is called when it failed or was lost: what comes next needs a new one. */
function connect(endpoint: SshEndpoint, onEnd: () => void): Promise<Client> {
  const { host, port, user } = endpoint
  const client = new ssh2.Client()
  return new Promise((resolve, reject) => {
    let refusedKey: Error | null = null
    const fail = (error: Error) => {
      onEnd()
      reject(refusedLink(endpoint, refusedKey ?? error))
    }
    client.once('ready', () => resolve(client)).once('close', () => fail(new Error('it closed the connection')))
    // An agent that fails is no end: the keys in files are tried next.
    client.on('error', (error) => (error.level === 'agent' ? undefined : fail(error)))
    try {
      client.connect({
        host,
        port,
        username: user,
        authHandler: waysToLogIn(endpoint),
        algorithms: { serverHostKey: hostKeyAlgorithms(endpoint) },
        hostVerifier: (key: Buffer) => {
          refusedKey = checkHostKey(endpoint, key)
          return refusedKey === null
        },
        readyTimeout: 2 * CONNECT_WITHIN_MS,
        keepaliveInterval: ALIVE_EVERY_MS,
        keepaliveCountMax: ALIVE_MISSED,
      })
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

function forward(client: Client, endpoint: SshEndpoint): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    try {
      client.openssh_forwardOutStreamLocal(endpoint.socket, (error, channel) =>
        error ? reject(refusedForward(endpoint, error)) : resolve(channel),
      )
    } catch (error) {
      reject(refusedForward(endpoint, error))
    }
  })
}
