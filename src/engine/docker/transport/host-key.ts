import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { StepFailed } from '../../../model/errors.ts'
import type { SshEndpoint } from '../../endpoint.ts'
import { hostName, type KnownKey, knownKeys } from './known-hosts.ts'

const ALGORITHMS: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** Those first whose keys are known: a host has one of each, and would show another one than the one we can check. */
export function hostKeyAlgorithms(endpoint: SshEndpoint): ServerHostKeyAlgorithm[] {
  const types = new Set(keysOf(endpoint).map(({ type }) => type))
  const isKnown = (algorithm: string) => types.has(algorithm.replace(/^rsa-sha2-\d+$/, 'ssh-rsa'))
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((algorithm) => !isKnown(algorithm))]
}

/** Why the key that a host showed is not trusted, with what to type; null when it is. */
export function checkHostKey(endpoint: SshEndpoint, shown: Buffer): StepFailed | null {
  const key = shown.toString('base64')
  const known = keysOf(endpoint)
  if (known.some((found) => found.revoked && found.key === key)) {
    return refusal(
      endpoint,
      shown,
      'is revoked in known_hosts',
      'Another machine may stand in its place: find out first.',
    )
  }
  const trusted = known.filter(({ revoked }) => !revoked)
  if (trusted.some((found) => found.key === key)) return null
  const name = hostName(endpoint.host, endpoint.port)
  const file = endpoint.knownHosts[0] ?? ''
  const learn = `\`ssh-keyscan -p ${endpoint.port} ${endpoint.host} >> ${file}\``
  if (trusted.length === 0) {
    return refusal(endpoint, shown, 'is not known', `When that is its fingerprint: ${learn}.`)
  }
  const forget = `\`ssh-keygen -R '${name}' -f ${file}\``
  const next = `Another machine may stand in its place. When it really has a new key: ${forget}, then ${learn}.`
  return refusal(endpoint, shown, 'is another one than known_hosts has', next)
}

function refusal({ host, port }: SshEndpoint, shown: Buffer, what: string, next: string): StepFailed {
  const fingerprint = `SHA256:${createHash('sha256').update(shown).digest('base64').replace(/=+$/, '')}`
  return new StepFailed('platform', `The host key of ${hostName(host, port)} (${fingerprint}) ${what}. ${next}`)
}

function keysOf({ host, port, knownHosts }: SshEndpoint): KnownKey[] {
  return knownHosts.flatMap((file) => knownKeys(readIfThere(file), host, port))
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
