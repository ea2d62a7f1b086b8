import type { HealthCheck, Service, UpdatePolicy } from '../../model/stack.ts'
import { present, type ServiceContext } from './context.ts'
import { durationMs } from './quantity.ts'

/** Shorter than this, a crash shortly after the start would go unnoticed. */
const SHORTEST_MONITOR_MS = 10_000

/** What finds out about health, as far as time is concerned: a health check or a probe. */
type Check = Pick<HealthCheck, 'intervalMs' | 'retries'> | 'none' | undefined

/** How long a replica may stay busy once nothing leads to it; undefined for the default. */
export function drainOf(kind: Service['kind'], context: ServiceContext): number | undefined {
  const drain = context.file['x-holdfast']?.drain
  if (drain === undefined) return undefined
  if (kind === 'service') return durationMs(drain)
  const place = context.manifest.keyAt([...context.path, 'x-holdfast', 'drain'])
  const message = `\`drain\` is for services, and \`${context.service}\` is a job`
  context.report.error(place, 'conflicting-keys', message, 'Remove it: nothing is led to a job.')
  return undefined
}

/** How replicas are replaced: start-first wherever old and new can run side by side. */
export function updateOf(made: { obstacle: string | undefined; check: Check }, context: ServiceContext): UpdatePolicy {
  const config = context.file.deploy?.update_config
  const { obstacle, check } = made
  return present<UpdatePolicy>({
    order: config?.order ?? (obstacle === undefined ? 'start-first' : 'stop-first'),
    because: config?.order === undefined ? obstacle : undefined,
    parallelism: config?.parallelism ?? 1,
    maxFailureRatio: config?.max_failure_ratio || undefined,
    monitorMs: config?.monitor === undefined ? defaultMonitorMs(check) : durationMs(config.monitor),
  })
}

/** The time that a check needs to call a replica unhealthy. */
export function speakingMs(check: Check): number {
  return check === undefined || check === 'none' ? 0 : check.intervalMs * check.retries
}

function defaultMonitorMs(check: Check): number {
  return Math.max(SHORTEST_MONITOR_MS, speakingMs(check))
}
