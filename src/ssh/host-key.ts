import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { hostName, type KnownKey, knownKeys } from './known-hosts.ts'
import { SshRefused } from './refusal.ts'
import type { SshServer } from './server.ts'

const ALGORITHMS: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** Those first whose keys are known: a host has one of each, and would show another one than the one we can check. */
export function hostKeyAlgorithms(server: SshServer): ServerHostKeyAlgorithm[] {
  const types = new Set(keysOf(server).map(({ type }) => type))
  const isKnown = (algorithm: string) => types.has(algorithm.replace(/^rsa-sha2-\d+$/, 'ssh-rsa'))
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((algorithm) => !isKnown(algorithm))]
}

/** Why the key that a host showed is not trusted, with what to type; null when it is. */
export function checkHostKey(server: SshServer, shown: Buffer): SshRefused | null {
  const key = shown.toString('base64')
  const known = keysOf(server)
  const revoked = known.find((found) => found.revoked && found.key === key)
  if (revoked) {
    const next = `It stands in ${revoked.file}. Another machine may stand in its place: find out first.`
    return distrust(server, shown, 'is revoked in known_hosts', next)
  }
  const trusted = known.filter((found) => !found.revoked)
  if (trusted.some((found) => found.key === key)) return null
  const [changed] = trusted
  const file = changed?.file ?? server.knownHosts[0] ?? ''
  const learn = `\`ssh-keyscan -p ${server.port} ${server.host} >> ${file}\``
  if (changed === undefined) return distrust(server, shown, 'is not known', `When that is its fingerprint: ${learn}.`)
  const forget = `\`ssh-keygen -R '${hostName(server.host, server.port)}' -f ${file}\``
  const next = `Another machine may stand in its place. When it really has a new key: ${forget}, then ${learn}.`
  return distrust(server, shown, 'is another one than known_hosts has', next)
}

function distrust({ host, port }: SshServer, shown: Buffer, what: string, next: string): SshRefused {
  const fingerprint = `SHA256:${createHash('sha256').update(shown).digest('base64').replace(/=+$/, '')}`
  return new SshRefused('terminal', `The host key of ${hostName(host, port)} (${fingerprint}) ${what}. ${next}`)
}

function keysOf({ host, port, knownHosts }: SshServer): (KnownKey & { file: string })[] {
  return knownHosts.flatMap((file) => knownKeys(readIfThere(file), host, port).map((key) => ({ ...key, file })))
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
