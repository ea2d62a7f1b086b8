import { createHmac, hkdfSync } from 'node:crypto'
import { canonical } from './hash.ts'

/** What the key file's key is used for; each use has a key of its own. All but the id in hex. */
export interface Keys {
  /** Names the key, 8 hex digits; tells nothing about it. */
  id: string
  /** Makes names of secrets from their content, so that a name cannot be used to test a guess. */
  names: string
  /** Seals stored releases. */
  store: string
}

/** Derives the keys from the one in the key file, 64 hex digits (HKDF, RFC 5869). */
export function keysOf(master: string): Keys {
  const derive = (use: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(master, 'hex'), '', `holdfast ${use}`, bytes)).toString('hex')
  return { id: derive('id', 4), names: derive('names', 32), store: derive('store', 32) }
}

/** Twelve hex digits that follow from the value and the key (HMAC-SHA256). */
export function keyedHash(key: string, value: unknown): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(canonical(value)).digest('hex').slice(0, 12)
}
