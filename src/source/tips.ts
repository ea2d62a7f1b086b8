import { SourceError } from './errors.ts'

/** A branch name to its commit, for every branch of a repository. */
export type Tips = Map<string, string>

/** The commit a branch points to; says what is there instead when it is missing. */
export function tipOf(tips: Tips, branch: string, shown: string): string {
  const tip = tips.get(branch)
  if (tip !== undefined) return tip
  if (tips.size === 0) {
    throw new SourceError('terminal', `${shown} is empty. Push a first commit to its branch ${branch}.`)
  }
  const others = [...tips.keys()].sort().slice(0, 5).join(', ')
  const text = `${shown} has no branch ${branch}; it has ${others}. Push the branch, or set another one.`
  throw new SourceError('terminal', text)
}
