import { SourceError } from './errors.ts'
import type { At } from './source.ts'

/** Names to commits: of every branch of a repository, or of every tag. */
export type Tips = Map<string, string>

/** The commit a branch or tag points to; says what is there instead when it is missing. `isEmpty`: no refs at all. */
export function tipOf(tips: Tips, at: At, shown: string, isEmpty: boolean): string {
  const tip = tips.get(at.name)
  if (tip !== undefined) return tip
  if (isEmpty) {
    const next = at.kind === 'branch' ? `Push a first commit to its branch ${at.name}.` : `Push its tag ${at.name}.`
    throw new SourceError('terminal', `${shown} is empty. ${next}`)
  }
  const others = [...tips.keys()].sort().slice(0, 5).join(', ')
  const found = others === '' ? `it has no ${at.kind} at all` : `it has ${others}`
  const text = `${shown} has no ${at.kind} ${at.name}; ${found}. Push the ${at.kind}, or set another one.`
  throw new SourceError('terminal', text)
}

/** Throws a SourceError when the digits that are followed turn out to be a tag's. */
export function refuseTag({ kind, name }: At, commit: string): void {
  if (kind !== 'commit' || name === commit) return
  throw new SourceError('terminal', `${name} is no commit but a tag; the commit that it is on is ${commit}. Name that.`)
}

/** What the names of refs of its kind begin with; nothing does for a commit. */
export function prefixOf({ kind }: At): string {
  if (kind === 'commit') return ''
  return kind === 'branch' ? 'refs/heads/' : 'refs/tags/'
}

/** What is followed, for people. */
export function nameOf({ kind, name }: At): string {
  return `${kind} ${kind === 'commit' ? name.slice(0, 8) : name}`
}

/** Throws a SourceError for a name that could never be followed. */
export function checkAt({ kind, name }: At): At {
  if (kind !== 'commit') {
    if (name !== '') return { kind, name }
    throw new SourceError('terminal', `A source follows a ${kind} without a name. Name one.`)
  }
  const digits = name.toLowerCase()
  if (/^[0-9a-f]{40}$/.test(digits)) return { kind, name: digits }
  throw new SourceError('terminal', `A source follows the commit "${name}". Write all 40 digits of it: git rev-parse.`)
}
