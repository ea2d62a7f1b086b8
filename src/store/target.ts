import { DEFAULT_SOURCE } from '../model/default-names.ts'
import type { StackEntry } from './store.ts'

/** The target a stack runs on, the default one being the empty name; null while no release of it was made. */
export function targetOf({ latest }: Pick<StackEntry, 'latest'>): string | null {
  if (latest === null) return null
  // Before there were targets, everything ran on the default one.
  return latest.target === undefined ? '' : latest.target
}

/** The source a stack comes from; null while nothing is known of it. */
export function sourceOf({ latest }: Pick<StackEntry, 'latest'>): string | null {
  // Before there were several sources, there was one.
  return latest === null ? null : (latest.source ?? DEFAULT_SOURCE)
}
