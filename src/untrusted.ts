import type { Problem } from './model/problem.ts'
import type { Snapshot } from './source/source.ts'
import type { Store } from './store/store.ts'
import { sourceOf } from './store/target.ts'
import type { TipStack } from './tip.ts'

/**
 * What is asked of every stack of a source while its newest commit is not trusted: what trusted commits asked for, also
 * where that is still being rolled out, and nothing new.
 */
export function heldStacks(source: string, why: string, snapshot: Snapshot, store: Store): TipStack[] {
  return store.stacks().flatMap((name) => {
    const entry = store.stack(name)
    if (entry.latest === null || sourceOf(entry) !== source) return []
    const { digest } = entry.latest
    const { commit, subject } = snapshot
    const latest = { ...entry.latest, commit, subject, problems: [], blocked: why }
    return [{ name, latest, release: digest === null ? null : store.release(name, digest) }]
  })
}

/** For the repository as a whole: there may be no stack yet to say it of. */
export function untrustedProblem(why: string): Problem {
  const hint = 'Nothing of it is read; what runs goes on as it was. See docs/signed-commits.md.'
  return { severity: 'error', code: 'untrusted-commit', message: why, hint, file: '.', line: 0, column: 0, excerpt: '' }
}
