import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** A change of one path: text, bytes, an executable, a symbolic link, a submodule's commit; null removes it. */
type FileChange = string | Uint8Array | { executable: string } | { symlink: string } | { submodule: string } | null

export interface Repo {
  /** Path of the bare repository, usable as a source's URL. */
  path: string
  branch: string
  /**
   * Commits changes to the branch and gives the new commit's 40 digits. `onto` is the parent, the branch's tip when
   * absent: an older commit makes it a force-push, null a history of its own.
   */
  commit(files: Record<string, FileChange>, message: string, options?: { onto?: string | null }): Promise<string>
  /** Points the branch at a commit, whatever it pointed at before; creates it when it is gone. */
  reset(commit: string): Promise<void>
  deleteBranch(): Promise<void>
  /** Runs any git command on the repository and gives what it printed. */
  git(...args: string[]): Promise<string>
}

/** Makes a bare repository at `directory`. The user's own git settings play no part in it. */
export async function createRepo(directory: string, branch = 'main'): Promise<Repo> {
  mkdirSync(directory, { recursive: true })
  const git = (...args: string[]) => runGit(directory, args)
  await git('init', '--quiet', '--bare', `--initial-branch=${branch}`)
  await git('config', 'uploadpack.allowFilter', 'true')
  const ref = `refs/heads/${branch}`
  return {
    path: directory,
    branch,
    git,
    async commit(files, message, options = {}) {
      const onto = options.onto === undefined ? await tip(git, ref) : options.onto
      await runGit(directory, ['fast-import', '--quiet', '--force'], commitStream(ref, onto, files, message))
      return git('rev-parse', ref)
    },
    async reset(commit) {
      await git('update-ref', ref, commit)
    },
    async deleteBranch() {
      await git('update-ref', '-d', ref)
    },
  }
}

async function tip(git: Repo['git'], ref: string): Promise<string | null> {
  return (await git('for-each-ref', '--format=%(objectname)', ref)) || null
}

/** What `git fast-import` reads: a commit needs no work tree and no index this way. */
function commitStream(ref: string, onto: string | null, files: Record<string, FileChange>, message: string): Buffer {
  const seconds = Math.floor(Date.now() / 1000)
  const parts: (string | Uint8Array)[] = [
    `commit ${ref}\ncommitter Sam Keeper <sam@example.org> ${seconds} +0000\n`,
    ...data(message),
    onto === null ? '' : `from ${onto}\n`,
    ...Object.entries(files).flatMap(([path, change]) => fileCommand(path, change)),
  ]
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

function fileCommand(path: string, change: FileChange): (string | Uint8Array)[] {
  const name = JSON.stringify(path)
  if (change === null) return [`D ${name}\n`]
  if (typeof change === 'string' || change instanceof Uint8Array) return [`M 100644 inline ${name}\n`, ...data(change)]
  if ('executable' in change) return [`M 100755 inline ${name}\n`, ...data(change.executable)]
  if ('symlink' in change) return [`M 120000 inline ${name}\n`, ...data(change.symlink)]
  return [`M 160000 ${change.submodule} ${name}\n`]
}

function data(content: string | Uint8Array): (string | Uint8Array)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, '\n']
}

function runGit(directory: string, args: string[], input: Buffer | null = null): Promise<string> {
  const env = { ...process.env, GIT_DIR: directory, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const child = spawn('git', args, { env })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString().trim())
      else reject(new Error(`git ${args.join(' ')} in ${directory} failed: ${Buffer.concat(errors).toString()}`))
    })
  })
}
