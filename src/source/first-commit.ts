import fs from 'node:fs'
import { join } from 'node:path'
import git from 'isomorphic-git'
import { HoldfastError } from '../model/errors.ts'

export interface FirstCommit {
  /** What is committed, relative to the folder. */
  paths: readonly string[]
  message: string
  author: { name: string; email: string }
}

/**
 * Makes a folder a git repository with one commit on the branch `main`, and gives its 40 digits. Rejects with a
 * HoldfastError where there is a repository already, the folder's own or one around it, and for files that git ignores.
 */
export async function firstCommit(dir: string, { paths, message, author }: FirstCommit): Promise<string> {
  const root = await git.findRoot({ fs, filepath: dir }).catch(() => null)
  if (root !== null) {
    const text = `${dir} belongs to the git repository ${root} already.`
    throw new HoldfastError('terminal', `${text} Commit there: git -C ${root} add ${join(dir, 'stacks')}`)
  }
  for (const filepath of paths) {
    if (await git.isIgnored({ fs, dir, filepath })) throw ignored(filepath)
  }
  await git.init({ fs, dir, defaultBranch: 'main' })
  await git.add({ fs, dir, filepath: [...paths] })
  return await git.commit({ fs, dir, message, author })
}

function ignored(path: string): HoldfastError {
  const text = `${path} would not be in the repository: .gitignore says so, and nothing was committed.`
  return new HoldfastError('terminal', `${text} Take it out of .gitignore, or remove the file if it is not needed.`)
}
