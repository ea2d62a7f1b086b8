import type { DependencyCondition } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { ServiceFile, StackFile } from '../schema.generated.ts'
import type { ServiceContext } from './context.ts'

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

/** What a service waits for, references checked or not. */
export function dependenciesOf(file: ServiceFile, service: Path): PlacedDependency[] {
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
  if (!broken.has(service) && data.services[service]?.deploy?.mode === 'replicated-job') return 'job'
  const others = Object.entries(data.services).filter(([name]) => !broken.has(name))
  const awaited = others.some(([name, file]) =>
    dependenciesOf(file, ['services', name]).some((one) => one.on === service && one.condition === 'completed'),
  )
  return awaited ? 'job' : 'service'
}

/** What a service waits for, as the model has it. */
export function dependsOn(context: ServiceContext): Record<string, DependencyCondition> {
  return Object.fromEntries(dependenciesOf(context.file, context.path).map(({ on, condition }) => [on, condition]))
}
