import { reasonOf } from '../model/errors.ts'
import type { Problem } from '../model/problem.ts'
import type { Stack } from '../model/stack.ts'
import { conceal } from './conceal.ts'
import { discover } from './discover.ts'
import type { LoadOptions } from './options.ts'
import { createReport, hasErrors } from './report.ts'
import { createRepository, type ListedFile } from './repository.ts'
import { checkNames } from './rules/names.ts'
import { checkPorts } from './rules/ports.ts'
import { checkStackDependencies } from './rules/stack-dependencies.ts'
import { checkSubnetOverlaps } from './rules/subnets.ts'
import { type ReadStack, readStack } from './stack-file.ts'

/** One stack of the repository; `stack` is null exactly when one of its problems is an error. */
export interface LoadedStack {
  name: string
  /** Folder in the repository; `''` for the root. */
  folder: string
  stack: Stack | null
  problems: Problem[]
  /** Values of secrets that the manifest reads from variables: nothing that is shown may repeat them. */
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
 * preliminary: read those files, add them to `have` (or the reason why not to `unreadable`), and call again.
 */
export function load(
  listing: readonly ListedFile[],
  have: ReadonlyMap<string, Uint8Array>,
  unreadable: ReadonlyMap<string, string> = new Map(),
  options: LoadOptions = {},
): Loaded & { needs: string[] } {
  const repository = createRepository(listing, have, unreadable)
  const report = createReport()
  const stacks = discover(repository, report).map((found) => readStack(found, repository, options))
  checkPorts(stacks.flatMap(({ claims }) => claims))
  checkNames(stacks.flatMap(({ names }) => names))
  checkSubnetOverlaps(stacks.flatMap(({ subnets }) => subnets))
  checkStackDependencies(stacks)
  return { stacks: stacks.map(finish), problems: report.problems(), needs: repository.needs() }
}

/**
 * `load` until nothing is needed any more. A `read` that rejects becomes a problem of the stack that needs the file;
 * every file is read once.
 */
export async function loadAll(
  listing: readonly ListedFile[],
  read: (path: string) => Promise<Uint8Array>,
  options: LoadOptions = {},
): Promise<Loaded> {
  const have = new Map<string, Uint8Array>()
  const unreadable = new Map<string, string>()
  async function fetchFile(path: string): Promise<void> {
    try {
      have.set(path, await read(path))
    } catch (error) {
      unreadable.set(path, reasonOf(error))
    }
  }
  let result = load(listing, have, unreadable, options)
  while (result.needs.length > 0) {
    for (const path of result.needs) await fetchFile(path)
    result = load(listing, have, unreadable, options)
  }
  return { stacks: result.stacks, problems: result.problems }
}

function finish({ name, folder, stack, report, hidden }: ReadStack): LoadedStack {
  const problems = report.problems().map((problem) => conceal(problem, hidden))
  return { name, folder, stack: hasErrors(problems) ? null : stack, problems, hidden }
}
