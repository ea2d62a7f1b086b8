import { canonical } from '../model/hash.ts'
import type { Problem } from '../model/problem.ts'
import type { FoundStack } from './discover.ts'
import type { LoadOptions } from './options.ts'
import { createReport, type Report } from './report.ts'
import type { Repository } from './repository.ts'
import { type ReadStack, readStack } from './stack-file.ts'
import { type Looks, stillHolds, watch } from './watch.ts'

/**
 * What reading the stacks of a commit came to, for the next one: a stack of which nothing it looked at has changed is
 * not read again. It is never changed; loading gives a new one.
 */
export interface LoadMemory {
  options: LoadOptions
  /** By what the repository says of where the stack is. */
  stacks: ReadonlyMap<string, Remembered>
}

interface Remembered {
  looks: Looks
  read: Omit<ReadStack, 'report'>
  problems: Problem[]
}

/** Reads the stacks of one commit, as often as it takes until all their files are there. */
export interface Reader {
  /** A stack that was read before comes with a report of its own: rules about several stacks add to it. */
  read(found: FoundStack): ReadStack
  /** Of those that were asked for since the last call. */
  remember(): LoadMemory
}

/** Remembers from `before` what was read with the same options. */
export function openReader(repository: Repository, options: LoadOptions, before: LoadMemory | null): Reader {
  const known = before !== null && isSame(before.options, options) ? before.stacks : new Map<string, Remembered>()
  const settled = new Map<string, Remembered & { isLasting: boolean }>()
  let asked = new Set<string>()

  function recall(key: string): Remembered | null {
    const mine = settled.get(key)
    if (mine !== undefined) return mine
    const theirs = known.get(key)
    if (theirs === undefined || !stillHolds(theirs.looks, repository)) return null
    settled.set(key, { ...theirs, isLasting: true })
    return theirs
  }

  return {
    read(found) {
      const key = canonical(found)
      asked.add(key)
      const remembered = recall(key)
      if (remembered !== null) return fresh(remembered)
      const watched = watch(repository)
      const { report, ...read } = readStack(found, watched.repository, options)
      const entry = { read, problems: report.problems(), looks: watched.looks(), isLasting: watched.isLasting() }
      if (watched.isWhole()) settled.set(key, entry)
      return fresh(entry)
    },
    remember() {
      const lasting = [...settled].filter(([key, { isLasting }]) => isLasting && asked.has(key))
      asked = new Set()
      return {
        options,
        stacks: new Map(lasting.map(([key, { looks, read, problems }]) => [key, { looks, read, problems }])),
      }
    },
  }
}

function fresh({ read, problems }: Pick<Remembered, 'read' | 'problems'>): ReadStack {
  const report = createReport(problems)
  const { claims, names, subnets, routes } = read
  const claimed = { claims: own(claims, report), routes: own(routes, report) }
  return { ...read, report, ...claimed, names: own(names, report), subnets: own(subnets, report) }
}

/** Claims with another report to complain to. */
function own<T extends { report: Report }>(claims: readonly T[], report: Report): T[] {
  return claims.map((claim) => ({ ...claim, report }))
}

/** The very same settings: another key or policy may give the same files another meaning. */
function isSame(one: LoadOptions, other: LoadOptions): boolean {
  const [a, b] = [new Map(Object.entries(one)), new Map(Object.entries(other))]
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}
