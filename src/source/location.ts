import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SourceError } from './errors.ts'

/** Where a repository lies. `shown` is the form for people; it never holds a password or a token. */
export type Location = HttpLocation | SshLocation | LocalLocation

export interface HttpLocation {
  kind: 'http'
  /** Without credentials. */
  url: string
  /** What stood before the host; null when nothing did. */
  login: Login | null
  shown: string
}

export interface SshLocation {
  kind: 'ssh'
  host: string
  port: number
  user: string
  /** As it stands in the URL: relative to the user's home where it does not begin with `/`. */
  path: string
  shown: string
}

export interface LocalLocation {
  kind: 'local'
  path: string
  shown: string
}

export interface Login {
  username: string
  password: string
}

/**
 * Takes an `http:`, `https:`, `ssh:` or `file:` URL, `user@host:path`, or a path. Credentials are taken out of the URL
 * here, once: everything behind works with the bare URL, so no error and no log can show them.
 */
export function parseLocation(url: string): Location {
  if (/^https?:\/\//i.test(url)) return parseHttp(url)
  if (/^ssh:\/\//i.test(url)) return parseSsh(url)
  if (/^file:\/\//i.test(url)) return { kind: 'local', path: fileURLToPath(url), shown: url }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) throw unusable(url, 'only http, https, ssh and local paths work')
  const [, user, host, path] = /^([^/@:]+)@(\[[^\]/]+\]|[^/:@]+):(.*)$/s.exec(url) ?? []
  if (user !== undefined && host !== undefined && path !== undefined) return overSsh(url, { host, user, path })
  if (/^[^/]*@[^/]*:/.test(url)) throw unusable(url, 'it is neither a URL nor user@host:path')
  return { kind: 'local', path: resolve(url), shown: url }
}

function parseHttp(url: string): HttpLocation {
  if (!URL.canParse(url)) throw unusable(url, 'it is not a URL')
  const parsed = new URL(url)
  const login = { username: decode(parsed.username), password: decode(parsed.password) }
  parsed.username = ''
  parsed.password = ''
  parsed.hash = ''
  parsed.search = ''
  const bare = parsed.href.replace(/\/+$/, '')
  const isGiven = login.username !== '' || login.password !== ''
  return { kind: 'http', url: bare, login: isGiven ? login : null, shown: bare }
}

function parseSsh(url: string): SshLocation {
  if (!URL.canParse(url)) throw unusable(url, 'it is not a URL')
  const { username, password, hostname, port, pathname } = new URL(url)
  if (password !== '') throw unusable(url, "it holds a password, and SSH takes a key: set the source's sshKeyFile")
  const path = decode(pathname)
  // As git has it: a home stands behind the host like any path.
  const place = path.startsWith('/~') ? path.slice(1) : path
  const user = decode(username) || userInfo().username
  return overSsh(url, { host: hostname, port: Number(port || 22), user, path: place })
}

function overSsh(shown: string, place: { host: string; port?: number; user: string; path: string }): SshLocation {
  const host = place.host.replace(/^\[(.*)\]$/, '$1')
  // A host is part of commands that errors name, and a path that looks like an option would be one over there.
  if (!/^[a-z0-9_:%][a-z0-9._:%-]*$/i.test(host)) throw unusable(shown, 'its host is no name or address')
  if (!/^[a-z0-9_][a-z0-9._@+-]*$/i.test(place.user)) throw unusable(shown, 'its user is no name of a login')
  if (/^\/?$/.test(place.path)) throw unusable(shown, 'it names no repository behind the host')
  if (place.path.startsWith('-') || place.path.includes('\0')) throw unusable(shown, 'its path is no repository')
  return { kind: 'ssh', host, port: place.port ?? 22, user: place.user, path: place.path, shown }
}

/** As git does it: what is no percent sequence stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function unusable(url: string, why: string): SourceError {
  return new SourceError('terminal', `Cannot follow ${mask(url)}: ${why}. Correct the source's url.`)
}

/** Hides whatever stands before the last `@`. */
function mask(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@')
}
