import type { FollowedSettings } from '../settings/settings.ts'

type Fix = (key: (name: string) => string, source: FollowedSettings) => string

/** What a repository's error says, and the setting to look at first; the first that fits counts. */
const FIXES: readonly [says: RegExp, fix: Fix][] = [
  [
    /certificate|no safe connection|UNABLE_TO_|SELF_SIGNED/i,
    (key) => `Set ${key('caFile')} (HOLDFAST_GIT_CA_FILE) to the certificates of its authority, PEM`,
  ],
  [/cron expression/, (key) => `Write ${key('poll')} (HOLDFAST_POLL) as docs/settings.md shows`],
  [/\bage key\b/, (key) => `Put the right keys (age-keygen) into ${key('ageKeyFile')} (HOLDFAST_AGE_KEY_FILE)`],
  [/\bproxy\b/i, (key) => `Correct ${key('proxy')} (HOLDFAST_GIT_PROXY)`],
  [
    /has no (branch|tag|commit)|is empty|does not have the commit/i,
    (key, { at }) => `git push it, or set ${key(at.kind)} (HOLDFAST_${at.kind.toUpperCase()}) to one that is there`,
  ],
  [
    /allowed.signers|keyring/i,
    (key) => `Correct the file in ${key('allowedSignersFile')} or ${key('gpgKeyringFile')}; see docs/signed-commits.md`,
  ],
  [/host key|known.hosts/i, (key) => `Set ${key('knownHostsFile')} to a file with the server's host keys`],
  [/\bssh\b/i, (key) => `Set ${key('sshKeyFile')} (HOLDFAST_GIT_SSH_KEY_FILE) to a key that the server accepts`],
  [
    /\(40[13]\)/,
    (key) => `Set ${key('tokenFile')} (HOLDFAST_GIT_TOKEN_FILE) to a file with an access token that may read it`,
  ],
]

/** A command or a setting that mends what the error says. */
export function sourceFix(reason: string, source: FollowedSettings): string {
  const key = (name: string) => `\`sources.${source.name}.${name}\``
  const found = FIXES.find(([says]) => says.test(reason))
  if (found) return found[1](key, source)
  return `Try the same with git ls-remote; if it is elsewhere, set ${key('url')} (HOLDFAST_REPO)`
}
