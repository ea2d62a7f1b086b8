import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Repo } from './git-repo.ts'

export interface Size {
  /** Each has a commit, a folder and a file of its own. */
  commits: number
  /** Of the one file of a hundred that a commit changes. */
  fileBytes: number
  /** What the last commit adds to those hundred, in as many folders. */
  paths: number
  pathBytes: number
}

/** So many bytes are as good as random, and made once. */
const NOISE = randomBytes(4 * 1024 * 1024)
const FILES = 100

/** Fills a repository within seconds: nothing in it can be made smaller, and nothing tries to. */
export async function fillRepo({ path, branch }: Repo, size: Size): Promise<void> {
  const config = ['-c', 'core.compression=0', '-c', 'pack.compression=0', '-c', 'fastimport.unpackLimit=0']
  const args = [...config, 'fast-import', '--quiet', '--force', '--depth=0']
  const child = spawn('git', args, { env: { ...process.env, GIT_DIR: path }, stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(child, 'close')
  for (const part of stream(branch, size)) if (!child.stdin.write(part)) await once(child.stdin, 'drain')
  child.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}

function* stream(branch: string, { commits, fileBytes, paths, pathBytes }: Size): Iterable<Buffer> {
  for (let commit = 0; commit < commits; commit++) {
    const committer = `Sam Keeper <sam@example.org> ${1_700_000_000 + commit} +0000`
    yield Buffer.from(`commit refs/heads/${branch}\ncommitter ${committer}\ndata 1\nx\n`)
    yield file(`data/${commit % FILES}.bin`, noise(commit, fileBytes))
  }
  for (let path = 0; path < paths; path++) {
    yield file(`files/${path % FILES}/${path}.txt`, noise(commits + path, pathBytes))
  }
}

function file(path: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`M 100644 inline ${path}\ndata ${content.length}\n`), content, Buffer.from('\n')])
}

/** Bytes that are others for each number. */
function noise(number: number, length: number): Buffer {
  const from = (number * 4099) % (NOISE.length - length)
  const bytes = Buffer.from(NOISE.subarray(from, from + length))
  bytes.writeUInt32BE(number)
  return bytes
}
