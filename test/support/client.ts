import { once } from 'node:events'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

const HEARD_WITHIN_MS = 20_000

export interface Answer {
  status: number
  body: string
  /** The replica that answered; empty when the gateway did. */
  replica: string
  headers: IncomingMessage['headers']
  /** It came over a connection that was there before. */
  reused: boolean
}

export interface Asking {
  method?: string
  body?: string
  headers?: Record<string, string>
  agent?: Agent
  address?: string
}

/** One request to a port of this machine. */
export async function ask(port: number, path = '/', asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', body = '', headers = {}, agent, address = '127.0.0.1' } = asking
  const sent = request({ host: address, port, path, method, headers, maxHeaderSize: 65_536, agent: agent ?? false })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const replica = String(response.headers['x-replica'] ?? '')
  const { statusCode: status = 0, headers: received } = response
  return { status, body: await text(response), replica, headers: received, reused: sent.reusedSocket }
}

/** A connection that collects what it is told. */
export interface Line {
  socket: Socket
  said(): string
  isOpen(): boolean
  say(words: string): void
  /** Waits until all it was told matches. */
  hear(pattern: RegExp): Promise<string>
}

export async function openLine(port: number, address = '127.0.0.1'): Promise<Line> {
  const socket = connect(port, address)
  await once(socket, 'connect')
  let said = ''
  let isOpen = true
  socket.on('data', (chunk) => {
    said += chunk.toString('latin1')
  })
  socket.on('close', () => {
    isOpen = false
  })
  socket.on('error', () => {})
  return {
    socket,
    said: () => said,
    isOpen: () => isOpen,
    say: (words) => void socket.write(words),
    async hear(pattern) {
      while (!pattern.test(said)) {
        if (!isOpen) throw new Error(`The connection ended after ${JSON.stringify(said)}`)
        const limit = AbortSignal.timeout(HEARD_WITHIN_MS)
        await Promise.race([once(socket, 'data', { signal: limit }), once(socket, 'close', { signal: limit })]).catch(
          () => {
            throw new Error(`Waited in vain for ${pattern} after ${JSON.stringify(said)}`)
          },
        )
      }
      return said
    },
  }
}

export const UPGRADE = [
  'GET /socket HTTP/1.1',
  'Host: shop',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n')
