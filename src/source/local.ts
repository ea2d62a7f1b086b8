import fs from 'node:fs'
import { join } from 'node:path'
import git from 'isomorphic-git'
import { SourceError } from './errors.ts'
import type { Signers } from './signature/signers.ts'
import { openSnapshot } from './snapshot.ts'
import type { Snapshot } from './source.ts'
import { type Tips, tipOf } from './tips.ts'
import { OddTree } from './tree.ts'

/** Larger packs would have to be read into memory as a whole. */
const LARGEST_PACK_BYTES = 512 * 1024 * 1024

/** Follows a repository on this machine, in place: its refs and objects are read, nothing of it is copied. */
export function followLocal(
  path: string,
  branch: string,
  signers: Signers | null,
): (last: Snapshot | null) => Promise<Snapshot> {
  let damaged = false
  return async (last) => {
    const gitdir = findGitdir(path)
    const commit = tipOf(await localTips(gitdir, branch), branch, path)
    if (last?.commit === commit && !damaged) return last
    refuseHugePacks(gitdir, path)
    const onDamage = () => {
      damaged = true
    }
    const snapshot = await open({ gitdir, commit, shown: path, leftOutAbove: null, signers, onDamage })
    damaged = false
    return snapshot
  }
}

async function open(options: Parameters<typeof openSnapshot>[0]): Promise<Snapshot> {
  try {
    return await openSnapshot(options)
  } catch (error) {
    if (error instanceof SourceError || error instanceof OddTree || (error instanceof Error && 'syscall' in error))
      throw error
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

/** Only the followed branch is looked up; the others are listed when it is missing, to name them. */
async function localTips(gitdir: string, branch: string): Promise<Tips> {
  const tips: Tips = new Map()
  const branches = await git.listBranches({ fs, gitdir })
  const wanted = branches.includes(branch) ? [branch] : branches
  for (const name of wanted) tips.set(name, await git.resolveRef({ fs, gitdir, ref: `refs/heads/${name}` }))
  return tips
}

function refuseHugePacks(gitdir: string, path: string): void {
  const folder = join(gitdir, 'objects/pack')
  const packs = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.pack')) : []
  const huge = packs.find((name) => fs.statSync(join(folder, name)).size > LARGEST_PACK_BYTES)
  if (huge === undefined) return
  const text = `${path} holds a pack of more than ${LARGEST_PACK_BYTES} bytes (${huge}), too large to be read in place.`
  throw new SourceError('terminal', `${text} Serve the repository over HTTP, or take large files out of its history.`)
}
