import { SourceError } from './errors.ts'
import { decode } from './location.ts'

/** A proxy that HTTP goes through. */
export interface ProxyAddress {
  uri: string
  /** Of the header Proxy-Authorization; null without credentials. */
  authorization: string | null
  /** The form for people, without credentials. */
  shown: string
}

/**
 * The proxy for a URL: the one in the settings, else the one that HTTPS_PROXY or HTTP_PROXY names, unless NO_PROXY names
 * the host. Nothing on this machine is reached through the latter. Throws a SourceError for one that cannot be used.
 */
export function proxyFor(url: string, setting: string | undefined, env: NodeJS.ProcessEnv): ProxyAddress | null {
  if (setting !== undefined) return parseProxy(setting, "source's proxy")
  const { protocol, hostname, port } = new URL(url)
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const named = settingOf(env, name)
  if (named === '' || isHere(hostname)) return null
  const exceptions = settingOf(env, 'NO_PROXY').split(/[\s,]+/)
  if (exceptions.some((exception) => isMeant(exception, hostname, port))) return null
  return parseProxy(/^[a-z]+:\/\//i.test(named) ? named : `http://${named}`, name)
}

function settingOf(env: NodeJS.ProcessEnv, name: string): string {
  return env[name.toLowerCase()] || env[name] || ''
}

function isHere(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** `*`, a host, or a domain with all in it, with a port or without. */
function isMeant(exception: string, hostname: string, port: string): boolean {
  if (exception === '*') return true
  const [, name = '', ownPort] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(exception.toLowerCase()) ?? []
  if (name === '' || (ownPort !== undefined && ownPort !== port)) return false
  return hostname === name || hostname.endsWith(`.${name}`)
}

function parseProxy(text: string, where: string): ProxyAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new SourceError('terminal', `The ${where} is no address of a proxy. Write it as http://host:port.`)
  }
  const login = `${decode(url.username)}:${decode(url.password)}`
  const authorization = login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`
  return { uri: url.origin, authorization, shown: url.origin }
}
