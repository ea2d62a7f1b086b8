import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from './git-repo.ts'
import { ensureProgram } from './install.ts'

export interface SshKey {
  /** Of its private half. */
  path: string
  /** Its public half, `type key`. */
  line: string
}

/** Makes a key pair with ssh-keygen in a folder. `options` say of which kind; ed25519 when absent. */
export async function sshKey(folder: string, name: string, options: readonly string[] = ED25519): Promise<SshKey> {
  const program = await ensureProgram('ssh-keygen', 'openssh-client')
  const path = join(folder, name)
  await execute(program, ['-q', '-N', '', '-C', 'sam', '-f', path, ...options])
  const line = await execute(program, ['-y', '-f', path])
  return { path, line: line.toString().trim() }
}

const ED25519 = ['-t', 'ed25519']

/** Puts a signature of ssh-keygen into the commit at the branch's tip; gives the new commit. */
export async function signTip(repo: Repo, key: SshKey): Promise<string> {
  const payload = `${await repo.git('cat-file', 'commit', repo.branch)}\n`
  const armored = String(await execute('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', key.path], { input: payload }))
  const file = join(repo.path, 'signed-commit')
  writeFileSync(file, withSignature(payload, armored))
  const commit = await repo.git('hash-object', '-t', 'commit', '-w', file)
  await repo.reset(commit)
  return commit
}

/** The bytes of a commit object with the header that git keeps signatures in. */
export function withSignature(payload: string, armored: string): string {
  return payload.replace('\n\n', () => `\ngpgsig ${armored.trim().replaceAll('\n', '\n ')}\n\n`)
}

export interface RunOptions {
  env?: Record<string, string>
  input?: Uint8Array | string
  cwd?: string
}

/** Runs a program to its end and gives what it printed; rejects with what it complained of. */
export function execute(program: string, args: readonly string[], options: RunOptions = {}): Promise<Buffer> {
  const { env = {}, input, cwd = '/' } = options
  return new Promise((resolve, reject) => {
    const own = { env: { ...process.env, ...env }, encoding: 'buffer', cwd } as const
    const child = execFile(program, args, own, (error, output, errors) => {
      if (error === null) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')}: ${errors.toString()}`, { cause: error }))
    })
    // A program may end without having read it.
    child.stdin?.on('error', () => {}).end(input)
  })
}
