import { createHash } from 'node:crypto'
import { Malformed } from './malformed.ts'
import { readWire, wireBytes } from './wire.ts'

/** A signature of ssh-keygen (OpenSSH's PROTOCOL.sshsig). */
export interface SshSignature {
  /** The public key it claims to be of, as SSH writes it. */
  key: Buffer
  /** What it was made for: `git` for commits. */
  namespace: string
  /** In SSH's own form. */
  signature: Buffer
  /** What was really signed, given the bytes that it is a signature of. */
  signedData(message: Uint8Array): Buffer
}

const MAGIC = 'SSHSIG'
const ARMOR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\s]*)\n-----END SSH SIGNATURE-----\s*$/
const HASHES = ['sha256', 'sha512']

/** Is it armored as such a signature is? */
export function isSshSignature(armored: string): boolean {
  return armored.startsWith('-----BEGIN SSH SIGNATURE-----')
}

/** Throws `Malformed` for what is no signature of that kind. */
export function parseSshSignature(armored: string): SshSignature {
  const bytes = Buffer.from(ARMOR.exec(armored.replaceAll('\r\n', '\n'))?.[1] ?? '', 'base64')
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Malformed('it does not begin as one')
  const fields = readWire(bytes.subarray(MAGIC.length))
  const version = fields.uint32()
  if (version !== 1) throw new Malformed(`it has the unknown version ${version}`)
  const key = fields.bytes()
  const namespace = fields.text()
  const reserved = fields.bytes()
  const hash = fields.text()
  const signature = fields.bytes()
  fields.end()
  if (!HASHES.includes(hash)) throw new Malformed(`it has the unknown hash ${hash}`)
  return {
    ...{ key, namespace, signature },
    signedData(message) {
      const digest = createHash(hash).update(message).digest()
      return Buffer.concat([Buffer.from(MAGIC), ...[namespace, reserved, hash, digest].map(wireBytes)])
    },
  }
}
