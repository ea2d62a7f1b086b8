import type { PublicKey } from 'openpgp'
import type { HoldfastError } from '../../model/errors.ts'
import { SourceError } from '../errors.ts'
import { type AllowedSigner, parseAllowedSigners } from './allowed-signers.ts'
import { type SignedCommit, splitCommit } from './commit.ts'
import { Malformed } from './malformed.ts'
import { doubtPgp, isPgpSignature, readKeyring } from './openpgp.ts'
import { doubtSsh } from './ssh.ts'
import { isSshSignature } from './sshsig.ts'

/** Whose signature a commit must carry. */
export interface SignerSettings {
  /** Contents of an OpenSSH allowed-signers file. */
  ssh?: string
  /** Contents of an armored OpenPGP keyring. */
  gpg?: string
}

export interface Signers {
  /**
   * Why a commit is not to be followed and what to do, for a person; null when one of the signers signed it. Takes the
   * bytes of the commit object. Rejects with a SourceError when the keyring cannot be read.
   */
  doubt(commit: string, raw: Uint8Array): Promise<string | null>
}

/** Throws a SourceError for signers that cannot be read, or that are none. */
export function openSigners({ ssh, gpg }: SignerSettings): Signers {
  if (ssh === undefined && gpg === undefined) throw unusable('signers', 'they name neither ssh nor gpg keys')
  const allowed = ssh === undefined ? null : readAllowed(ssh)
  let keyring: Promise<PublicKey[]> | null = null
  const keys = () => {
    keyring ??= gpg === undefined ? null : readKeyring(gpg)
    return keyring
  }
  return {
    async doubt(commit, raw) {
      const why = await doubtSignature(splitCommit(raw), allowed, keys)
      if (why === null) return null
      const short = commit.slice(0, 8)
      const next = `push a commit that one of them signed; see: git log --show-signature -1 ${short}`
      return `commit ${short} is not followed, as it lacks the signature of an allowed signer: ${why}; ${next}`
    },
  }
}

async function doubtSignature(
  commit: SignedCommit,
  allowed: readonly AllowedSigner[] | null,
  keys: () => Promise<PublicKey[]> | null,
): Promise<string | null> {
  const [signature, ...more] = commit.signatures
  if (signature === undefined) return 'it is not signed'
  if (more.length > 0) return 'it carries more than one signature'
  if (isSshSignature(signature)) {
    return allowed === null ? 'it is signed with SSH, and no SSH signers are set' : doubtSsh(commit, signature, allowed)
  }
  if (!isPgpSignature(signature)) return 'its signature is neither of SSH nor of OpenPGP'
  const keyring = keys()
  if (keyring === null) return 'it is signed with OpenPGP, and no OpenPGP signers are set'
  return doubtPgp(commit, signature, await keyring.catch(refuseKeyring))
}

function readAllowed(text: string): AllowedSigner[] {
  try {
    const allowed = parseAllowedSigners(text)
    if (allowed.length > 0) return allowed
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw unusable('signers.ssh', error.message, error)
  }
  throw unusable('signers.ssh', 'it lists nobody')
}

function refuseKeyring(error: unknown): never {
  if (error instanceof Malformed) throw unusable('signers.gpg', error.message, error)
  throw error
}

function unusable(setting: string, why: string, cause?: unknown): HoldfastError {
  const text = `The allowed signers of the repository (${setting}) cannot be used: ${why}.`
  return new SourceError('terminal', `${text} Correct the setting.`, { cause })
}
