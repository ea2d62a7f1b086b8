import { Decrypter, identityToRecipient } from 'age-encryption'
import { Refusal } from './refusal.ts'

/** The age keys that are given. */
export interface Keyring {
  /** Their public halves, `age1…`. */
  recipients(): Promise<string[]>
  /** What was encrypted with age for one of them; null when it was for none. Rejects when it is damaged. */
  open(encrypted: Uint8Array): Promise<Uint8Array | null>
}

/** Throws for an identity that is none; see `parseAgeKeys` for words about it. */
export function openKeyring(identities: readonly string[]): Keyring {
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  return {
    recipients: () => Promise.all(identities.map((identity) => identityToRecipient(identity))),
    async open(encrypted) {
      try {
        return await decrypter.decrypt(encrypted)
      } catch (error) {
        if (String(error).includes('no identity matched')) return null
        throw new Refusal('it was damaged after it was encrypted: restore it from git, or encrypt it anew')
      }
    },
  }
}
