import type { KeyID, PublicKey, Signature } from 'openpgp'
import { reasonOf } from '../../model/errors.ts'
import type { SignedCommit } from './commit.ts'
import { Malformed } from './malformed.ts'

const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----.*?-----END PGP PUBLIC KEY BLOCK-----/gs
const CURVES: string[] = ['ed25519Legacy', 'curve25519Legacy', 'nistP256', 'nistP384', 'nistP521']
/** Clocks differ: a signature that was made a moment from now is taken. */
const CLOCKS_DIFFER_MS = 300_000

/** Is it armored as such a signature is? */
export function isPgpSignature(armored: string): boolean {
  return armored.startsWith('-----BEGIN PGP SIGNATURE-----')
}

/** The keys of an armored keyring, of several blocks too. Rejects with `Malformed` when there is none in it. */
export async function readKeyring(armored: string): Promise<PublicKey[]> {
  const { readKeys } = await library()
  try {
    const blocks = armored.match(BLOCK) ?? []
    const keys = await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys })))
    if (keys.flat().length > 0) return keys.flat()
  } catch (cause) {
    throw new Malformed(reasonOf(cause), { cause })
  }
  throw new Malformed('it holds no public key; write it with: gpg --armor --export <key>')
}

/**
 * Why a commit with this signature is not taken, as the end of a sentence; null when it is. As with gpg, the key must
 * be valid now: neither expired nor revoked, whenever it signed.
 */
export async function doubtPgp(
  { payload }: SignedCommit,
  armored: string,
  keys: readonly PublicKey[],
): Promise<string | null> {
  const { enums, readSignature } = await library()
  try {
    const signature = await readSignature({ armoredSignature: armored })
    const [packet, ...more] = signature.packets
    if (packet === undefined || more.length > 0) return 'its OpenPGP signature is not exactly one'
    // Other types sign something else, or nothing at all: such a one would belong to any commit.
    if (packet.signatureType !== enums.signature.binary) return 'its OpenPGP signature is not one of a file'
    return await doubt(payload, { signature, id: packet.issuerKeyID, now: moment(packet.created) }, keys)
  } catch (error) {
    return `its OpenPGP signature cannot be read: ${reasonOf(error)}`
  }
}

interface Read {
  signature: Signature
  /** Of the key that it claims to be of. */
  id: KeyID
  now: Date
}

async function doubt(payload: Uint8Array, read: Read, keys: readonly PublicKey[]): Promise<string | null> {
  const { signature, id, now: date } = read
  const { createMessage, verify } = await library()
  const by = `the OpenPGP key ${id.toHex().toUpperCase()}`
  const listed = keys.filter((key) => key.getKeys(id).length > 0)
  if (listed.length === 0) return `its signer, ${by}, is not among the allowed signers`
  // Verifying alone asks whether the key was valid when it signed, which only the signature itself claims.
  const objections = await Promise.all(listed.map((key) => objection(key, id, date)))
  const verificationKeys = listed.filter((_, at) => objections[at] === null)
  if (verificationKeys.length === 0) return `its signer, ${by}, is not taken: ${objections[0]}`
  const message = await createMessage({ binary: payload })
  const { signatures } = await verify({ message, signature, verificationKeys, date, format: 'binary' })
  const [outcome] = await Promise.allSettled(signatures.map(({ verified }) => verified))
  if (outcome?.status === 'fulfilled') return null
  return `its signature by ${by} is not good: ${reasonOf(outcome?.reason)}`
}

/** Why this key may not sign now; null when it may. */
async function objection(key: PublicKey, id: KeyID, now: Date): Promise<string | null> {
  const curves = [key, ...key.getKeys(id)].flatMap((one) => one.getAlgorithmInfo().curve ?? [])
  const odd = curves.find((curve) => !CURVES.includes(curve))
  if (odd !== undefined) return `the curve ${odd} is not supported`
  return key.getSigningKey(id, now).then(() => null, reasonOf)
}

function moment(signed: Date | null): Date {
  const now = Date.now()
  const isJustAhead = signed !== null && signed.getTime() > now && signed.getTime() < now + CLOCKS_DIFFER_MS
  return isJustAhead ? signed : new Date(now)
}

/** It is large, and only needed where such keys are given. */
function library(): Promise<typeof import('openpgp')> {
  return import('openpgp')
}
