import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type GitSourceOptions, openGitSource } from '../../src/source/git.ts'
import type { Snapshot, Source } from '../../src/source/source.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { type GitServer, type GitServerOptions, startGitServer } from '../support/git-server.ts'
import { temporaryFolder } from '../support/temporary.ts'

export interface Bench {
  repo: Repo
  server: GitServer
  /** Where the source keeps its copies. */
  copies: string
  open(options?: Partial<GitSourceOptions>): Source
}

/** A repository with a first commit, served over HTTP; gone when the test is over. */
export async function bench(options: GitServerOptions = {}): Promise<Bench> {
  const { repo, served, copies } = await place()
  const server = await startGitServer(served, options)
  onTestFinished(server.close)
  const open = opener({ url: server.url('config.git'), directory: copies })
  return { repo, server, copies, open }
}

/** A repository `config.git` in a folder of its own, not served yet; gone when the test is over. */
export async function place(): Promise<{ repo: Repo; served: string; copies: string }> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const served = join(folder.path, 'served')
  return { repo: await createRepo(join(served, 'config.git')), served, copies: join(folder.path, 'copies') }
}

/** Opens sources with these settings, and the branch main where nothing else is said. */
export function opener(
  defaults: Pick<GitSourceOptions, 'url' | 'directory'> & Partial<GitSourceOptions>,
): (options?: Partial<GitSourceOptions>) => Source {
  const at = { kind: 'branch', name: 'main' } as const
  return (options) => openGitSource({ at, timeoutMs: 10_000, env: {}, ...defaults, ...options })
}

/** A file's text, read through the snapshot. */
export async function text(snapshot: Snapshot, path: string): Promise<string> {
  return Buffer.from(await snapshot.read(path, 1_000_000)).toString()
}
