import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openGitSource } from '../../../src/source/git.ts'
import type { SignerSettings } from '../../../src/source/signature/signers.ts'
import { execute, type RunOptions } from '../../support/signing.ts'
import { temporaryFolder } from '../../support/temporary.ts'

export interface Workshop {
  folder: string
  /** Runs git in a work tree of its own, without the settings of this machine. */
  git(args: string[], options?: RunOptions): Promise<string>
  /** `git commit -S` with an SSH key, given by its path, or an OpenPGP key, given by its fingerprint. */
  commit(key: Signing): Promise<void>
  /** Writes a commit object of these bytes, and points the branch at it. */
  place(raw: Uint8Array): Promise<void>
  /** The commit object at the branch's tip. */
  raw(): Promise<Buffer>
  /** Whether `git verify-commit` takes the tip, and what the source says against it: null when it takes it. */
  verdicts(signers: SignerSettings, gnupg?: string): Promise<{ git: boolean; untrusted: string | null }>
}

export type Signing = { ssh: string; date?: string } | { gpg: string; program: string; home: string; date?: string }

/** A repository with a work tree, and what is needed to sign in it; gone when the test is over. */
export async function workshop(): Promise<Workshop> {
  const { path: folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const work = join(folder, 'work')
  mkdirSync(work)
  const settings = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', HOME: folder }
  const git = (args: string[], { env = {}, input }: RunOptions = {}) =>
    execute('git', args, { cwd: work, env: { ...settings, ...env }, ...(input ? { input } : {}) })
  await git(['init', '--quiet', '--initial-branch=main'])
  for (const [name, value] of [
    ['user.name', 'Sam Keeper'],
    ['user.email', 'sam@example.org'],
  ] as const) {
    await git(['config', name, value])
  }
  return {
    folder,
    git: async (args, options) => (await git(args, options)).toString().trim(),
    async commit(key) {
      const { date = '2026-01-02T03:04:05Z' } = key
      const how =
        'ssh' in key
          ? ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key.ssh}`]
          : ['-c', `gpg.program=${key.program}`, '-c', `user.signingkey=${key.gpg}`]
      const env = { GIT_COMMITTER_DATE: date, ...('home' in key ? { GNUPGHOME: key.home } : {}) }
      await git([...how, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'Say it\n\nAnd sign it.'], { env })
    },
    async place(raw) {
      const oid = await git(['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], { input: raw })
      await git(['update-ref', 'refs/heads/main', oid.toString().trim()])
    },
    raw: () => git(['cat-file', 'commit', 'main']),
    async verdicts(signers, gnupg = join(folder, 'no-gnupg')) {
      const list = join(folder, 'allowed')
      writeFileSync(list, signers.ssh ?? '')
      mkdirSync(gnupg, { recursive: true, mode: 0o700 })
      const verify = ['-c', `gpg.ssh.allowedSignersFile=${list}`, 'verify-commit', 'main']
      const [byGit, untrusted] = await Promise.all([
        git(verify, { env: { GNUPGHOME: gnupg } }).then(
          () => true,
          () => false,
        ),
        untrustedIn(work, signers),
      ])
      return { git: byGit, untrusted }
    },
  }
}

async function untrustedIn(work: string, signers: SignerSettings): Promise<string | null> {
  const at = { kind: 'branch', name: 'main' } as const
  const source = openGitSource({ url: work, at, directory: '/nonexistent', timeoutMs: 10_000, signers })
  return (await source.sync()).untrusted
}
