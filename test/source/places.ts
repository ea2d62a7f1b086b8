import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import type { GitSourceOptions } from '../../src/source/git.ts'
import type { Source } from '../../src/source/source.ts'
import { makeAuthority } from '../support/certificates.ts'
import type { Repo } from '../support/git-repo.ts'
import { startGitServer } from '../support/git-server.ts'
import { type GitSsh, startGitSsh } from '../support/git-ssh.ts'
import { startProxy } from '../support/proxy.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { opener, place } from './bench.ts'

/** A repository that lies somewhere, and sources that follow it there. */
export interface Place {
  repo: Repo
  copies: string
  open(options?: Partial<GitSourceOptions>): Source
  /** What looks cost the server since the last reset: requests, or commands. */
  asked(): number
  resetAsked(): void
  /** Takes the server away; it does not come back. */
  stop(): Promise<void>
  /** From now on: `hang` never answers, `short` ends in the middle of a pack as if that were all; null mends it. */
  fail(how: 'hang' | 'short' | null): void
}

/** Every way to a repository. */
export const PLACES = {
  http: () => overHttp('http'),
  'https with a CA of its own': () => overHttp('https'),
  'https through a proxy': () => overHttp('proxy'),
  ssh: overSsh,
  local: onThisMachine,
} satisfies Record<string, () => Promise<Place>>

export type PlaceName = keyof typeof PLACES

export const PLACE_NAMES = Object.keys(PLACES) as PlaceName[]

/** Those from which a copy is made. */
export const REMOTE_NAMES = PLACE_NAMES.filter((name) => name !== 'local')

/** What sources are let in with; it must be found nowhere. */
export const SECRET = 'p@ss/word-9f2'

async function overHttp(kind: 'http' | 'https' | 'proxy'): Promise<Place> {
  const { repo, served, copies } = await place()
  const tls = kind === 'http' ? null : await certificate()
  const login = { user: kind === 'proxy' ? 'x-access-token' : 'deploy', password: SECRET }
  const server = await startGitServer(served, { login, ...(tls === null ? {} : { tls }) })
  onTestFinished(server.close)
  const own = kind === 'proxy' ? { token: SECRET } : { username: 'deploy', password: SECRET }
  const http = { ...own, ...(tls === null ? {} : { ca: tls.ca }), ...(kind === 'proxy' ? await proxied() : {}) }
  return {
    repo,
    copies,
    open: opener({ url: server.url('config.git'), directory: copies, http }),
    asked: server.requests,
    resetAsked: server.resetRequests,
    stop: server.close,
    fail: (how) => server.fail(how === null ? null : { kind: how === 'hang' ? 'hang' : 'truncate' }),
  }
}

async function proxied(): Promise<{ proxy: string }> {
  const proxy = await startProxy({ user: 'way', password: SECRET })
  onTestFinished(proxy.close)
  return { proxy: proxy.url.replace('//', `//way:${encodeURIComponent(SECRET)}@`) }
}

async function overSsh(): Promise<Place> {
  const { repo, copies } = await place()
  const sshd = await sharedSsh()
  const cut = 'sh -c "$SSH_ORIGINAL_COMMAND" | dd bs=1 count=1500 2> /dev/null'
  const fail: Place['fail'] = (how) => sshd.fail(how === 'hang' ? 'exec cat > /dev/null' : how && cut)
  onTestFinished(() => fail(null))
  const ssh = { key: sshd.key, knownHosts: sshd.knownHosts }
  return {
    repo,
    copies,
    open: opener({ url: sshd.url(repo.path), directory: copies, ssh }),
    asked: () => sshd.commands().length,
    resetAsked: sshd.resetCommands,
    stop: endSharedSsh,
    fail,
  }
}

async function onThisMachine(): Promise<Place> {
  const { repo, copies } = await place()
  const open = opener({ url: repo.path, directory: copies })
  return { repo, copies, open, asked: () => 0, resetAsked: () => {}, stop: async () => {}, fail: () => {} }
}

export interface Certificate {
  cert: string
  key: string
  ca: string
}

let madeCertificate: Promise<Certificate> | null = null

/** A certificate for 127.0.0.1 by an authority that nobody knows; one for all tests of a file. */
export function certificate(): Promise<Certificate> {
  madeCertificate ??= makeCertificate()
  return madeCertificate
}

/** One for a host name, or one that has expired. */
export async function makeCertificate(options: { for?: string; days?: number } = {}): Promise<Certificate> {
  const folder = temporaryFolder()
  try {
    const home = await (await makeAuthority(folder.path)).issue('server', options)
    const read = (file: string) => readFileSync(join(home, file), 'utf8')
    return { cert: read('cert.pem'), key: read('key.pem'), ca: read('ca.pem') }
  } finally {
    folder.remove()
  }
}

let runningSsh: Promise<GitSsh> | null = null

/** One SSH server for all tests of a file. */
export function sharedSsh(): Promise<GitSsh> {
  runningSsh ??= startGitSsh()
  return runningSsh
}

async function endSharedSsh(): Promise<void> {
  const ending = runningSsh
  runningSsh = null
  await (await ending)?.stop()
}

afterAll(endSharedSsh)
