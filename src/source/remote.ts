import fs from 'node:fs'
import { join } from 'node:path'
import git from 'isomorphic-git'
import { SourceError } from './errors.ts'
import { indexPack } from './pack/index-pack.ts'
import type { Signers } from './signature/signers.ts'
import { openSnapshot } from './snapshot.ts'
import type { At, Snapshot } from './source.ts'
import { nameOf, prefixOf, refuseTag, tipOf } from './tips.ts'
import type { Limits, Transport } from './transport.ts'

export interface RemoteOptions {
  /** The repository as people know it. */
  shown: string
  at: At
  /** Holds one bare copy per commit, named by it: the one in use and the one before. */
  directory: string
  /** Files above this size are not transferred, where the server can leave them out. */
  fileBytes: number
  /** Largest transfer. */
  transferBytes: number
  /** Whose signature a commit must carry; null takes anybody's, and none. */
  signers: Signers | null
  /** A way to the server, for one look. */
  open(limits: Limits): Transport
}

interface Remote extends RemoteOptions {
  damaged: boolean
}

/**
 * Follows a repository on a server. A look that finds nothing new is one request: the ref listing of protocol version 1
 * (version 2 would need two). Anything new is fetched without history into a folder of its own, checked, and only then
 * moved to its place, so a transfer that fails, a copy that was corrupted and a rewritten history are all the same case.
 */
export function followRemote(
  options: RemoteOptions,
): (last: Snapshot | null, signal: AbortSignal) => Promise<Snapshot> {
  const remote = { ...options, damaged: false }
  return async (last, signal) => {
    const snapshot = (await fixedCopy(remote, last)) ?? (await look(remote, last, signal))
    if (snapshot !== last) removeOthers(remote.directory, [snapshot.commit, last?.commit])
    return snapshot
  }
}

/** A fixed commit that is here needs no look: it can have changed only where it is kept. */
async function fixedCopy(remote: Remote, last: Snapshot | null): Promise<Snapshot | null> {
  return remote.at.kind === 'commit' ? await findCopy(remote, last, remote.at.name) : null
}

async function look(remote: Remote, last: Snapshot | null, signal: AbortSignal): Promise<Snapshot> {
  const { transferBytes: answerBytes, fileBytes } = remote
  const transport = remote.open({ signal, answerBytes, fileBytes })
  try {
    const tip = remote.at.kind === 'commit' ? null : await tipOnServer(remote, transport)
    const known = tip === null ? null : await findCopy(remote, last, tip)
    return known ?? (await fetchCopy(remote, transport, signal))
  } finally {
    transport.close()
  }
}

async function tipOnServer({ at, shown }: Remote, { client, url }: Transport): Promise<string> {
  const { refs = [] } = await git.getRemoteInfo2({ http: client(), url, protocolVersion: 1 })
  const prefix = prefixOf(at)
  const found = refs.filter(({ ref }) => ref.startsWith(prefix))
  // Of a tag with a message or a signature both are listed: the tag itself, and the commit that it is on.
  const tips = new Map(found.map(({ ref, oid, peeled }) => [ref.slice(prefix.length), peeled ?? oid]))
  return tipOf(tips, at, shown, refs.length === 0)
}

/** The snapshot in use, or a copy made earlier, also by an earlier run; null without one that is whole. */
async function findCopy(remote: Remote, last: Snapshot | null, commit: string): Promise<Snapshot | null> {
  if (remote.damaged) return null
  if (last?.commit === commit) return last
  const gitdir = join(remote.directory, commit)
  if (!fs.existsSync(gitdir)) return null
  const found = await snapshotOf(remote, gitdir, commit).catch((error) => {
    if (error instanceof SourceError) throw error
    return null
  })
  return found?.commit === commit ? found : null
}

/** Fetches beside, proves that the commit is whole, and swaps. */
async function fetchCopy(remote: Remote, transport: Transport, signal: AbortSignal): Promise<Snapshot> {
  fs.mkdirSync(remote.directory, { recursive: true, mode: 0o700 })
  const beside = fs.mkdtempSync(join(remote.directory, 'fetching-'))
  try {
    const head = await fetchTip(remote, transport, beside)
    await indexPack(packIn(beside), signal)
    const { commit } = await snapshotOf(remote, beside, head)
    refuseTag(remote.at, commit)
    const gitdir = join(remote.directory, commit)
    fs.rmSync(gitdir, { recursive: true, force: true })
    fs.renameSync(beside, gitdir)
    remote.damaged = false
    return await snapshotOf(remote, gitdir, commit)
  } finally {
    fs.rmSync(beside, { recursive: true, force: true })
  }
}

/** The branch may have moved since it was listed: what counts is what the fetch brought. A tag is what it brings there. */
async function fetchTip({ at, shown }: Remote, { client, url }: Transport, gitdir: string): Promise<string> {
  await git.init({ fs, gitdir, bare: true, defaultBranch: 'main' })
  await git.addRemote({ fs, gitdir, remote: 'origin', url: shown })
  const ref = `${prefixOf(at)}${at.name}`
  const what = { remote: 'origin', url, ref, remoteRef: ref, singleBranch: true, depth: 1, tags: false }
  const { fetchHead } = await git.fetch({ fs, http: client(packIn(gitdir)), gitdir, ...what })
  if (fetchHead === null) throw new SourceError('terminal', `${shown} is empty. Push ${nameOf(at)} to it.`)
  return fetchHead
}

function packIn(gitdir: string): string {
  return join(gitdir, 'objects/pack/pack-fetched.pack')
}

function snapshotOf(remote: Remote, gitdir: string, commit: string): Promise<Snapshot> {
  const onDamage = () => {
    remote.damaged = true
  }
  const { fileBytes, shown, signers } = remote
  return openSnapshot({ gitdir, commit, shown, leftOutAbove: fileBytes, signers, onDamage })
}

/** What is left of older commits, and of fetches that a crash cut short. */
function removeOthers(directory: string, kept: (string | undefined)[]): void {
  for (const name of fs.readdirSync(directory)) {
    if (/^([0-9a-f]{40}|fetching-.*)$/.test(name) && !kept.includes(name)) {
      fs.rmSync(join(directory, name), { recursive: true, force: true })
    }
  }
}
