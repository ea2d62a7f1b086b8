import type { RepositoryState } from '../store/store.ts'

/**
 * Since when what is known of a repository is out of date, ISO 8601; null while it can be read, or could be until so
 * short a time ago that nobody need know. `nowMs` is the wall clock.
 */
export function staleSince({ readAt, failingSince, staleAfterMs }: RepositoryState, nowMs: number): string | null {
  if (failingSince === null) return null
  const since = readAt ?? failingSince
  return nowMs - Date.parse(since) > staleAfterMs ? since : null
}
