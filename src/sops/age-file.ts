import { armor } from 'age-encryption'
import type { Keyring } from './keyring.ts'
import { Refusal } from './refusal.ts'

const ARMOR = '-----BEGIN AGE'

/** Opens a file that `age` encrypted whole, armored or not. */
export async function openAgeFile(bytes: Uint8Array, keyring: Keyring): Promise<Uint8Array> {
  const encrypted = withoutArmor(bytes)
  const opened = await keyring.open(encrypted)
  if (opened !== null) return opened
  const ours = (await keyring.recipients()).join(', ')
  if (kindsOf(encrypted).includes('scrypt')) {
    throw new Refusal(`it is encrypted with a passphrase. Encrypt it for the key that is given here: age -r ${ours}`)
  }
  // An age file does not name its recipients.
  throw new Refusal(`it is not encrypted for the key that is given here. Encrypt it for that one too: age -r ${ours}`)
}

/** Strips the text around an armored file. */
export function withoutArmor(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  if (!text.trimStart().startsWith(ARMOR)) return bytes
  try {
    return armor.decode(text)
  } catch {
    throw new Refusal('its lines between BEGIN and END AGE ENCRYPTED FILE are damaged. Restore it from git')
  }
}

/** What kinds of keys a file is encrypted for: `X25519`, `scrypt`, `ssh-ed25519`. */
function kindsOf(encrypted: Uint8Array): string[] {
  const header = Buffer.from(encrypted).toString('latin1').split('\n---', 1)[0] ?? ''
  return [...header.matchAll(/^-> ([\x21-\x7e]+)/gm)].map(([, kind = '']) => kind)
}
