import { userInfo } from 'node:os'
import { HoldfastError } from '../model/errors.ts'
import { type SshServer, usualKeys, usualKnownHosts } from '../ssh/server.ts'

/** How an engine is reached. */
export type Endpoint = UnixEndpoint | TcpEndpoint | TlsEndpoint | SshEndpoint

export interface UnixEndpoint {
  kind: 'unix'
  path: string
}

/** Without TLS: on this machine only. */
export interface TcpEndpoint {
  kind: 'tcp'
  host: string
  port: number
}

export interface TlsEndpoint {
  kind: 'tls'
  host: string
  port: number
  /** Folder with `ca.pem`, `cert.pem` and `key.pem`. */
  certificates: string
}

export interface SshEndpoint extends SshServer {
  kind: 'ssh'
  /** Path of the engine's socket over there. */
  socket: string
}

/** What stands beside an endpoint's text, where that does not say it itself; all of it may be left out. */
export interface EndpointSettings {
  /** Folder with the certificates of a TLS connection. */
  certificates?: string | undefined
  sshKey?: string | undefined
  knownHosts?: string | undefined
  agent?: string | undefined
}

const DEFAULT_SOCKET = '/var/run/docker.sock'

/**
 * Reads `unix://`, `tcp://host:port?tls=folder`, `ssh://user@host:port/socket?key=file&known-hosts=file` or a bare path.
 * Throws a HoldfastError that says what to write instead.
 */
export function parseEndpoint(text: string, settings: EndpointSettings = {}): Endpoint {
  if (text.startsWith('/')) return { kind: 'unix', path: text }
  if (text.startsWith('unix:///')) return { kind: 'unix', path: text.slice('unix://'.length) }
  const url = urlOf(text)
  if (url?.protocol === 'tcp:') {
    return tcpEndpoint(text, url, { ...settings, ...given(text, url, { tls: 'certificates' }) })
  }
  if (url?.protocol === 'ssh:') {
    return sshEndpoint(text, url, { ...settings, ...given(text, url, { key: 'sshKey', 'known-hosts': 'knownHosts' }) })
  }
  throw refusal(text, 'is no address of an engine', `unix://${DEFAULT_SOCKET}, tcp://host:2376 or ssh://user@host`)
}

/** The form that `parseEndpoint` reads, without what it takes from elsewhere. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix://${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  if (endpoint.kind !== 'ssh') return `tcp://${host}:${endpoint.port}`
  const port = endpoint.port === 22 ? '' : `:${endpoint.port}`
  const socket = endpoint.socket === DEFAULT_SOCKET ? '' : endpoint.socket
  return `ssh://${endpoint.user}@${host}${port}${socket}`
}

function tcpEndpoint(text: string, url: URL, { certificates }: EndpointSettings): TcpEndpoint | TlsEndpoint {
  const host = hostOf(text, url)
  if (url.pathname !== '' && url.pathname !== '/') throw refusal(text, 'has a path', `tcp://${url.host} without one`)
  if (certificates) return { kind: 'tls', host, port: Number(url.port || 2376), certificates }
  if (isLoopback(host)) return { kind: 'tcp', host, port: Number(url.port || 2375) }
  const why = 'would give everybody on the way control of that machine, because plain TCP asks nobody who they are'
  const instead = `TLS (--engine-tls <folder with ca.pem, cert.pem and key.pem>), or ssh://user@${url.hostname}`
  throw refusal(text, why, instead)
}

function sshEndpoint(text: string, url: URL, settings: EndpointSettings): SshEndpoint {
  const host = hostOf(text, url)
  if (url.password !== '') throw refusal(text.replace(/:[^:@]*@/, ':…@'), 'holds a password', 'a key (--ssh-key)')
  return {
    kind: 'ssh',
    host,
    port: Number(url.port || 22),
    user: decodeURIComponent(url.username) || userInfo().username,
    socket: url.pathname === '' || url.pathname === '/' ? DEFAULT_SOCKET : decodeURIComponent(url.pathname),
    keys: settings.sshKey ? [settings.sshKey] : usualKeys(),
    agent: settings.agent || null,
    knownHosts: settings.knownHosts ? [settings.knownHosts] : usualKnownHosts(),
  }
}

/** What the address itself says behind its question mark. */
function given(text: string, url: URL, known: Record<string, keyof EndpointSettings>): EndpointSettings {
  const found: EndpointSettings = {}
  for (const [name, value] of url.searchParams) {
    const setting = known[name]
    if (setting === undefined) throw refusal(text, `has a part "${name}"`, `one of: ${Object.keys(known).join(', ')}`)
    found[setting] = value
  }
  return found
}

/** An IPv6 address without its brackets. */
function hostOf(text: string, url: URL): string {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (host !== '') return host
  throw refusal(text, 'names no host', `${url.protocol}//host`)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

function refusal(text: string, why: string, instead: string): HoldfastError {
  return new HoldfastError('terminal', `The engine ${text} ${why}. Use ${instead}.`)
}
