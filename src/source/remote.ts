import fs from 'node:fs'
import { join } from 'node:path'
import git, { type HttpClient } from 'isomorphic-git'
import { SourceError } from './errors.ts'
import { limitedHttp } from './http.ts'
import type { Location } from './location.ts'
import type { Signers } from './signature/signers.ts'
import { openSnapshot } from './snapshot.ts'
import type { Snapshot } from './source.ts'
import { type Tips, tipOf } from './tips.ts'

export interface RemoteOptions {
  location: Location & { kind: 'http' }
  branch: string
  /** Holds one bare copy per commit, named by it: the one in use and the one before. */
  directory: string
  /** Files above this size are not transferred, where the server can leave them out. */
  fileBytes: number
  /** Largest transfer. */
  transferBytes: number
  /** Whose signature a commit must carry; null takes anybody's, and none. */
  signers: Signers | null
}

interface Remote extends RemoteOptions {
  damaged: boolean
}

/**
 * Follows a repository over HTTP. A look that finds nothing new is one request: the ref listing of protocol version 1
 * (version 2 would need two). Anything new is fetched without history into a folder of its own, checked, and only then
 * moved to its place, so a transfer that fails, a copy that was corrupted and a rewritten history are all the same case.
 */
export function followRemote(
  options: RemoteOptions,
): (last: Snapshot | null, signal: AbortSignal) => Promise<Snapshot> {
  const remote = { ...options, damaged: false }
  return async (last, signal) => {
    const http = limitedHttp({ signal, answerBytes: remote.transferBytes, fileBytes: remote.fileBytes })
    const tip = tipOf(await listTips(remote, http), remote.branch, remote.location.shown)
    if (last?.commit === tip && !remote.damaged) return last
    const snapshot = (await openCopy(remote, tip)) ?? (await fetchCopy(remote, http))
    removeOthers(remote.directory, [snapshot.commit, last?.commit])
    return snapshot
  }
}

async function listTips(remote: Remote, http: HttpClient): Promise<Tips> {
  const { url } = remote.location
  const { refs = [] } = await git.getRemoteInfo2({ http, url, headers: headers(remote), protocolVersion: 1 })
  const prefix = 'refs/heads/'
  const branches = refs.filter(({ ref }) => ref.startsWith(prefix))
  return new Map(branches.map(({ ref, oid }) => [ref.slice(prefix.length), oid]))
}

/** A copy made earlier, also by an earlier run; null when there is none or it is no longer whole. */
async function openCopy(remote: Remote, commit: string): Promise<Snapshot | null> {
  const gitdir = join(remote.directory, commit)
  if (remote.damaged || !fs.existsSync(gitdir)) return null
  return snapshotOf(remote, gitdir, commit).catch((error) => {
    if (error instanceof SourceError) throw error
    return null
  })
}

/** Fetches beside, proves that the commit is whole, and swaps. */
async function fetchCopy(remote: Remote, http: HttpClient): Promise<Snapshot> {
  fs.mkdirSync(remote.directory, { recursive: true, mode: 0o700 })
  const beside = fs.mkdtempSync(join(remote.directory, 'fetching-'))
  try {
    const commit = await fetchTip(remote, http, beside)
    await snapshotOf(remote, beside, commit)
    const gitdir = join(remote.directory, commit)
    fs.rmSync(gitdir, { recursive: true, force: true })
    fs.renameSync(beside, gitdir)
    remote.damaged = false
    return await snapshotOf(remote, gitdir, commit)
  } finally {
    fs.rmSync(beside, { recursive: true, force: true })
  }
}

/** The branch may have moved since it was listed: what counts is what the fetch brought. */
async function fetchTip(remote: Remote, http: HttpClient, gitdir: string): Promise<string> {
  const { branch, location } = remote
  await git.init({ fs, gitdir, bare: true, defaultBranch: branch })
  await git.addRemote({ fs, gitdir, remote: 'origin', url: location.url })
  const ref = `refs/heads/${branch}`
  const what = { remote: 'origin', ref, remoteRef: ref, singleBranch: true, depth: 1, tags: false }
  const { fetchHead } = await git.fetch({ fs, http, gitdir, headers: headers(remote), ...what })
  if (fetchHead === null) throw new Error('the branch vanished while it was fetched')
  return fetchHead
}

function snapshotOf(remote: Remote, gitdir: string, commit: string): Promise<Snapshot> {
  const onDamage = () => {
    remote.damaged = true
  }
  const { fileBytes, location, signers } = remote
  return openSnapshot({ gitdir, commit, shown: location.shown, leftOutAbove: fileBytes, signers, onDamage })
}

function headers({ location }: Remote): Record<string, string> {
  return location.authorization === null ? {} : { Authorization: location.authorization }
}

/** What is left of older commits, and of fetches that a crash cut short. */
function removeOthers(directory: string, kept: (string | undefined)[]): void {
  for (const name of fs.readdirSync(directory)) {
    if (/^([0-9a-f]{40}|fetching-.*)$/.test(name) && !kept.includes(name)) {
      fs.rmSync(join(directory, name), { recursive: true, force: true })
    }
  }
}
