import { type AllowedSigner, objection } from './allowed-signers.ts'
import type { SignedCommit } from './commit.ts'
import { Malformed } from './malformed.ts'
import { fingerprintOf } from './ssh-key.ts'
import { parseSshSignature, type SshSignature } from './sshsig.ts'
import { readWire } from './wire.ts'

/**
 * Why a commit with this signature is not taken, as the end of a sentence; null when it is. The time that counts for
 * `valid-after` and `valid-before` is the committer's, as with git: what the commit itself claims.
 */
export function doubtSsh(commit: SignedCommit, armored: string, allowed: readonly AllowedSigner[]): string | null {
  try {
    return doubt(commit, parseSshSignature(armored), allowed)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return `its SSH signature cannot be read: ${error.message}`
  }
}

function doubt(commit: SignedCommit, signature: SshSignature, allowed: readonly AllowedSigner[]): string | null {
  const by = fingerprintOf(signature.key)
  if (signature.namespace !== 'git') return `its signature by ${by} was made for "${signature.namespace}", not for git`
  const listed = allowed.filter(({ key }) => key.blob.equals(signature.key))
  const [first] = listed
  if (isCertificate(signature.key)) return 'it is signed with an SSH certificate, which is not supported'
  if (!first) return `its signer ${by} is not among the allowed signers`
  if (!first.key.verifies(signature.signature, signature.signedData(commit.payload))) {
    return `its signature by ${by} does not belong to it: commit or signature were changed`
  }
  if (commit.committedAt === null) return 'it has no committer date'
  const objections = listed.map((signer) => worded(signer, objection(signer, commit.committedAt ?? 0)))
  return objections.includes(null) ? null : (objections.at(-1) ?? null)
}

function isCertificate(key: Uint8Array): boolean {
  return readWire(key).text().includes('-cert-v0')
}

function worded({ line, principals, key }: AllowedSigner, why: string | null): string | null {
  return (
    why && `its signer ${key.fingerprint} (${principals}, line ${line} of the allowed signers) is not taken: ${why}`
  )
}
