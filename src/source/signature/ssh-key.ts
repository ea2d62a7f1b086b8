import { createHash } from 'node:crypto'
import { Malformed } from './malformed.ts'
import { type Check, ecdsa, ed25519, onToken, rsa } from './ssh-checks.ts'
import { readWire, type Wire } from './wire.ts'

/** A public key of SSH. */
export interface SshKey {
  type: string
  /** As SSH writes it; two keys are the same when these bytes are. */
  blob: Buffer
  /** `SHA256:…`, as ssh-keygen prints it. */
  fingerprint: string
  /** Whether a signature, in SSH's own form, is this key's of these bytes. Throws `Malformed` when it is no signature. */
  verifies(signature: Uint8Array, data: Uint8Array): boolean
}

interface KeyType {
  /** Reads what stands behind the name of the type. */
  read(fields: Wire): Check
  /** The algorithms its signatures may name. `ssh-rsa` is none of them: it signs SHA-1, which can be forged. */
  algorithms: string[]
}

const TYPES: Record<string, KeyType> = {
  'ssh-ed25519': { read: ed25519, algorithms: ['ssh-ed25519'] },
  'ssh-rsa': { read: rsa, algorithms: ['rsa-sha2-256', 'rsa-sha2-512'] },
  ...curve('nistp256'),
  ...curve('nistp384'),
  ...curve('nistp521'),
  ...token('sk-ssh-ed25519@openssh.com', ed25519),
  ...token('sk-ecdsa-sha2-nistp256@openssh.com', (fields) => ecdsa(fields, 'nistp256')),
}

/** Reads a public key as SSH writes it. Throws `Malformed` for one that cannot be used, saying why. */
export function readSshKey(blob: Buffer): SshKey {
  const fields = readWire(blob)
  const type = fields.text()
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (known === undefined) throw new Malformed(`keys of type ${type} are not supported`)
  const check = known.read(fields)
  fields.end()
  return {
    type,
    blob,
    fingerprint: fingerprintOf(blob),
    verifies: (signature, data) => verifies(check, known.algorithms, signature, data),
  }
}

/** `SHA256:…`, as ssh-keygen prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** Is this the name of a type of keys that can be used? */
export function isKeyType(name: string): boolean {
  return Object.hasOwn(TYPES, name)
}

function verifies(check: Check, algorithms: string[], signature: Uint8Array, data: Uint8Array): boolean {
  const fields = readWire(signature)
  const algorithm = fields.text()
  if (!algorithms.includes(algorithm)) throw new Malformed(`signatures ${algorithm} are not taken`)
  const isGood = check({ algorithm, value: fields.bytes(), rest: fields, data })
  fields.end()
  return isGood
}

function curve(name: 'nistp256' | 'nistp384' | 'nistp521'): Record<string, KeyType> {
  const type = `ecdsa-sha2-${name}`
  return { [type]: { read: (fields) => ecdsa(fields, name), algorithms: [type] } }
}

function token(type: string, read: KeyType['read']): Record<string, KeyType> {
  return { [type]: { read: (fields) => onToken(read(fields), fields), algorithms: [type] } }
}
