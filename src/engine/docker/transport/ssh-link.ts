import type { Client, ClientChannel } from 'ssh2'
import { connectSsh } from '../../../ssh/connect.ts'
import type { SshEndpoint } from '../../endpoint.ts'
import { adviceFor, refusedForward, refusedLink } from './ssh-refusal.ts'
import { Tunnel } from './tunnel.ts'

/** One SSH connection, made when it is first needed and again after it was lost. */
export interface Link {
  /** A channel to the engine's socket. Rejects with a StepFailed that names the next command. */
  open(): Promise<Tunnel>
}

export function openLink(endpoint: SshEndpoint): Link {
  let current: Promise<Client> | null = null

  function client(): Promise<Client> {
    if (current === null) {
      const onEnd = () => {
        if (current === made) current = null
      }
      const made = connectSsh(endpoint, adviceFor(endpoint), { onEnd })
      current = made
    }
    return current
  }

  return {
    async open() {
      const connected = await client().catch((error: unknown) => {
        throw refusedLink(error)
      })
      return new Tunnel(await forward(connected, endpoint))
    },
  }
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
