import { createHmac } from 'node:crypto'

/** One line of a known_hosts file that speaks of the host. */
export interface KnownKey {
  /** E.g. `ssh-ed25519`. */
  type: string
  /** Base64. */
  key: string
  /** A key that must never be trusted. */
  revoked: boolean
}

/** What a known_hosts file says of one host (see sshd(8)). Certificate authorities are not understood and left out. */
export function knownKeys(file: string, host: string, port: number): KnownKey[] {
  const name = hostName(host, port)
  return file.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/)
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined
    const [hosts = '', type = '', key = ''] = words
    if (key === '' || hosts.startsWith('#') || marker === '@cert-authority') return []
    return speaksOf(hosts, name) ? [{ type, key, revoked: marker === '@revoked' }] : []
  })
}

/** As OpenSSH writes a host: `[host]:port` where the port is not 22. */
export function hostName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

function speaksOf(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return isHashOf(hosts, name)
  const patterns = hosts.split(',')
  const refused = patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name))
  return !refused && patterns.some((pattern) => matches(pattern, name))
}

/** `|1|salt|hash`, as `HashKnownHosts` and `ssh-keygen -H` write it. */
function isHashOf(hashed: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hashed.split('|')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

function matches(pattern: string, name: string): boolean {
  const literal = pattern.toLowerCase().replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(name)
}
