import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { acceptKey, encodeFrame, frameReader } from './frames.ts'
import { answerer } from './pages.ts'

/**
 * A service as people write them, and its counterparts: the one that gets rolled, the peer that it calls by name, and the
 * bystander. What it does comes from its environment: `VERSION`, `PEER`, `BEHAVIOUR`, `SICK_AFTER_MS`, `ON_TERM`.
 * HTTP/1.1 and websockets on 8080, HTTP/2 without TLS on 8081, an echo on 9000, and on 9001 one that speaks first.
 */
const env = process.env
const stopping = { now: false }
const began = performance.now()
const websockets = new Set<Socket>()
const echoing = new Set<Socket>()

if (env['BEHAVIOUR'] === 'exits') {
  console.error('giving up')
  process.exit(1)
}
const answer = answerer({ version: env['VERSION'] ?? '', peer: env['PEER'] ?? '', isHealthy })
const http = createHttpServer({ maxHeaderSize: 65_536 }, serve)
http.on('upgrade', upgrade)
http.on('connect', (_request, socket: Socket) => {
  socket.write('HTTP/1.1 200 OK\r\n\r\n')
  echo(socket)
})
// Whoever is in front decides how long a connection is kept: one closed from here would be counted as a failure.
http.keepAliveTimeout = 3_600_000
http.requestTimeout = 0
http.listen(8080)
createHttp2Server((_request, response) => response.end(env['VERSION'] ?? '')).listen(8081)
const listeners = [createTcpServer(echo).listen(9000), createTcpServer(greet).listen(9001)]
process.on('SIGTERM', () => onTerm())

function isHealthy(): boolean {
  if (env['BEHAVIOUR'] === 'never-healthy') return false
  return env['BEHAVIOUR'] !== 'turns-unhealthy' || performance.now() - began < Number(env['SICK_AFTER_MS'] ?? 700)
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (stopping.now) response.setHeader('Connection', 'close')
  response.on('close', () => {
    if (stopping.now) http.closeIdleConnections()
  })
  void answer(request, response)
}

/** Every text comes back as it is. */
function upgrade(request: IncomingMessage, socket: Socket): void {
  const key = acceptKey(request.headers['sec-websocket-key'] ?? '')
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write([...head, `Sec-WebSocket-Accept: ${key}`, '', ''].join('\r\n'))
  remember(websockets, socket)
  const read = frameReader((frame) => {
    socket.write(encodeFrame(frame, 'server'))
    if (frame.kind === 'close') socket.end()
  })
  socket.on('data', read)
}

/** Sends back what it gets. */
function echo(socket: Socket): void {
  remember(echoing, socket)
  socket.pipe(socket)
}

function greet(socket: Socket): void {
  socket.write(`${env['VERSION']}\n`)
  echo(socket)
}

function remember(all: Set<Socket>, socket: Socket): void {
  all.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => all.delete(socket))
}

/** `finish` (default), as a decent app does: no new ones, what was begun is finished. `drop`: it ends at once. */
function onTerm(): void {
  const manner = env['ON_TERM'] ?? 'finish'
  if (manner === 'drop') process.exit(0)
  if (manner === 'ignore') return
  stopping.now = true
  http.close(() => process.exit(0))
  for (const one of listeners) one.close()
  // 1001: going away.
  for (const socket of websockets) socket.end(encodeFrame({ kind: 'close', code: 1001 }, 'server'))
  for (const socket of echoing) socket.end()
}
