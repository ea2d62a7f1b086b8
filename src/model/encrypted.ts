/** How the content of a file is encrypted, as far as can be told without a key. */
export type Encryption = 'age' | 'sops'

const AGE = ['age-encryption.org/v1\n', '-----BEGIN AGE ENCRYPTED FILE-----']

/** What stands in every file of SOPS, at least once: its MAC is written like this. */
const SOPS = /ENC\[AES256_GCM,data:[A-Za-z0-9+/]/

/** Null: it is not encrypted. A file of SOPS that was cut off counts as encrypted, as long as one value is left in it. */
export function encryptionOf(bytes: Uint8Array): Encryption | null {
  const text = Buffer.from(bytes).toString('latin1')
  const start = text.slice(0, 1_000).trimStart()
  if (AGE.some((beginning) => start.startsWith(beginning))) return 'age'
  return SOPS.test(text) ? 'sops' : null
}
