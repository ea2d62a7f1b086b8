import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type GitSourceOptions, openGitSource } from '../../src/source/git.ts'
import type { Snapshot, Source } from '../../src/source/source.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { type GitServer, startGitServer } from '../support/git-server.ts'
import { temporaryFolder } from '../support/temporary.ts'

export interface Bench {
  repo: Repo
  server: GitServer
  /** Where the source keeps its copies. */
  copies: string
  open(options?: Partial<GitSourceOptions>): Source
}

/** A repository with a first commit, served over HTTP; gone when the test is over. */
export async function bench(login?: { user: string; password: string }): Promise<Bench> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const repo = await createRepo(join(folder.path, 'served', 'config.git'))
  const server = await startGitServer(join(folder.path, 'served'), login)
  onTestFinished(server.close)
  const copies = join(folder.path, 'copies')
  const defaults = {
    url: server.url('config.git'),
    at: { kind: 'branch' as const, name: 'main' },
    directory: copies,
    timeoutMs: 10_000,
  }
  return { repo, server, copies, open: (options) => openGitSource({ ...defaults, ...options }) }
}

/** A file's text, read through the snapshot. */
export async function text(snapshot: Snapshot, path: string): Promise<string> {
  return Buffer.from(await snapshot.read(path, 1_000_000)).toString()
}
