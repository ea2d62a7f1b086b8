import type { Engine } from './engine/engine.ts'
import type { Engines } from './engine/engines.ts'
import { type Loaded, type LoadedStack, loadAll } from './manifests/load.ts'
import type { LoadMemory } from './manifests/memory.ts'
import type { LoadOptions } from './manifests/options.ts'
import { MAX_FILE_BYTES } from './manifests/repository.ts'
import { HoldfastError, reasonOf } from './model/errors.ts'
import type { Problem } from './model/problem.ts'
import { makeRelease, manifestDigest, type Pin, type Release } from './model/release.ts'
import type { Stack } from './model/stack.ts'
import { assertApart, ownFoldersOf } from './own-folders.ts'
import type { Snapshot } from './source/source.ts'
import type { Latest, Store } from './store/store.ts'
import { sourceOf, targetOf } from './store/target.ts'
import { heldStacks, untrustedProblem } from './untrusted.ts'

/** What a commit asks of every stack: those it holds, and those that were followed before. */
export interface Tip {
  commit: string
  subject: string
  /** Findings that concern the repository and not one stack. */
  problems: Problem[]
  /** Sorted by name. */
  stacks: TipStack[]
}

export interface TipStack {
  name: string
  latest: Latest
  /** The release that `latest` names. */
  release: Release | null
}

/** Resolves the images of a stack; `anew` when a person asks. Rejects with a HoldfastError that says why it cannot. */
export type Resolve = (stack: Stack, anew: boolean) => Promise<Release['pins']>

interface Parts {
  /** The source's name; `sources` has those of all that are followed. */
  name: string
  sources: readonly string[]
  resolve: Resolve
  engines: Engines
  store: Store
  /** What the target adds to the meaning of manifests. */
  load?: LoadOptions
  /** Of the commits of this source that were taken up before; without it everything is read. */
  memory?: TipMemory
}

/** What the commits of a source came to so far. It may be lost at any time: then everything is read again. */
export interface TipMemory {
  loaded: LoadMemory | null
  /** By what the manifest came to, which is the same object as long as nothing of it changes. */
  releases: WeakMap<Stack, Release>
}

export function emptyTipMemory(): TipMemory {
  return { loaded: null, releases: new WeakMap() }
}

/** What a commit asks for, while the images of some stacks are still being resolved. */
interface OpenTip extends Omit<Tip, 'stacks'> {
  stacks: { name: string; ready: Promise<TipStack> }[]
}

