import type { PlacedStack } from '../normalise/stack-settings.ts'
import type { Report } from '../report.ts'
import { closest } from '../suggest.ts'

/** A stack of the repository, and those it waits for. */
export interface WaitingStack {
  name: string
  awaits: readonly PlacedStack[]
  report: Report
}

type Graph = ReadonlyMap<string, WaitingStack>

/** Rules about which stack waits for which. A circle is a problem of every stack in it: none could ever begin. */
export function checkStackDependencies(stacks: readonly WaitingStack[]): void {
  const graph: Graph = new Map(stacks.map((stack) => [stack.name, stack]))
  for (const stack of stacks) {
    for (const awaited of stack.awaits) check(stack, awaited, graph)
  }
}

function check({ name, report }: WaitingStack, { on, shown, place }: PlacedStack, graph: Graph): void {
  if (!graph.has(on)) {
    const similar = closest(on, graph.keys())
    const hint =
      similar === undefined ? 'Name a stack of this repository, or remove it.' : `Did you mean \`${similar}\`?`
    report.error(place, 'unresolved-reference', `There is no stack \`${shown}\` in the repository`, hint)
    return
  }
  const back = wayBetween(on, name, graph)
  if (back === null) return
  const message =
    on === name
      ? `The stack \`${name}\` waits for itself`
      : `Stacks wait for each other in a circle: ${[name, ...back].join(' → ')}`
  report.error(place, 'dependency-cycle', message, 'Remove one of these dependsOn entries.')
}

/** The shortest chain of stacks from one to another, both included; null when there is none. */
function wayBetween(from: string, to: string, graph: Graph): string[] | null {
  const seen = new Set([from])
  const trails = [[from]]
  for (const trail of trails) {
    const last = trail.at(-1) ?? from
    if (last === to) return trail
    for (const { on } of graph.get(last)?.awaits ?? []) {
      if (!seen.has(on)) trails.push([...trail, on])
      seen.add(on)
    }
  }
  return null
}
