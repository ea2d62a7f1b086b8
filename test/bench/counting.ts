import { once } from 'node:events'
import { createServer, request } from 'node:http'

export interface Counter {
  /** Socket of the proxy. */
  socket: string
  /** Calls since the last `reset`. */
  calls: { reading: number; changing: number }
  reset(): void
  close(): void
}

/** Stands between a client and an engine, passes every call on and counts it. What is not a GET or HEAD may change something. */
export async function countCalls(engine: string, socket: string): Promise<Counter> {
  const calls = { reading: 0, changing: 0 }
  const server = createServer((incoming, answer) => {
    const { method = '', url = '', headers } = incoming
    calls[method === 'GET' || method === 'HEAD' ? 'reading' : 'changing'] += 1
    const outgoing = request({ socketPath: engine, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  })
  // Longer than any client keeps its connections: one closed from here would fail the call that takes it again.
  server.keepAliveTimeout = 60_000
  server.listen(socket)
  await once(server, 'listening')
  return {
    socket,
    calls,
    reset: () => void Object.assign(calls, { reading: 0, changing: 0 }),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
