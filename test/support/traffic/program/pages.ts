import { type IncomingMessage, request as open, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a service answers to requests for `/`, `/slow` and `/pay`. */
export interface Answer {
  version: string
  /** The `id` of the request. */
  id: string
  /** Why its own connection to the peer failed. */
  outbound?: string
}

interface Settings {
  version: string
  /** Whom it calls by name for each request, or empty. */
  peer: string
  isHealthy(): boolean
}

/** How often each id was executed, as the peer was told by all replicas. */
export type Executions = Record<string, number>

/** What it takes to answer every page of the service. */
export function answerer(settings: Settings): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const executions: Executions = {}

  async function page(path: string, query: URLSearchParams, request: IncomingMessage): Promise<[number, unknown]> {
    const id = query.get('id') ?? ''
    if (path === '/health') return settings.isHealthy() ? [200, 'ok'] : [503, 'sick']
    if (path === '/hit') return [200, 'ok']
    if (path === '/executions') return [200, executions]
    if (path === '/executed') {
      executions[id] = (executions[id] ?? 0) + 1
      return [200, 'ok']
    }
    if (path === '/headers') return [200, request.headers]
    if (path === '/upload') return [200, { version: settings.version, id, bytes: await bytesOf(request) }]
    if (path === '/slow') {
      await sleep(Number(query.get('ms') ?? 2_000))
      return [200, { version: settings.version, id }]
    }
    // It is executed only once all of it is there, as an app does that parses it.
    if (path === '/pay') await bytesOf(request)
    return await withPeer(id, path === '/pay' ? `/executed?id=${encodeURIComponent(id)}` : '/hit')
  }

  async function withPeer(id: string, path: string): Promise<[number, Answer]> {
    const about = { version: settings.version, id }
    if (settings.peer === '') return [200, about]
    try {
      await call(settings.peer, path)
      return [200, about]
    } catch (error) {
      return [502, { ...about, outbound: String(error) }]
    }
  }

  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
    try {
      if (pathname === '/events') return await stream(searchParams, response)
      const [status, body] = await page(pathname, searchParams, request)
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      response.writeHead(status, { 'Content-Length': Buffer.byteLength(text) }).end(text)
    } catch {
      // Whoever asked is gone.
      response.destroy()
    }
  }
}

/** Server-sent events, numbered from 1: `count` of them, one `every` so many milliseconds. */
async function stream(query: URLSearchParams, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  for (let number = 1; number <= Number(query.get('count') ?? 10); number += 1) {
    response.write(`data: ${number}\n\n`)
    await sleep(Number(query.get('every') ?? 100))
  }
  response.end()
}

async function bytesOf(request: IncomingMessage): Promise<number> {
  let bytes = 0
  for await (const chunk of request) bytes += (chunk as Buffer).length
  return bytes
}

/** By a connection of its own, so that the name is looked up each time. */
function call(host: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = open({ host, port: 8080, path, method: 'POST', agent: false, timeout: 5_000 }, (response) => {
      response.resume()
      response.on('error', reject)
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))))
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}
