import { X509Certificate } from 'node:crypto'
import { usualKeys, usualKnownHosts } from '../ssh/server.ts'
import { dispatcherFor } from './dispatcher.ts'
import { SourceError } from './errors.ts'
import type { HttpWay } from './http.ts'
import type { HttpLocation, Login, SshLocation } from './location.ts'
import { proxyFor } from './proxy.ts'
import type { SourceSettings } from './source.ts'
import type { SshWay } from './ssh.ts'

/**
 * The user name beside a token that names none. GitHub, GitLab and Gitea look at the token alone; the name that GitHub
 * documents is the one that is least likely to be somebody's.
 */
const TOKEN_USER = 'x-access-token'

/** How a server is reached over HTTP. Throws a SourceError for settings that cannot be used. */
export function httpWay(location: HttpLocation, settings: SourceSettings, env: NodeJS.ProcessEnv): HttpWay {
  refuseSsh(settings)
  const { ca, proxy: named } = settings.http ?? {}
  if (ca !== undefined) checkCertificates(ca)
  const proxy = proxyFor(location.url, named, env)
  return {
    location,
    authorization: authorizationOf(location.login, settings.http ?? {}),
    dispatcher: () => dispatcherFor(ca, proxy),
    proxy: proxy?.shown ?? null,
    hasOwnAuthority: ca !== undefined,
  }
}

/** How a server is reached over SSH. Throws a SourceError for settings that cannot be used. */
export function sshWay({ host, port, user, path }: SshLocation, settings: SourceSettings): SshWay {
  refuseHttp(settings)
  const { key, passphrase, knownHosts, agent } = settings.ssh ?? {}
  const server = {
    host,
    port,
    user,
    keys: key === undefined ? usualKeys() : [key],
    agent: agent ?? null,
    knownHosts: knownHosts === undefined ? usualKnownHosts() : [knownHosts],
    ...(passphrase === undefined ? {} : { passphrase }),
  }
  return { server, path }
}

/** A setting without effect is a mistake: somebody counts on it. Throws a SourceError for those of SSH. */
export function refuseSsh({ ssh = {} }: SourceSettings): void {
  if ((ssh.key ?? ssh.passphrase ?? ssh.knownHosts) === undefined) return
  throw misplaced('sshKeyFile, sshPassphrase and knownHostsFile', 'an SSH')
}

/** Throws a SourceError for those of HTTP. */
export function refuseHttp({ http = {} }: SourceSettings): void {
  if (Object.keys(http).length > 0) throw misplaced('token, username, password, caFile and proxy', 'an HTTP')
}

function misplaced(names: string, kind: string): SourceError {
  return new SourceError('terminal', `A source's ${names} are for ${kind} url. Remove them, or correct the url.`)
}

function authorizationOf(inUrl: Login | null, settings: NonNullable<SourceSettings['http']>): string | null {
  const { token, password } = settings
  if (token !== undefined && password !== undefined) {
    throw new SourceError('terminal', 'A source has either a token or a password. Remove one of them.')
  }
  const secret = token ?? password ?? inUrl?.password
  const username = settings.username ?? inUrl?.username ?? (token === undefined ? '' : TOKEN_USER)
  if (secret === undefined && username === '') return null
  return `Basic ${Buffer.from(`${username}:${secret ?? ''}`).toString('base64')}`
}

function checkCertificates(pem: string): void {
  try {
    new X509Certificate(pem)
  } catch (cause) {
    const text = "The source's caFile holds no certificate in PEM form. Name a file that begins with BEGIN CERTIFICATE."
    throw new SourceError('terminal', text, { cause })
  }
}
