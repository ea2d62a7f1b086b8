import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface GitServer {
  /** The HTTP address of a repository that lies directly in the served folder, e.g. `config.git`. */
  url(repo: string): string
  /** How many HTTP requests came in since the start or the last reset. */
  requests(): number
  resetRequests(): void
  /** Makes every following answer go wrong in this way; null mends the server. */
  fail(fault: Fault | null): void
  close(): Promise<void>
}

/**
 * How an answer goes wrong. `status` answers only that; `redirect` sends elsewhere; `hang` never answers; `trickle`
 * sends a byte now and then and never ends. `cut` drops the connection halfway through a pack, `truncate` ends the
 * answer there as if it were whole.
 */
export type Fault =
  | { kind: 'status'; status: number }
  | { kind: 'redirect'; to: string }
  | { kind: 'hang' | 'trickle' | 'cut' | 'truncate' }

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export interface GitServerOptions {
  /** Every request is asked for it. */
  login?: { user: string; password: string }
  /** Speaks TLS with it, in PEM. */
  tls?: { cert: string; key: string }
}

/** Serves the repositories in `root` with git's own `http-backend` on a free port of 127.0.0.1. */
export async function startGitServer(root: string, { login, tls }: GitServerOptions = {}): Promise<GitServer> {
  let count = 0
  let fault: Fault | null = null
  const listener: RequestListener = (request, response) => {
    count += 1
    answer(root, request, response, fault, login).catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (repo) => `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/${repo}`,
    requests: () => count,
    resetRequests() {
      count = 0
    },
    fail(next) {
      fault = next
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | null,
  login: GitServerOptions['login'],
): Promise<void> {
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'trickle') return trickle(response)
  if (fault?.kind === 'status') return void response.writeHead(fault.status).end()
  if (fault?.kind === 'redirect') return void response.writeHead(301, { location: fault.to }).end()
  if (login !== undefined && !loggedIn(request, login)) {
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  }
  send(response, await runBackend(root, request), request.method === 'POST' ? fault : null)
}

function loggedIn(request: IncomingMessage, login: { user: string; password: string }): boolean {
  const expected = Buffer.from(`${login.user}:${login.password}`).toString('base64')
  return request.headers.authorization === `Basic ${expected}`
}

function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
  const timer = setInterval(() => response.write('0'), 20)
  response.on('close', () => clearInterval(timer))
}

function send(response: ServerResponse, { status, headers, body }: Answer, fault: Fault | null): void {
  const half = body.subarray(0, Math.floor(body.length / 2))
  if (fault?.kind === 'cut') {
    response.writeHead(status, { ...headers, 'content-length': body.length })
    response.write(half, () => response.destroy())
    return
  }
  response.writeHead(status, headers).end(fault?.kind === 'truncate' ? half : body)
}

/** One request through `git http-backend`, by the rules of CGI. */
function runBackend(root: string, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const child = spawn('git', ['http-backend'], { env: backendEnvironment(root, request, url) })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stdin.on('error', () => child.stdin.destroy())
  request.pipe(child.stdin)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(parseAnswer(Buffer.concat(output))))
  })
}

function backendEnvironment(root: string, request: IncomingMessage, url: URL): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method,
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: request.headers['content-type'],
    CONTENT_LENGTH: request.headers['content-length'],
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
  }
}

function parseAnswer(raw: Buffer): Answer {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw.subarray(0, end).toString().split('\r\n')
  const headers = Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]))
  const status = Number.parseInt(headers['Status'] ?? '200', 10)
  return { status, headers, body: raw.subarray(end + 4) }
}
