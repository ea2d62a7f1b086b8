import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as open } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failed } from './failure.ts'
import { acceptKey, encodeFrame, frameReader } from './frames.ts'
import type { Client } from './requests.ts'
import { clock, type Tally } from './tally.ts'

/** A connection that is kept, and on which something is sent in regular intervals and has to come back. */
export interface PingsPlan {
  kind: 'pings'
  /** `ws://…` or `tcp://…` */
  url: string
  everyMs: number
  timeoutMs?: number
}

/** One open connection. */
interface Line {
  send(text: string): void
  /** Resolves when the other end said farewell, rejects when it went without, or with what we hung up for. */
  closed: Promise<void>
  hangUp(cause?: Error): void
}

/** Opens the connection again whenever it is lost; each loss, and each failure to open it, is counted. */
export function keepPinging(plan: PingsPlan, tally: Tally): Client {
  const ended = new AbortController()
  const done = keep()

  async function keep(): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        await hold(plan, tally, ended.signal)
        if (!ended.signal.aborted) tally.report.farewells += 1
      } catch (error) {
        if (ended.signal.aborted) return
        tally.failed(clock(), error)
        await sleep(100)
      }
    }
  }

  return {
    async end() {
      ended.abort()
      await done
    },
  }
}

async function hold(plan: PingsPlan, tally: Tally, ended: AbortSignal): Promise<void> {
  const waiting = new Map<string, number>()
  const line = await openLine(plan, (text) => {
    const at = waiting.get(text)
    waiting.delete(text)
    if (at === undefined) tally.failed(clock(), new Failed('wrong answer', text.slice(0, 200)))
    else tally.answered(at)
  })
  const timer = setInterval(ping, plan.everyMs)
  function ping(): void {
    const [oldest = Number.POSITIVE_INFINITY] = waiting.values()
    const { timeoutMs = 10_000 } = plan
    if (clock() - oldest > timeoutMs) line.hangUp(new Failed('no answer in time', `none in ${timeoutMs} ms`))
    const text = randomBytes(6).toString('hex')
    waiting.set(text, clock())
    tally.sent()
    line.send(text)
  }
  const hangUp = () => line.hangUp()
  ended.addEventListener('abort', hangUp)
  try {
    await line.closed
  } finally {
    clearInterval(timer)
    ended.removeEventListener('abort', hangUp)
    line.hangUp()
  }
}

function openLine(plan: PingsPlan, onText: (text: string) => void): Promise<Line> {
  const { protocol, hostname, port } = new URL(plan.url)
  const { timeoutMs = 10_000 } = plan
  const place = { host: hostname, port: Number(port) }
  return protocol === 'tcp:' ? openTcp(place, onText) : openWebsocket(place, timeoutMs, onText)
}

async function openTcp(place: { host: string; port: number }, onText: (text: string) => void): Promise<Line> {
  const socket = connect(place)
  await once(socket, 'connect')
  let rest = ''
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onText(line)
  })
  return {
    send: (text) => socket.write(`${text}\n`),
    closed: closedOf(socket, () => false),
    hangUp: (cause) => socket.destroy(cause),
  }
}

async function openWebsocket(
  place: { host: string; port: number },
  timeoutMs: number,
  onText: (text: string) => void,
): Promise<Line> {
  const [socket, head] = await handshake(place, timeoutMs)
  let farewell = false
  const read = frameReader((frame) => {
    if (frame.kind === 'text') return onText(frame.text)
    farewell = true
    socket.end(encodeFrame(frame, 'client'))
  })
  const closed = closedOf(socket, () => farewell)
  socket.on('data', read)
  if (head.length > 0) read(head)
  return {
    send: (text) => socket.write(encodeFrame({ kind: 'text', text }, 'client')),
    closed,
    hangUp: (cause) => socket.destroy(cause),
  }
}

function handshake(place: { host: string; port: number }, timeoutMs: number): Promise<[Socket, Buffer]> {
  const key = randomBytes(16).toString('base64')
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
  }
  return new Promise((resolve, reject) => {
    const outgoing = open({ ...place, headers, agent: false, timeout: timeoutMs })
    outgoing.on('timeout', () => outgoing.destroy(new Failed('no answer in time', `none in ${timeoutMs} ms`)))
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.resume()
      reject(new Failed(`status ${response.statusCode ?? 0}`, 'no websocket'))
    })
    outgoing.on('upgrade', (response, socket, head) => {
      socket.setTimeout(0)
      if (response.headers['sec-websocket-accept'] === acceptKey(key)) return resolve([socket, head])
      socket.destroy()
      reject(new Failed('wrong answer', 'not the key that was sent'))
    })
    outgoing.end()
  })
}

function closedOf(socket: Socket, saidFarewell: () => boolean): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    let error: Error | null = null
    socket.on('error', (cause) => {
      error = cause
    })
    socket.on('close', () => {
      if (saidFarewell()) resolve()
      else if (error instanceof Failed) reject(error)
      else reject(new Failed('cut', error === null ? 'the other end closed it' : String(error)))
    })
  })
  // Whoever hung up does not wait for it.
  closed.catch(() => {})
  return closed
}
