import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../port.ts'
import { until } from '../until.ts'
import { executedOf } from './executed.ts'
import { acceptKey, encodeFrame, frameReader } from './program/frames.ts'
import type { Executions } from './program/pages.ts'
import { keepPinging } from './program/pings.ts'
import { type Client, keepIdle, type RequestsPlan, sendRequests } from './program/requests.ts'
import { openTally, type Report } from './program/tally.ts'

/** A bench that cannot see a failure would find none. */
describe('clients count', () => {
  let server: Server | null = null
  afterEach(() => {
    server?.close()
    server?.closeAllConnections()
    server = null
  })

  async function serve(answer: (request: IncomingMessage, response: ServerResponse, id: string) => void) {
    const made = createServer((request, response) => {
      answer(request, response, new URL(request.url ?? '', 'http://a').searchParams.get('id') ?? '')
    })
    server = made.listen(0, '127.0.0.1')
    await once(made, 'listening')
    return (made.address() as AddressInfo).port
  }

  /** Sends until something was counted. */
  async function failuresAt(port: number, more: Partial<RequestsPlan> = {}): Promise<string[]> {
    const tally = openTally('test')
    const url = `http://127.0.0.1:${port}/`
    const client = sendRequests({ kind: 'requests', url, perSecond: 50, connections: 'kept', ...more }, tally)
    return Object.keys((await endedOnce(client, tally.report)).failures)
  }

  async function endedOnce(client: Client, report: Report): Promise<Report> {
    await until(async () => report.answered + Object.keys(report.failures).length > 0, 'something to be counted')
    await client.end()
    return report
  }

  const answers: [string, (request: IncomingMessage, response: ServerResponse, id: string) => void][] = [
    ['reset', ({ socket }) => socket.resetAndDestroy()],
    ['closed without an answer', ({ socket }) => socket.end()],
    ['wrong answer', (_request, response) => response.end(JSON.stringify({ id: 'of another request' }))],
    ['wrong answer', (_request, response) => response.end('<html>')],
    ['status 503', (_request, response, id) => response.writeHead(503).end(JSON.stringify({ id }))],
    ['outbound failed', (_request, response, id) => response.writeHead(502).end(JSON.stringify({ id, outbound: 'x' }))],
    ['no answer in time', () => {}],
    [
      'answer cut short',
      (_request, response) =>
        response.writeHead(200, { 'Content-Length': 100 }).write('half', () => response.socket?.end()),
    ],
  ]
  it.each(answers)('%s', async (failure, answer) => {
    expect(await failuresAt(await serve(answer), { timeoutMs: 300 })).toEqual([failure])
  })

  it('a refused connection, and a name that is not found', async () => {
    expect(await failuresAt(await freePort())).toEqual(['refused'])
    expect(await failuresAt(0, { url: 'http://nobody.invalid:8080/' })).toEqual(['name not found'])
  })

  it('nothing where all is well', async () => {
    const port = await serve((_request, response, id) => response.end(JSON.stringify({ id })))
    expect(await failuresAt(port)).toEqual([])
    expect(await failuresAt(port, { connections: 'new', body: 5_000 })).toEqual([])
  })

  it('a post that is executed twice, and one that never is', async () => {
    const executions: Executions = {}
    let count = 0
    const port = await serve((_request, response, id) => {
      count += 1
      // The second one twice, the third one never.
      if (count !== 3) executions[id] = count === 2 ? 2 : 1
      response.end(JSON.stringify({ id }))
    })
    const tally = openTally('posts')
    const url = `http://127.0.0.1:${port}/pay`
    const client = sendRequests({ kind: 'requests', url, perSecond: 50, connections: 'kept', body: 10 }, tally)
    await until(async () => tally.report.answered > 3, 'some posts')
    await client.end()
    const { twice, lost } = executedOf({ posts: tally.report }, executions)
    expect([twice.length, lost.length]).toEqual([1, 1])
  })

  it('the wait of a request whose turn it was while answers were slow', async () => {
    const port = await serve((_request, response, id) => {
      setTimeout(() => response.end(JSON.stringify({ id })), 500)
    })
    const tally = openTally('test')
    const url = `http://127.0.0.1:${port}/`
    const client = sendRequests({ kind: 'requests', url, perSecond: 100, connections: 'kept' }, tally)
    await until(async () => tally.report.sent > 100, 'a hundred requests')
    const { sent, answered } = tally.report
    expect(sent - answered).toBeGreaterThan(20)
    await client.end()
    expect(Math.min(...tally.report.samples.ms)).toBeGreaterThan(490)
  })

  it('a kept connection that is gone when it is needed', async () => {
    let [requests, closed] = [0, 0]
    const port = await serve(({ socket }, response, id) => {
      requests += 1
      response.end(JSON.stringify({ id }), () => requests === 2 && socket.end())
      socket.on('close', () => (closed += 1))
    })
    const tally = openTally('test')
    const client = keepIdle({ kind: 'idle', url: `http://127.0.0.1:${port}/`, connections: 3 }, tally)
    await until(async () => tally.report.answered === 3 && closed === 1, 'three connections, one of them closed')
    await client.end()
    expect(tally.report).toMatchObject({ sent: 6, answered: 5, failures: { 'closed while idle': 1 } })
  })

  async function websocketTo(meet: (socket: Socket, text: string) => void): Promise<Report> {
    const port = await serve(() => {})
    server?.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      const key = acceptKey(request.headers['sec-websocket-key'] ?? '')
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
      socket.write([...head, `Sec-WebSocket-Accept: ${key}`, '', ''].join('\r\n'))
      const read = frameReader((frame) => frame.kind === 'text' && meet(socket, frame.text))
      socket.on('data', read).on('error', () => {})
    })
    const tally = openTally('test')
    const url = `ws://127.0.0.1:${port}`
    const client = keepPinging({ kind: 'pings', url, everyMs: 20, timeoutMs: 200 }, tally)
    const seen = () => tally.report.answered + tally.report.farewells + Object.keys(tally.report.failures).length
    await until(async () => seen() > 0, 'something to be counted')
    await client.end()
    return tally.report
  }

  it('a websocket that is ended with a farewell, that is cut, that is silent, that answers', async () => {
    const close = encodeFrame({ kind: 'close', code: 1001 }, 'server')
    const ended = await websocketTo((socket) => socket.end(close))
    expect(ended).toMatchObject({ failures: {}, answered: 0 })
    expect(ended.farewells).toBeGreaterThan(0)
    server?.close()
    expect(Object.keys((await websocketTo((socket) => socket.destroy())).failures)).toEqual(['cut'])
    server?.close()
    expect(Object.keys((await websocketTo(() => {})).failures)).toEqual(['no answer in time'])
    server?.close()
    const echoed = await websocketTo((socket, text) => socket.write(encodeFrame({ kind: 'text', text }, 'server')))
    expect(echoed).toMatchObject({ failures: {}, farewells: 0 })
  })
})
