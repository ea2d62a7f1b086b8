import { short } from '../model/release.ts'
import type { Store } from '../store/store.ts'
import { refusal } from './known.ts'

/** So far back is the history searched for releases that were stable. */
const SEARCHED = 10_000

/**
 * The full digest of a release to go back to: `wanted` is its digest or the beginning of it, null the stable release
 * before the present one. Throws a HoldfastError unless it was stable once, is still stored, and is not running now.
 */
export function findRelease(stack: string, wanted: string | null, store: Store): string {
  const release = wanted === null ? previousOf(stack, store) : findStable(stack, wanted, store)
  const { record, latest } = store.stack(stack)
  if (release === record.stable && record.rollout === null && (latest?.digest ?? release) === release) {
    throw refusal(`Release ${short(release)} of ${stack} runs already.`)
  }
  if (store.release(stack, release) !== null) return release
  throw refusal(
    `The content of release ${short(release)} of ${stack} is not stored any more. Revert the commit in git instead.`,
  )
}

function previousOf(stack: string, store: Store): string {
  const { previous } = store.stack(stack).record
  if (previous !== null) return previous
  throw refusal(`There is no stable release of ${stack} before the present one. See: holdfast history ${stack}`)
}

function findStable(stack: string, wanted: string, store: Store): string {
  const found = stableReleases(stack, store).filter((digest) => digest.startsWith(wanted))
  const [release, another] = found
  if (release === undefined) {
    throw refusal(`No release ${wanted} of ${stack} was ever stable. See: holdfast history ${stack}`)
  }
  if (another === undefined) return release
  throw refusal(`${wanted} is ambiguous: ${found.map(short).join(', ')}. Write more digits.`)
}

function stableReleases(stack: string, store: Store): string[] {
  const { record } = store.stack(stack)
  const arrived = store.history(stack, SEARCHED).filter(({ kind }) => kind === 'stable' || kind === 'rolled-back')
  const releases = [record.stable, record.previous, ...arrived.map(({ release }) => release)]
  return [...new Set(releases.filter((digest) => digest !== null))]
}
