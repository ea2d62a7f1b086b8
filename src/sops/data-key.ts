import { withoutArmor } from './age-file.ts'
import type { Keyring } from './keyring.ts'
import type { Metadata } from './metadata.ts'
import { Refusal } from './refusal.ts'

/** AES-256. */
const KEY_BYTES = 32

/** More recipients than this are not tried. */
const MOST = 100

/** The key of a file's values, which is encrypted for each recipient. Throws a Refusal that names them when none is ours. */
export async function dataKeyOf(path: string, metadata: Metadata, keyring: Keyring): Promise<Uint8Array> {
  const ours = await keyring.recipients()
  const isOurs = ({ recipient }: { recipient: string }) => ours.includes(recipient)
  const mine = metadata.age.filter(isOurs)
  for (const { encrypted } of [...mine, ...metadata.age.filter((one) => !isOurs(one))].slice(0, MOST)) {
    const key = await opened(encrypted, keyring)
    if (key !== null) return key
  }
  if (mine.length > 0) throw new Refusal('the key of its values is damaged. Restore it from git, or encrypt it anew')
  throw notForUs(path, metadata, ours)
}

async function opened(encrypted: string, keyring: Keyring): Promise<Uint8Array | null> {
  try {
    const key = await keyring.open(withoutArmor(Buffer.from(encrypted)))
    return key?.length === KEY_BYTES ? key : null
  } catch {
    // Another recipient may still open it.
    return null
  }
}

function notForUs(path: string, { age, others }: Metadata, ours: string[]): Refusal {
  const named = [...age.map(({ recipient }) => recipient), ...others].slice(0, 10)
  const recipients = named.length === 0 ? 'nobody' : named.join(', ')
  const advice = `Add ${ours.join(' or ')} to .sops.yaml, then run: sops updatekeys ${path}`
  return new Refusal(`it is encrypted for ${recipients}, and not for the key that is given here. ${advice}`)
}
