import ssh2, { type Client } from 'ssh2'
import { checkHostKey, hostKeyAlgorithms } from './host-key.ts'
import { waysToLogIn } from './login.ts'
import { refusal } from './refusal.ts'
import type { Advice, SshServer } from './server.ts'

/** A connection that answers none of three questions is lost. */
const ALIVE_EVERY_MS = 5_000
const ALIVE_MISSED = 3

/** Until we are logged in. */
const READY_WITHIN_MS = 10_000

export interface Watch {
  /** Called when the connection did not come about or was lost: what comes next needs a new one. */
  onEnd?: () => void
  /** Breaks the connection off, made or not. */
  signal?: AbortSignal
}

/** Connects and logs in. Rejects with an SshRefused that names the next command. */
export function connectSsh(server: SshServer, advice: Advice, { onEnd, signal }: Watch): Promise<Client> {
  const { host, port, user } = server
  const client = new ssh2.Client()
  signal?.addEventListener('abort', () => client.destroy(), { once: true })
  return new Promise((resolve, reject) => {
    let refusedKey: Error | null = null
    const fail = (error: Error) => {
      onEnd?.()
      reject(refusal(server, advice, refusedKey ?? error))
    }
    client.once('ready', () => resolve(client)).once('close', () => fail(new Error('it closed the connection')))
    // An agent that fails is no end: the keys in files are tried next.
    client.on('error', (error) => (error.level === 'agent' ? undefined : fail(error)))
    try {
      client.connect({
        host,
        port,
        username: user,
        authHandler: waysToLogIn(server),
        algorithms: { serverHostKey: hostKeyAlgorithms(server) },
        hostVerifier: (key: Buffer) => {
          refusedKey = checkHostKey(server, key)
          return refusedKey === null
        },
        readyTimeout: READY_WITHIN_MS,
        keepaliveInterval: ALIVE_EVERY_MS,
        keepaliveCountMax: ALIVE_MISSED,
      })
    } catch (error) {
      // Not at once: whoever asked does not hold the promise yet.
      process.nextTick(fail, error)
    }
  })
}
