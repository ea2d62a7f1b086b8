import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import type { Place } from '../../src/model/traffic.ts'

/** A server that stands for a replica, on 127.0.0.1. */
export interface Replica {
  place: Place
  /** Requests that it has begun to execute, by method and path. */
  executed: string[]
  /** Answers what waits at `/held`. */
  release(): void
  /** Takes nothing new any more, and cuts what is there. */
  stop(): Promise<void>
}

/** For the key that the tests' client sends, which the gateway checks. */
const UPGRADED = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=']

/**
 * Answers with its name; at `/headers` with the request's headers as JSON; at `/held` once it is released; at `/die` it
 * cuts the connection. Whatever is upgraded or connected is echoed.
 */
export async function startReplica(name: string): Promise<Replica> {
  const executed: string[] = []
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const server = createServer({ maxHeaderSize: 65_536 }, async (request, response) => {
    executed.push(`${request.method} ${request.url}`)
    await bodyOf(request)
    const [, kind] = (request.url ?? '').split('/')
    if (kind === 'die') return request.socket.destroy()
    if (kind === 'held') await released
    response.setHeader('x-replica', name)
    response.end(kind === 'headers' ? JSON.stringify(request.headers) : name)
  })
  const echo = (answer: string) => (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {})
    socket.write(answer)
    socket.pipe(socket)
  }
  server.on('upgrade', echo(['HTTP/1.1 101 Switching Protocols', ...UPGRADED, '\r\n'].join('\r\n')))
  server.on('connect', echo('HTTP/1.1 200 OK\r\n\r\n'))
  return await replicaOf(server, executed, release)
}

/** Says `greeting` to whoever connects, and then echoes. Every connection counts as executed. */
export async function startTcpReplica(greeting: string): Promise<Replica> {
  const executed: string[] = []
  const server = createTcpServer((socket) => {
    executed.push('connection')
    socket.on('error', () => {})
    if (greeting !== '') socket.write(greeting)
    socket.pipe(socket)
  })
  return await replicaOf(server, executed)
}

/** Where a server listens that a test started by itself. */
export async function placeOf(server: Pick<TcpServer, 'listen' | 'address' | 'once'>): Promise<Place> {
  server.listen(0, '127.0.0.1')
  await once(server as TcpServer, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { address: '127.0.0.1', port: address.port }
}

async function replicaOf(server: Server | TcpServer, executed: string[], release = () => {}): Promise<Replica> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  const place = await placeOf(server)
  return {
    place,
    executed,
    release,
    async stop() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<void> {
  request.on('error', () => {})
  try {
    for await (const _chunk of request);
  } catch {
    // The client is gone.
  }
}
