import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** What stored releases are sealed with, and the name of it. */
export interface StoreKey {
  /** Names the key, 8 hex digits. */
  id: string
  /** 32 bytes in hex. */
  store: string
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts a text; it can be opened only with the same key and as what it was sealed as. */
export function seal(text: string, as: string, { store }: StoreKey): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, Buffer.from(store, 'hex'), nonce).setAAD(Buffer.from(as))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

/** Null for what was sealed with another key or as something else, and for what is damaged. */
export function open(sealed: string, as: string, { store }: StoreKey): string | null {
  const bytes = Buffer.from(sealed, 'base64')
  const [nonce, rest] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)]
  try {
    const decipher = createDecipheriv(CIPHER, Buffer.from(store, 'hex'), nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(as)).setAuthTag(rest.subarray(0, TAG_BYTES))
    return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}
