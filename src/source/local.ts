import fs from 'node:fs'
import { join } from 'node:path'
import git from 'isomorphic-git'
import { SourceError } from './errors.ts'
import { MissingObject } from './objects.ts'
import type { Signers } from './signature/signers.ts'
import { openSnapshot } from './snapshot.ts'
import type { At, Snapshot } from './source.ts'
import { NoCommit } from './tag.ts'
import { nameOf, prefixOf, refuseTag, type Tips, tipOf } from './tips.ts'
import { OddTree } from './tree.ts'

/** Follows a repository on this machine, in place: its refs and objects are read, nothing of it is copied. */
export function followLocal(
  path: string,
  at: At,
  signers: Signers | null,
): (last: Snapshot | null) => Promise<Snapshot> {
  let damaged = false
  let lastTip = ''
  return async (last) => {
    const gitdir = findGitdir(path)
    const tip = at.kind === 'commit' ? at.name : await localTip(gitdir, at, path)
    if (last !== null && lastTip === tip && !damaged) return last
    const onDamage = () => {
      damaged = true
    }
    const snapshot = await open({ gitdir, commit: tip, shown: path, leftOutAbove: null, signers, onDamage }, at)
    refuseTag(at, snapshot.commit)
    damaged = false
    lastTip = tip
    return snapshot
  }
}

async function open(options: Parameters<typeof openSnapshot>[0], at: At): Promise<Snapshot> {
  try {
    return await openSnapshot(options)
  } catch (error) {
    const isSaid = error instanceof SourceError || error instanceof OddTree || error instanceof NoCommit
    if (isSaid || (error instanceof Error && 'syscall' in error)) throw error
    if (at.kind === 'commit' && error instanceof MissingObject) {
      const text = `${options.shown} does not hold ${nameOf(at)}, or not all of it.`
      throw new SourceError('terminal', `${text} Push or fetch it into there, or name another one.`, { cause: error })
    }
    const text = `${options.shown} lacks or cannot read objects of commit ${options.commit.slice(0, 8)}.`
    throw new SourceError('terminal', `${text} Run git fsck in it, and repair it or clone it anew.`, { cause: error })
  }
}

/** The repository may be bare, or the `.git` of a work tree. */
function findGitdir(path: string): string {
  const found = [join(path, '.git'), path].find((candidate) => fs.existsSync(join(candidate, 'HEAD')))
  if (found !== undefined && fs.existsSync(join(found, 'objects'))) return found
  const what = fs.existsSync(path) ? 'is not a git repository' : 'does not exist'
  throw new SourceError('terminal', `${path} ${what}. Check the repository's path, and that it is mounted here.`)
}

/** Only what is followed is looked up; the others are listed when it is missing, to name them. */
async function localTip(gitdir: string, at: At, path: string): Promise<string> {
  const [branches, tags] = [await git.listBranches({ fs, gitdir }), await git.listTags({ fs, gitdir })]
  const names = at.kind === 'branch' ? branches : tags
  const tips: Tips = new Map()
  for (const name of names.includes(at.name) ? [at.name] : names) {
    tips.set(name, await git.resolveRef({ fs, gitdir, ref: `${prefixOf(at)}${name}` }))
  }
  return tipOf(tips, at, path, branches.length + tags.length === 0)
}
