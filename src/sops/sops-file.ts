import { dataKeyOf } from './data-key.ts'
import { formatOf } from './format.ts'
import type { Keyring } from './keyring.ts'
import { checkMac, openTree } from './mac.ts'
import { readMetadata } from './metadata.ts'
import { Refusal } from './refusal.ts'

/**
 * Opens a file of SOPS: what it keeps of itself, the key of its values, its values, and last the MAC over them. Nothing
 * of it is returned before the MAC was found right.
 */
export async function openSopsFile(path: string, bytes: Uint8Array, keyring: Keyring): Promise<Uint8Array> {
  const text = textOf(bytes)
  const format = formatOf(path, text)
  const { documents, metadata: found } = format.read(text)
  const metadata = readMetadata(found)
  const key = await dataKeyOf(path, metadata, keyring)
  const opened = openTree(documents, key, metadata)
  checkMac(opened.mac, key, metadata)
  return format.write(opened.documents)
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal('it is not UTF-8 text. Restore it from git')
  }
}
