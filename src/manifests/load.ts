import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Problem } from '../model/problem.ts'
import type { Stack } from '../model/stack.ts'
import { conceal } from './conceal.ts'
import { discover } from './discover.ts'
import { type LoadMemory, openReader, type Reader } from './memory.ts'
import type { LoadOptions } from './options.ts'
import { createReport, hasErrors } from './report.ts'
import { createRepository, type ListedFile, type Opened, type ReadFiles, type Repository } from './repository.ts'
import { checkNames } from './rules/names.ts'
import { checkPorts } from './rules/ports.ts'
import { checkRoutes } from './rules/routes.ts'
import { checkStackDependencies } from './rules/stack-dependencies.ts'
import { checkSubnetOverlaps } from './rules/subnets.ts'
import type { ReadStack } from './stack-file.ts'

/** One stack of the repository; `stack` is null exactly when one of its problems is an error. */
export interface LoadedStack {
  name: string
  /** Folder in the repository; `''` for the root. */
  folder: string
  stack: Stack | null
  problems: Problem[]
  /** Values of secrets that stand in variables: nothing that is shown may repeat them. */
  hidden: readonly string[]
}

export interface Loaded {
  /** Sorted by name. */
  stacks: LoadedStack[]
  /**
   * Problems of the repository as a whole. With an error here (a broken holdfast.yaml) it is unknown which stacks
   * there are: an absent stack must not be taken for a removed one.
   */
  problems: Problem[]
}

/**
 * Reads the stacks of a commit from its listing and the files read so far. When `needs` is not empty, the result is
 * preliminary: read those files, add them to `have` (or the reason why not to `unreadable`), open those that are encrypted
 * where that is possible, and call again.
 */
export function load(
  listing: readonly ListedFile[],
  have: ReadonlyMap<string, Uint8Array>,
  unreadable: ReadonlyMap<string, string> = new Map(),
  options: LoadOptions = {},
  opened: ReadFiles['opened'] = new Map(),
): Loaded & { needs: string[] } {
  const repository = createRepository(listing, { have, unreadable, opened })
  return { ...readAll(repository, openReader(repository, options, null)), needs: repository.needs() }
}

/**
 * `load` until nothing is needed any more. A `read` that rejects becomes a problem of the stack that needs the
 * file; every file is read once. With the `memory` of an earlier commit, only those stacks are read of which something
 * has changed; what several stacks have to do with each other is always looked at anew.
 */
export async function loadAll(
  listing: readonly ListedFile[],
  read: (path: string) => Promise<Uint8Array>,
  options: LoadOptions = {},
  memory: LoadMemory | null = null,
): Promise<Loaded & { memory: LoadMemory }> {
  const have = new Map<string, Uint8Array>()
  const unreadable = new Map<string, string>()
  const opened = new Map<string, Opened>()
  async function fetchFile(path: string): Promise<void> {
    try {
      have.set(path, await read(path))
    } catch (error) {
      unreadable.set(path, reasonOf(error))
      return
    }
    const result = await tryToOpen(path, have.get(path), options)
    if (result !== null) opened.set(path, result)
  }
  const repository = createRepository(listing, { have, unreadable, opened })
  const reader = openReader(repository, options, memory)
  let result = readAll(repository, reader)
  for (let needs = repository.needs(); needs.length > 0; needs = repository.needs()) {
    for (const path of needs) await fetchFile(path)
    result = readAll(repository, reader)
  }
  return { ...result, memory: reader.remember() }
}

/** As far as the files are there; every stack by itself, and then what they have to do with each other. */
function readAll(repository: Repository, reader: Reader): Loaded {
  const report = createReport()
  const stacks = discover(repository, report).map(reader.read)
  const ports = stacks.flatMap(({ claims }) => claims)
  checkPorts(ports)
  checkRoutes(
    stacks.flatMap(({ routes }) => routes),
    ports,
  )
  checkNames(stacks.flatMap(({ names }) => names))
  checkSubnetOverlaps(stacks.flatMap(({ subnets }) => subnets))
  checkStackDependencies(stacks)
  return { stacks: stacks.map(finish), problems: report.problems() }
}

/** Null for what is not encrypted, and where nothing is to be opened. One file that cannot be opened stops no other. */
async function tryToOpen(
  path: string,
  bytes: Uint8Array | undefined,
  { decrypt }: LoadOptions,
): Promise<Opened | null> {
  if (decrypt === undefined || bytes === undefined) return null
  try {
    const plain = await decrypt(path, bytes)
    return plain === null ? null : { plain }
  } catch (error) {
    // Words that are not ours may quote what they were about.
    const isOurs = error instanceof HoldfastError
    return { why: isOurs ? error.message : `The encrypted file ${path} cannot be opened; this is a bug in Holdfast.` }
  }
}

function finish({ name, folder, stack, report, hidden }: ReadStack): LoadedStack {
  const problems = report.problems().map((problem) => conceal(problem, hidden))
  return { name, folder, stack: hasErrors(problems) ? null : stack, problems, hidden }
}
