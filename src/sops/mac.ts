import { createHash, type Hash } from 'node:crypto'
import { bytesOf } from './mac-bytes.ts'
import type { Metadata } from './metadata.ts'
import { Refusal } from './refusal.ts'
import { checkStrays } from './rules.ts'
import { isSealed, unseal, unsealAs } from './sealed.ts'
import { isScalar, MAX_DEPTH, type Scalar, type Value, type Written } from './tree.ts'

/** A document of the file, and how what stands without quotes in it is read. */
export interface WrittenDocument {
  root: Written
  plain(text: string): Value
}

/** What SOPS begins with, so that the MAC of one kind is never that of the other: the SHA-256 of `sops`. */
const ONLY_ENCRYPTED = createHash('sha256').update('sops').digest()

interface Walk {
  key: Uint8Array
  hash: Hash
  onlyEncrypted: boolean
  plain(text: string): Value
  /** Where values stand that are neither encrypted nor covered by the MAC. */
  strays: (readonly string[])[]
}

/**
 * Opens every value of the documents, and makes the MAC over them: SHA-512 over what they are in the order of the file.
 * Whether a value is encrypted is told by how it is written. That asks nothing of the file's own rules, which anybody
 * could change; what is written readable although they want it encrypted is covered by the MAC, or looked for.
 */
export function openTree(
  documents: readonly WrittenDocument[],
  key: Uint8Array,
  { macOnlyEncrypted, rules }: Metadata,
): { documents: Value[]; mac: string } {
  const hash = createHash('sha512')
  if (macOnlyEncrypted) hash.update(ONLY_ENCRYPTED)
  const strays: Walk['strays'] = []
  const opened = documents.map(({ root, plain }) => {
    return openNode(root, [], { key, hash, onlyEncrypted: macOnlyEncrypted, plain, strays })
  })
  checkStrays(strays, rules)
  return { documents: opened, mac: hash.digest('hex').toUpperCase() }
}

/** Throws a Refusal when the MAC in the file is another one. */
export function checkMac(computed: string, key: Uint8Array, { mac, changed }: Metadata): void {
  const expected = unsealAs(mac, key, changed, 'its MAC')
  if (expected === computed) return
  const reason = 'it was changed after SOPS encrypted it: its MAC does not fit its values'
  throw new Refusal(`${reason}. Restore the file from git, and change it with: sops edit`)
}

function openNode(node: Written, path: readonly string[], walk: Walk): Value {
  if (path.length > MAX_DEPTH) throw new Refusal(`it has more than ${MAX_DEPTH} levels`)
  if (isScalar(node)) return openScalar(node, path, walk)
  // Places in a list are no part of the path.
  if (Array.isArray(node)) return node.map((item) => openNode(item, path, walk))
  return new Map([...node].map(([key, member]) => [key, openNode(member, [...path, key], walk)] as const))
}

function openScalar({ text, plain }: Scalar, path: readonly string[], walk: Walk): Value {
  if (isSealed(text)) {
    const value = unseal(text, walk.key, path)
    walk.hash.update(bytesOf(value))
    return value
  }
  const value = plain ? walk.plain(text) : text
  if (!walk.onlyEncrypted) walk.hash.update(bytesOf(value))
  else if (value !== null && value !== '') walk.strays.push(path)
  return value
}
