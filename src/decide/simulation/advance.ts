import type { SimulatedContainer, World } from './world.ts'

/** The engine waits so long before it restarts a container that died. */
const RESTART_DELAY_MS = 100
/** A job without a behaviour of its own takes so long. */
const JOB_MS = 500
/** A container with a health check and no behaviour of its own becomes healthy so soon. */
const HEALTHY_AFTER_MS = 500

/** Lets `ms` milliseconds pass: containers become healthy, sick, exit and are restarted as they behave. */
export function advance(world: World, ms: number): void {
  world.nowMs += ms
  for (const container of world.containers) live(world, container)
}

/** Marks a container as just started. */
export function begin(world: World, container: SimulatedContainer, atMs: number): void {
  world.serial += 1
  container.state = 'running'
  container.startedAt = `start-${world.serial}`
  container.startedMs = atMs
  container.upSinceMs = atMs
  container.health = container.check ? 'starting' : 'none'
  container.exitCode = 0
  container.forgotten = false
  live(world, container)
}

/** Marks a container as ended. */
export function end(world: World, container: SimulatedContainer, code: number, what: string): void {
  container.state = 'exited'
  container.exitCode = code
  container.health = container.check ? 'unhealthy' : 'none'
  interrupt(world, container, what)
}

export function interrupt(world: World, container: SimulatedContainer, what: string): void {
  // Nobody listens to what becomes of Compose's containers.
  if (container.adopted) return
  world.happened.push({ kind: 'interrupted', stack: container.stack, container: container.name, what })
}

function live(world: World, container: SimulatedContainer): void {
  if (container.state !== 'running') return
  const behaviour = world.behaviours.get(container.image) ?? {}
  const exit = behaviour.exit ?? (container.role === 'job' ? { afterMs: JOB_MS, code: 0 } : undefined)
  if (exit && world.nowMs - container.upSinceMs >= exit.afterMs) {
    die(world, container, exit)
    return
  }
  if (!container.check) return
  if (container.forgotten) return
  const before = container.health
  container.lastCheck = `${world.nowMs}`
  container.health = healthAfter(world.nowMs - container.upSinceMs, behaviour)
  if (before === 'healthy' && container.health === 'unhealthy') interrupt(world, container, 'became unhealthy')
}

function healthAfter(
  upForMs: number,
  {
    healthyAfterMs = HEALTHY_AFTER_MS,
    unhealthyAfterMs,
  }: { healthyAfterMs?: number | null; unhealthyAfterMs?: number },
): SimulatedContainer['health'] {
  if (unhealthyAfterMs !== undefined && upForMs >= unhealthyAfterMs) return 'unhealthy'
  return healthyAfterMs !== null && upForMs >= healthyAfterMs ? 'healthy' : 'starting'
}

/** What the engine does when a container dies: its restart policy decides. */
function die(world: World, container: SimulatedContainer, exit: { afterMs: number; code: number }): void {
  const diedAtMs = container.upSinceMs + exit.afterMs
  end(world, container, exit.code, `died with code ${exit.code}`)
  if (!isRestarted(container)) return
  container.restarts += 1
  // One restart a look is enough to be seen; a whole loop within one advance would only repeat it.
  begin(world, container, Math.max(diedAtMs + RESTART_DELAY_MS, world.nowMs - exit.afterMs + 1))
}

function isRestarted({ restart, exitCode, restarts }: SimulatedContainer): boolean {
  const [policy, most] = restart.split(':')
  if (policy === 'on-failure') return exitCode !== 0 && (most === undefined || restarts < Number(most))
  return policy === 'always' || policy === 'unless-stopped'
}
