import { encryptionOf } from '../model/encrypted.ts'
import { HoldfastError } from '../model/errors.ts'
import { openAgeFile } from './age-file.ts'
import { openKeyring } from './keyring.ts'
import { Refusal } from './refusal.ts'
import { openSopsFile } from './sops-file.ts'

/**
 * Opens the content of a file. Null: it is not encrypted. Rejects with a HoldfastError that says why it cannot be opened,
 * and holds nothing of what is in it.
 */
export type Decrypt = (path: string, bytes: Uint8Array) => Promise<Uint8Array | null>

/** As git's files: larger ones are not read at all. */
const MAX_BYTES = 1024 * 1024

/**
 * Opens files encrypted with SOPS, its MAC checked, and with age itself. `identities` are the lines of an age key file,
 * see `parseAgeKeys`; without any, files that are encrypted are refused with the setting that is missing.
 */
export function openSops(identities: readonly string[]): Decrypt {
  const keyring = openKeyring(identities)
  return async (path, bytes) => {
    const encryption = encryptionOf(bytes)
    if (encryption === null) return null
    try {
      if (bytes.length > MAX_BYTES) throw new Refusal('it is larger than 1 MiB')
      if (identities.length === 0) throw noKey()
      return encryption === 'age' ? await openAgeFile(bytes, keyring) : await openSopsFile(path, bytes, keyring)
    } catch (error) {
      // Only our own words, and no cause: those of a parser or a cipher may quote what they were given.
      const reason = error instanceof Refusal ? error.message : 'it is damaged. Restore it from git, or encrypt it anew'
      throw new HoldfastError('terminal', `The encrypted file ${path} cannot be opened: ${reason}.`)
    }
  }
}

function noKey(): Refusal {
  return new Refusal(
    'no age key is given. Name the file that holds it, in the settings as `ageKeyFile` of the source or as HOLDFAST_AGE_KEY_FILE',
  )
}
