import type { Engines } from './engine/engines.ts'
import { type LoadOptions, meaningOf } from './manifests/options.ts'
import { hasErrors } from './manifests/report.ts'
import { reasonOf } from './model/errors.ts'
import { canonical } from './model/hash.ts'
import { ownFoldersOf } from './own-folders.ts'
import type { Snapshot, Source } from './source/source.ts'
import type { Latest, RepositoryState, Store } from './store/store.ts'
import { sourceOf } from './store/target.ts'
import { isOthers, openTip, type Resolve, resolveImages, type TipMemory, type TipStack } from './tip.ts'

/** What following works with; all of it is passed in. */
export interface FollowParts {
  /** The source's name; `sources` has those of all that are followed. */
  name: string
  sources: readonly string[]
  source: Source
  engines: Engines
  store: Store
  /** What the target adds to the meaning of manifests. */
  load?: LoadOptions
  /** So long after the last good look the repository counts as stale. */
  staleAfterMs?: number
  /** What the commits of this source came to so far; without it each one is read whole. */
  memory?: TipMemory
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
  const { changed, lost } = await noteAll(tip.stacks, parts, onChanged)
  // Last: a crash before it makes the next look take the commit up again.
  const taken = lost.length === 0 ? { commit, meaning: meaningOf(parts.load) } : {}
  saveState(parts, { ...taken, subject, problems: tip.problems })
  return { commit, changed }
}

/**
 * Each stack as soon as it is ready: a registry that does not answer keeps no other waiting. Only those that depend on
 * it wait, or they would find its old release in place and go ahead. Resolves to those that changed, sorted, and to
 * those that another source brought in the meantime.
 */
async function noteAll(
  stacks: readonly { name: string; ready: Promise<TipStack> }[],
  parts: FollowParts,
  onChanged: (stack: string) => void,
): Promise<{ changed: string[]; lost: string[] }> {
  const changed: string[] = []
  const lost: string[] = []
  const noted = new Map<string, Promise<void>>()
  async function noteOne(ready: Promise<TipStack>): Promise<void> {
    const stack = await ready
    await Promise.all((stack.release?.stack.dependsOn ?? []).map((other) => noted.get(other)))
    if (isOthers(stack.name, parts)) return void lost.push(stack.name)
    if (!note(stack, parts)) return
    changed.push(stack.name)
    onChanged(stack.name)
  }
  for (const { name, ready } of stacks) noted.set(name, noteOne(ready))
  await Promise.all(noted.values())
  return { changed: changed.sort(), lost }
}

/** Looks at the repository, and notes how that went: what is known may be stale. */
async function look(parts: FollowParts): Promise<Snapshot> {
  const { name, store, source, staleAfterMs } = parts
  const setting = staleAfterMs === undefined ? {} : { staleAfterMs }
  try {
    const snapshot = await source.sync()
    saveState(parts, { ...setting, readAt: new Date().toISOString(), error: null, failingSince: null })
    return snapshot
  } catch (error) {
    const failingSince = store.repository(name).failingSince ?? new Date().toISOString()
    saveState(parts, { ...setting, error: reasonOf(error), failingSince })
    throw error
  }
}

function saveState({ name, store }: FollowParts, change: Partial<RepositoryState>): void {
  store.saveRepository(name, { ...store.repository(name), ...change })
}

function isTakenUp(commit: string, { name, store, load }: FollowParts): boolean {
  const known = store.repository(name)
  if (known.commit !== commit || known.meaning !== meaningOf(load)) return false
  const stacks = store.stacks().filter((stack) => sourceOf(store.stack(stack)) === name)
  return !hasErrors(known.problems) && stacks.every((stack) => isKnown(stack, store))
}

/** Nothing stands in its way, and the release that git asks for can be read. */
function isKnown(name: string, store: Store): boolean {
  const { latest } = store.stack(name)
  if (!latest || latest.blocked) return latest === null
  return latest.digest === null || store.release(name, latest.digest) !== null
}

/**
 * Keeps what git asks of one stack; tells whether that is news. A stack that is blocked goes on as it is, and one of
 * which the commit changed nothing has only been seen at another commit.
 */
function note({ name, latest, release }: TipStack, { store, load }: FollowParts): boolean {
  const before = store.stack(name).latest
  const isStored = release === null || store.release(name, release.digest) !== null
  if (isStored && before !== null && canonical(before) === canonical(latest)) return false
  // Before anything can mount them.
  if (release !== null) store.noteFolders(name, ownFoldersOf(release.stack, load))
  // Also one that is stored: of several releases of a manifest the one that was put last counts.
  if (release !== null && !(isStored && before?.digest === release.digest)) store.putRelease(release)
  store.save(name, { latest })
  return !isStored || before === null || !isAsked(before, latest)
}

/** Do both ask for the same, whatever commit says so? */
function isAsked(before: Latest, { commit, subject, ...asked }: Latest): boolean {
  return canonical(before) === canonical({ ...asked, commit: before.commit, subject: before.subject })
}
