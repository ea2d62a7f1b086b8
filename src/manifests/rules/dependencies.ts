import type { StackContext } from '../normalise/context.ts'
import { dependenciesOf, kindOf, type PlacedDependency } from '../normalise/dependencies.ts'
import { undefinedHint } from '../normalise/mounts.ts'
import type { Place } from '../report.ts'
import { nameAsWritten } from '../shape.ts'
import { checkHooks } from './hooks.ts'

type Graph = ReadonlyMap<string, PlacedDependency[]>

/** Rules about who waits for whom. Services that are broken themselves are not asked, but may be waited for. */
export function checkDependencies(context: StackContext, broken: ReadonlySet<string>): void {
  const services = Object.entries(context.data.services).filter(([name]) => !broken.has(name))
  const graph: Graph = new Map(services.map(([name, file]) => [name, dependenciesOf(file, ['services', name])]))
  for (const [name, dependencies] of graph) {
    for (const dependency of dependencies) checkOne(name, dependency, context, broken)
  }
  for (const cycle of cyclesOf(graph)) reportCycle(cycle, context)
}

function checkOne(
  service: string,
  dependency: PlacedDependency,
  context: StackContext,
  broken: ReadonlySet<string>,
): void {
  const { data, manifest, report } = context
  const { on, condition, path } = dependency
  const known = Object.keys(data.services)
  if (!known.includes(on)) {
    const shown = nameAsWritten(on, manifest, path)
    const hint = undefinedHint('services', shown, known)
    report.error(manifest.keyAt(path), 'unresolved-reference', `The service \`${shown}\` is not defined`, hint)
  } else if (!broken.has(on)) {
    checkHooks(service, dependency, context)
    if (condition === 'healthy') checkHealthOf(on, manifest.keyAt(path), context, broken)
  }
}

/** Whether a service that another one waits for can ever become healthy. */
function checkHealthOf(on: string, place: Place, { data, report }: StackContext, broken: ReadonlySet<string>): void {
  const check = data.services[on]?.healthcheck
  if (kindOf(on, data, broken) === 'job') {
    const hint = 'Wait for its end: `condition: service_completed_successfully`.'
    report.error(place, 'dependency-impossible', `\`${on}\` is a job and never becomes healthy`, hint)
  } else if (data.services[on]?.['x-holdfast']?.probe !== undefined) {
    return
  } else if (check === undefined) {
    const message = `This waits for \`${on}\` to be healthy, but the file gives it no health check; its image must have one`
    report.warning(place, 'no-healthcheck', message, `Add a healthcheck to \`${on}\`, or wait for service_started.`)
  } else if (check.disable === true || [check.test ?? []].flat()[0] === 'NONE') {
    const message = `This waits for \`${on}\` to be healthy, but its health check is disabled`
    report.error(place, 'dependency-impossible', message, 'Wait for service_started, or give it a health check.')
  }
}

function reportCycle(cycle: PlacedDependency[], { manifest, report }: StackContext): void {
  const [first] = cycle
  if (first === undefined) return
  const names = [cycle.at(-1)?.on ?? '', ...cycle.map(({ on }) => on)]
  const message = `Services wait for each other in a circle: ${names.join(' → ')}`
  report.error(manifest.keyAt(first.path), 'dependency-cycle', message, 'Remove one of these depends_on entries.')
}

/** Each cycle once, found from its first member in name order. */
function cyclesOf(graph: Graph): PlacedDependency[][] {
  const cycles: PlacedDependency[][] = []
  const done = new Set<string>()
  function visit(name: string, trail: readonly { from: string; edge: PlacedDependency }[]): void {
    const start = trail.findIndex(({ from }) => from === name)
    if (start >= 0) cycles.push(trail.slice(start).map(({ edge }) => edge))
    if (start >= 0 || done.has(name)) return
    for (const edge of graph.get(name) ?? []) visit(edge.on, [...trail, { from: name, edge }])
    done.add(name)
  }
  for (const name of [...graph.keys()].sort()) visit(name, [])
  return cycles
}
