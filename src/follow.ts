import type { Engines } from './engine/engines.ts'
import type { LoadOptions } from './manifests/options.ts'
import { reasonOf } from './model/errors.ts'
import { canonical } from './model/hash.ts'
import type { Snapshot, Source } from './source/source.ts'
import type { Store } from './store/store.ts'
import { openTip, type Resolve, resolveImages, type TipStack } from './tip.ts'

/** What following works with; all of it is passed in. */
export interface FollowParts {
  source: Source
  engines: Engines
  store: Store
  /** What the target adds to the meaning of manifests. */
  load?: LoadOptions
}

export interface FollowOptions {
  /** Stacks whose tags are resolved anew although their manifest is the same. */
  refresh?: readonly string[]
  /** Hears of each stack of which git asks for something else than before, as soon as that is noted. */
  onChanged?: (stack: string) => void
  /** Resolves images; the engine is asked directly when absent. */
  resolve?: Resolve
}

export interface Followed {
  commit: string
  /** Stacks of which git asks for something else than before, sorted. */
  changed: string[]
}

/**
 * Takes up the newest commit: notes for every stack what git asks for, and stores its release. It touches nothing that
 * runs: that is for `reconcile`. A commit that was taken up whole, with nothing blocked, is not read again.
 * Rejects when the repository cannot be read; then everything stays as it was.
 */
export async function follow(parts: FollowParts, options: FollowOptions = {}): Promise<Followed> {
  const { refresh = [], onChanged = () => {} } = options
  const { resolve = (stack) => resolveImages(stack, parts.engines.of(stack.target)) } = options
  const snapshot = await look(parts)
  const { commit, subject } = snapshot
  if (refresh.length === 0 && isTakenUp(commit, parts)) return { commit, changed: [] }

  const tip = await openTip(snapshot, { ...parts, resolve }, refresh)
  const changed = await noteAll(tip.stacks, parts.store, onChanged)
  // Last: a crash before it makes the next look take the commit up again.
  const { bindRoot = null } = parts.load ?? {}
  parts.store.saveRepository({ ...parts.store.repository(), commit, subject, bindRoot, problems: tip.problems })
  return { commit, changed: changed.sort() }
}

/**
 * Each stack as soon as it is ready: a registry that does not answer keeps no other waiting. Only those that depend on
 * it wait, or they would find its old release in place and go ahead. Resolves to those that changed, sorted.
 */
async function noteAll(
  stacks: readonly { name: string; ready: Promise<TipStack> }[],
  store: Store,
  onChanged: (stack: string) => void,
): Promise<string[]> {
  const changed: string[] = []
  const noted = new Map<string, Promise<void>>()
  async function noteOne(ready: Promise<TipStack>): Promise<void> {
    const stack = await ready
    await Promise.all((stack.release?.stack.dependsOn ?? []).map((other) => noted.get(other)))
    if (!note(stack, store)) return
    changed.push(stack.name)
    onChanged(stack.name)
  }
  for (const { name, ready } of stacks) noted.set(name, noteOne(ready))
  await Promise.all(noted.values())
  return changed.sort()
}

/** Looks at the repository, and notes how that went: what is known may be stale. */
async function look({ source, store }: FollowParts): Promise<Snapshot> {
  try {
    const snapshot = await source.sync()
    store.saveRepository({ ...store.repository(), readAt: new Date().toISOString(), error: null })
    return snapshot
  } catch (error) {
    store.saveRepository({ ...store.repository(), error: reasonOf(error) })
    throw error
  }
}

function isTakenUp(commit: string, { store, load }: FollowParts): boolean {
  const known = store.repository()
  if (known.bindRoot !== (load?.bindRoot ?? null)) return false
  const isClear = known.problems.every((problem) => problem.severity !== 'error')
  return known.commit === commit && isClear && store.stacks().every((name) => isKnown(name, store))
}

/** Nothing stands in its way, and the release that git asks for can be read. */
function isKnown(name: string, store: Store): boolean {
  const { latest } = store.stack(name)
  if (!latest || latest.blocked) return latest === null
  return latest.digest === null || store.release(name, latest.digest) !== null
}

/** Keeps what git asks of one stack; tells whether that is news. A stack that is blocked goes on as it is. */
function note({ name, latest, release }: TipStack, store: Store): boolean {
  const before = store.stack(name).latest
  const isStored = release === null || store.release(name, release.digest) !== null
  if (isStored && before !== null && canonical(before) === canonical(latest)) return false
  if (release !== null) store.putRelease(release)
  store.save(name, { latest })
  return true
}
