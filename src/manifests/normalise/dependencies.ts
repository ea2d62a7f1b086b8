import type { DependencyCondition } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { ServiceFile, StackFile } from '../schema.generated.ts'
import type { ServiceContext } from './context.ts'
import { sharedWith } from './network-mode.ts'

/** A service that another one waits for, and where it says so. */
export interface PlacedDependency {
  on: string
  condition: DependencyCondition
  path: Path
}

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const satisfies Record<string, DependencyCondition>

/** What a service waits for, references checked or not; whose network it shares, that must be there first. */
export function dependenciesOf(file: ServiceFile, service: Path): PlacedDependency[] {
  const written = writtenDependencies(file, service)
  const shared = sharedWith(file)
  if (shared === undefined || written.some(({ on }) => on === shared)) return written
  return [...written, { on: shared, condition: 'started', path: [...service, 'network_mode'] }]
}

function writtenDependencies(file: ServiceFile, service: Path): PlacedDependency[] {
  const value = file.depends_on ?? []
  const path = [...service, 'depends_on']
  if (Array.isArray(value)) return value.map((on, at) => ({ on, condition: 'started', path: [...path, at] }))
  return Object.entries(value).map(([on, { condition }]) => ({
    on,
    condition: CONDITIONS[condition],
    path: [...path, on],
  }))
}

/** A job says so itself, or another service waits for its completion. `broken` services are not asked. */
export function kindOf(service: string, data: StackFile, broken: ReadonlySet<string>): 'service' | 'job' {
  const file = broken.has(service) ? undefined : data.services[service]
  if (file !== undefined && saysItIsJob(file)) return 'job'
  const others = Object.entries(data.services).filter(([name]) => !broken.has(name))
  const awaited = others.some(([name, file]) =>
    dependenciesOf(file, ['services', name]).some((one) => one.on === service && one.condition === 'completed'),
  )
  return awaited ? 'job' : 'service'
}

function saysItIsJob(file: ServiceFile): boolean {
  const mode = file.deploy?.mode
  return mode === 'replicated-job' || mode === 'global-job' || file['x-holdfast']?.hook !== undefined
}

/** What a service waits for, as the model has it. */
export function dependsOn(context: ServiceContext): Record<string, DependencyCondition> {
  return Object.fromEntries(dependenciesOf(context.file, context.path).map(({ on, condition }) => [on, condition]))
}