/** Reads what a commit asks for, whole; see `openTip`. */
export async function readTip(snapshot: Snapshot, parts: Parts, refresh: readonly string[]): Promise<Tip> {
  const tip = await openTip(snapshot, parts, refresh)
  const stacks = await Promise.all(tip.stacks.map(({ ready }) => ready))
  return { ...tip, stacks: stacks.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/**
 * Reads what a commit asks for, and saves nothing. Tags are resolved once for each manifest: a release that was made
 * from the same one is taken again, except for the stacks in `refresh`. No stack stands in the way of another, and
 * each can be worked with as soon as its own images are resolved.
 */
export async function openTip(snapshot: Snapshot, parts: Parts, refresh: readonly string[]): Promise<OpenTip> {
  const { commit, subject, entries, untrusted } = snapshot
  if (untrusted !== null) return heldTip(untrusted, snapshot, parts)
  const { memory } = parts
  const load = { ...parts.load, source: parts.name }
  const loaded = await loadAll(entries, (path) => snapshot.read(path, MAX_FILE_BYTES), load, memory?.loaded)
  if (memory) memory.loaded = loaded.memory
  const ours = loaded.stacks.filter(({ name }) => !isOthers(name, parts))
  const absent = absentStacks(loaded, snapshot, parts)
  const stacks = [
    ...absent.map((stack) => ({ name: stack.name, ready: Promise.resolve(stack) })),
    ...ours.map((stack) => {
      return { name: stack.name, ready: takeUp(stack, snapshot, parts, refresh.includes(stack.name)) }
    }),
  ]
  const doubles = loaded.stacks.filter((stack) => !ours.includes(stack)).map((stack) => double(stack, parts))
  return {
    commit,
    subject,
    problems: [...loaded.problems, ...doubles],
    stacks: stacks.map((stack) => labelled(stack, parts.name)),
  }
}

/** Of a commit that is not trusted, nothing is read: no manifest, and so no stack can be missing. */
function heldTip(why: string, snapshot: Snapshot, { name, store }: Parts): OpenTip {
  const { commit, subject } = snapshot
  const held = heldStacks(name, why, snapshot, store)
  const stacks = held.map((stack) => ({ name: stack.name, ready: Promise.resolve(stack) }))
  return { commit, subject, problems: [untrustedProblem(why)], stacks }
}

type OpenStack = OpenTip['stacks'][number]

function labelled({ name, ready }: OpenStack, source: string): OpenStack {
  return { name, ready: ready.then((stack) => ({ ...stack, latest: { ...stack.latest, source } })) }
}

/** It came from another source that is still followed: the first one keeps it. */
export function isOthers(stack: string, { name, sources, store }: Pick<Parts, 'name' | 'sources' | 'store'>): boolean {
  if (!store.stacks().includes(stack)) return false
  const source = sourceOf(store.stack(stack))
  return source !== null && source !== name && sources.includes(source)
}

function double({ name, folder }: LoadedStack, { store }: Parts): Problem {
  const source = sourceOf(store.stack(name))
  const message = `The stack \`${name}\` comes from the source ${source} already; the one here has no effect`
  const hint = `Rename one of them, or delete it in ${source} first: it is removed then, and this one is deployed.`
  const place = { file: folder === '' ? '.' : folder, line: 0, column: 0, excerpt: '' }
  return { severity: 'error', code: 'stack-in-two-sources', message, hint, ...place }
}

/** Those that were followed before and are not in the commit. */
function absentStacks(loaded: Loaded, snapshot: Snapshot, { name, store }: Parts): TipStack[] {
  const names = new Set(loaded.stacks.map((stack) => stack.name))
  const doubt = doubtAbsence(loaded, snapshot.commit)
  const missing = store.stacks().filter((stack) => !names.has(stack) && sourceOf(store.stack(stack)) === name)
  return missing.map((stack) => {
    const target = targetOf(store.stack(stack))
    return without(stack, snapshot, { gone: doubt === null, blocked: doubt, target })
  })
}

async function takeUp(loaded: LoadedStack, snapshot: Snapshot, parts: Parts, anew: boolean): Promise<TipStack> {
  const { name, stack, problems } = loaded
  const target = targetOf(parts.store.stack(name))
  if (stack === null) return without(name, snapshot, { problems, blocked: briefly(problems), target })
  try {
    assertTarget(stack, target, parts.engines)
    assertProbes(stack, parts.engines.of(stack.target))
    assertApart(ownFoldersOf(stack, parts.load), parts.store.ownFolders(name))
    const release = (anew ? null : madeBefore(stack, parts)) ?? (await make(stack, snapshot.commit, parts, anew))
    parts.memory?.releases.set(stack, release)
    return { ...without(name, snapshot, { problems, digest: release.digest, target: stack.target }), release }
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    return without(name, snapshot, { problems, blocked: reasonOf(error), target })
  }
}

function madeBefore(stack: Stack, { memory, store }: Parts): Release | null {
  return memory?.releases.get(stack) ?? store.releaseOfManifest(stack.name, manifestDigest(stack))
}

async function make(stack: Stack, commit: string, { resolve }: Parts, anew: boolean): Promise<Release> {
  return makeRelease(stack, commit, await resolve(stack, anew))
}

/** Throws a HoldfastError for a target that is not known, or not the one the stack runs on: nothing would remove it there. */
function assertTarget(stack: Stack, runsOn: string | null, engines: Engines): void {
  engines.of(stack.target)
  if (runsOn === null || runsOn === stack.target) return
  const [old, wanted] = [runsOn, stack.target].map((name) =>
    name === '' ? 'the default target' : `the target ${name}`,
  )
  const next = `Delete its folder, let it be removed there, then add it again; or name the old target again`
  throw new HoldfastError(
    'terminal',
    `It runs on ${old}, and git names ${wanted} now. ${next}. Its volumes stay on ${old}.`,
  )
}

/** Probes ask over the network, from this process. Throws a HoldfastError where they could not arrive. */
function assertProbes(stack: Stack, engine: Engine): void {
  const probed = Object.values(stack.services).find(({ probe }) => probe !== undefined)
  if (!probed || engine.isHere) return
  const text = `${probed.name} has a probe, and its engine is on another machine, where replicas cannot be asked from here`
  throw new HoldfastError('terminal', `${text}: use a healthcheck, or run this stack on an engine of this machine.`)
}

/** All of them side by side. Rejects when the platform could not tell what one of them is. */
export async function resolveImages(stack: Stack, engine: Engine): Promise<Record<string, Pin>> {
  const pulls = new Map(Object.values(stack.services).map(({ image, pull }) => [image, pull]))
  const pins = [...pulls].map(async ([image, pull]) => [image, await engine.resolve(image, pull)] as const)
  return Object.fromEntries(await Promise.all(pins))
}

/** Why stacks that are not in the commit may all the same not be gone; null when they are. */
function doubtAbsence(loaded: { stacks: LoadedStack[]; problems: Problem[] }, commit: string): string | null {
  const problems = loaded.problems.filter(isError)
  if (problems.length > 0) return `${briefly(problems)}: it is unknown which stacks there are, so none is removed`
  if (loaded.stacks.length > 0) return null
  return `commit ${commit.slice(0, 8)} holds no stack at all: taken for a mistake, nothing is removed; restore a folder`
}

function without(name: string, { commit, subject }: Snapshot, change: Partial<Latest>): TipStack {
  const nothing: Latest = { commit, subject, digest: null, target: null, gone: false, problems: [], blocked: null }
  return { name, latest: { ...nothing, ...change }, release: null }
}

/** The first error in short, and how many more there are. */
function briefly(problems: Problem[]): string {
  const [first, ...others] = problems.filter(isError)
  if (!first) return 'the manifest cannot be used'
  const place = first.line > 0 ? `${first.file}:${first.line}:${first.column}` : first.file
  return `${place} ${first.message}${others.length > 0 ? ` (${others.length} more)` : ''}`
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error'
}
