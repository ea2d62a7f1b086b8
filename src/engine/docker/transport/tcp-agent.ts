import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { TlsEndpoint } from '../../endpoint.ts'
import { POOL } from './pool.ts'

/** A host that answers nothing at all is given up after so long. */
const CONNECT_WITHIN_MS = 5_000

interface Where {
  host: string
  port: number
}

/** Connections that are kept are asked every second whether the other side is still there (TCP keep-alive). */
const KEPT = { keepAlive: true, keepAliveInitialDelay: 1_000 }

export function tcpAgent(): HttpAgent {
  const createConnection = ({ host, port }: Where) => limited(connect({ host, port, ...KEPT }), 'connect')
  return Object.assign(new HttpAgent(POOL), { createConnection })
}

/** The files are read for each connection, so that renewed certificates are taken up without a new start. */
export function tlsAgent({ certificates }: TlsEndpoint): HttpsAgent {
  const createConnection = (options: Where & ConnectionOptions) =>
    limited(connectTls({ ...options, ...KEPT, ...readCertificates(certificates) }), 'secureConnect')
  return Object.assign(new HttpsAgent(POOL), { createConnection })
}

function readCertificates(folder: string): Pick<ConnectionOptions, 'ca' | 'cert' | 'key'> {
  const read = (name: string) => readFileSync(join(folder, name))
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}

function limited<S extends Socket>(socket: S, event: 'connect' | 'secureConnect'): S {
  const timer = setTimeout(() => socket.destroy(new ConnectTimeout()), CONNECT_WITHIN_MS)
  socket.once(event, () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
  return socket
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT'
  constructor() {
    super(`no connection within ${CONNECT_WITHIN_MS / 1000} s`)
  }
}
