import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type RegistryTrouble =
  | 'not-found'
  | 'unauthorized'
  | 'forbidden'
  | 'too-many'
  | 'broken'
  | 'hangs'
  /** Only the content of images fails so; what is asked about them is answered. */
  | 'broken-blobs'
  /** Blobs come, but only a little of them at a time. */
  | 'slow'
  /** Of a large blob the first 64 kB come, and then nothing more does. */
  | 'stalls'

type Refusal = 'not-found' | 'unauthorized' | 'forbidden' | 'too-many' | 'broken'

const ANSWERS: Record<Refusal, { status: number; code: string }> = {
  'not-found': { status: 404, code: 'MANIFEST_UNKNOWN' },
  unauthorized: { status: 401, code: 'UNAUTHORIZED' },
  forbidden: { status: 403, code: 'DENIED' },
  'too-many': { status: 429, code: 'TOOMANYREQUESTS' },
  broken: { status: 500, code: 'UNKNOWN' },
}

export interface FailingRegistry {
  /** `127.0.0.1:PORT`, the first part of image names. */
  host: string
  /** Null: requests go through to the registry behind. */
  trouble: RegistryTrouble | null
  /** Nobody listens any more: connections are refused. */
  down(): Promise<void>
  /** Listens again, on the same port. */
  up(): Promise<void>
  stop(): Promise<void>
}

const SLICE = 64 * 1024
const SLICE_EVERY_MS = 100

/** A registry that fails in the way `trouble` says, with the answers the registry protocol defines, or passes on. */
export async function startFailingRegistry(trouble: RegistryTrouble | null, behind = ''): Promise<FailingRegistry> {
  const server = createServer((asked, answer) => {
    const met = troubleOf(asked.url ?? '', registry.trouble)
    if (asked.url === '/v2/') answer.writeHead(200).end('{}')
    else if (met === null || met === 'slow' || met === 'stalls') passOn(asked, answer, behind, met)
    else if (met !== 'hangs') refuse(answer, met)
  })
  async function down(): Promise<void> {
    server.closeAllConnections()
    if (server.listening) await new Promise((closed) => server.close(closed))
  }
  async function up(port = Number(registry.host.split(':')[1])): Promise<void> {
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  }
  const registry: FailingRegistry = { host: '', trouble, down, up: () => up(), stop: down }
  await up(0)
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return registry
}

/** What one request meets. */
function troubleOf(path: string, trouble: RegistryTrouble | null): Refusal | 'hangs' | 'slow' | 'stalls' | null {
  const isBlob = path.includes('/blobs/')
  if (trouble === 'slow' || trouble === 'stalls') return isBlob ? trouble : null
  if (trouble === 'broken-blobs') return isBlob ? 'broken' : null
  return trouble
}

function refuse(answer: ServerResponse, trouble: Refusal): void {
  const { status, code } = ANSWERS[trouble]
  answer.writeHead(status, { 'content-type': 'application/json' })
  answer.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }))
}

function passOn(asked: IncomingMessage, answer: ServerResponse, behind: string, how: 'slow' | 'stalls' | null): void {
  const [host, port] = behind.split(':')
  const { method, url, headers } = asked
  const passed = request({ host, port, method, path: url, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers)
    if (how === null) answered.pipe(answer)
    else void trickle(answered, answer, how)
  })
  passed.on('error', () => answer.destroy())
  asked.pipe(passed)
}

async function trickle(from: IncomingMessage, to: ServerResponse, how: 'slow' | 'stalls'): Promise<void> {
  for await (const chunk of from) {
    for (let at = 0; at < chunk.length; at += SLICE) {
      to.write(chunk.subarray(at, at + SLICE))
      if (how === 'stalls') return
      await sleep(SLICE_EVERY_MS)
    }
  }
  to.end()
}
