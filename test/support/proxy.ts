import { createServer, type IncomingMessage, request as requestOn, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface HttpProxy {
  url: string
  /** What it was asked for so far: `CONNECT host:port`, or method and whole address. */
  asked(): string[]
  /** Every header it was shown, as text. */
  seen(): string
  /** Answers everything with this status; null mends it. */
  fail(status: number | null): void
  close(): Promise<void>
}

/**
 * A real HTTP proxy on a free port of 127.0.0.1: tunnels (CONNECT), and passes plain HTTP on. Whatever name is asked
 * for, it takes for this machine. With `login` it wants that first, with `tls` (PEM) it is spoken to by TLS.
 */
export async function startProxy(
  login?: { user: string; password: string },
  tls?: { cert: string; key: string },
): Promise<HttpProxy> {
  const asked: string[] = []
  const headers: string[] = []
  const open = new Set<Socket>()
  let fault: number | null = null

  /** The status it is refused with; null when it is let through. */
  function refusalOf(request: IncomingMessage): number | null {
    asked.push(`${request.method} ${request.url}`)
    headers.push(JSON.stringify(request.headers))
    if (fault !== null) return fault
    if (login === undefined) return null
    const wanted = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
    return request.headers['proxy-authorization'] === wanted ? null : 407
  }

  const server = tls === undefined ? createServer(passOn) : createTlsServer(tls, passOn)
  function passOn(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refusalOf(request)
    if (refusal !== null) return void response.writeHead(refusal).end()
    const { port, pathname, search } = new URL(request.url ?? '')
    const { 'proxy-authorization': _, ...rest } = request.headers
    const onward = requestOn({
      host: '127.0.0.1',
      port,
      path: pathname + search,
      method: request.method,
      headers: rest,
    })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  }
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    open.add(socket.on('error', () => socket.destroy()))
    const refusal = refusalOf(request)
    if (refusal !== null) return void socket.end(`HTTP/1.1 ${refusal} Refused\r\n\r\n`)
    const onward = connect(Number(/:(\d+)$/.exec(request.url ?? '')?.[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    seen: () => headers.join('\n'),
    fail(status) {
      fault = status
    },
    close() {
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
