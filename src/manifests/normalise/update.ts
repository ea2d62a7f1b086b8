import type { HealthCheck, Mount, UpdatePolicy } from '../../model/stack.ts'
import type { ServiceContext } from './context.ts'
import { volumeName } from './names.ts'
import type { PlacedPort } from './ports.ts'
import { durationMs } from './quantity.ts'

/** Shorter than this, a crash shortly after the start would go unnoticed. */
const SHORTEST_MONITOR_MS = 10_000

/** How replicas are replaced: start-first wherever old and new can run side by side. */
export function updateOf(
  made: { ports: PlacedPort[]; mounts: Mount[]; health: HealthCheck | 'none' | undefined },
  context: ServiceContext,
): UpdatePolicy {
  const config = context.file.deploy?.update_config
  const because = obstacleToOverlap(made, context)
  const technical = config?.order === undefined && because !== undefined
  return {
    order: config?.order ?? (because === undefined ? 'start-first' : 'stop-first'),
    ...(technical ? { because } : {}),
    parallelism: config?.parallelism ?? 1,
    monitorMs: config?.monitor === undefined ? defaultMonitorMs(made.health) : durationMs(config.monitor),
  }
}

/** Why old and new cannot run at the same time, in the user's words; undefined when they can. */
export function obstacleToOverlap(
  made: { ports: PlacedPort[]; mounts: Mount[] },
  context: ServiceContext,
): string | undefined {
  const [port] = made.ports
  const written = Object.keys(context.data.volumes ?? {}).find((key) => writes(made.mounts, volumeName(key, context)))
  const reasons = [
    ...(port === undefined ? [] : [`publishes port ${port.published} on the host`]),
    ...(written === undefined ? [] : [`writes to volume ${written}`]),
  ]
  return reasons.length === 0 ? undefined : reasons.join(' and ')
}

/** The time that a health check needs to call a replica unhealthy. */
export function speakingMs(health: HealthCheck | 'none' | undefined): number {
  return health === undefined || health === 'none' ? 0 : health.intervalMs * health.retries
}

function defaultMonitorMs(health: HealthCheck | 'none' | undefined): number {
  return Math.max(SHORTEST_MONITOR_MS, speakingMs(health))
}

function writes(mounts: Mount[], volume: string): boolean {
  return mounts.some((mount) => mount.kind === 'volume' && mount.volume === volume && !mount.readOnly)
}
