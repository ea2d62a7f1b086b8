import type { Happening, ObservedContainer } from '../model/observed.ts'
import type { Gate } from '../model/record.ts'
import { type Release, referencesOf } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { exitWords, gateFailure, healthyLimitMs } from './gate.ts'
import { matches } from './match.ts'
import { servicesOf } from './order.ts'
import { seconds } from './words.ts'

/** Something a release did wrong by itself. */
export interface Verdict {
  reason: string
  /** `<service>.<slot>`, where it concerns one. */
  slot?: string
  service?: string
  container?: string
}

/** Everything that speaks against the release: its images, its containers, its jobs, its slowness. */
export function findVerdicts(scene: Scene, aim: TowardsRelease): Verdict[] {
  return [
    ...missingImages(aim),
    ...scene.observed.happened.flatMap((happening) => refusedStep(scene, aim, happening)),
    ...scene.observed.containers.flatMap((container) => containerVerdict(scene, aim, container)),
    ...noProgress(scene, aim),
  ]
}

function missingImages({ release, mode }: TowardsRelease): Verdict[] {
  if (mode !== 'roll') return []
  return servicesOf(release).flatMap((service) => {
    const pin = release.pins[service.image]
    if (!pin || 'reference' in pin) return []
    return [{ service: service.name, reason: `image ${service.image} does not exist: ${pin.missing}` }]
  })
}

/** A step the engine refused because of what the release asks for. One of a release before it blames nobody now. */
function refusedStep(scene: Scene, { release }: TowardsRelease, happening: Happening): Verdict[] {
  if (happening.kind !== 'step-failed' || happening.fault !== 'release') return []
  const { step, reason } = happening
  if (!isOf(scene, release, step)) return []
  if (step.kind !== 'create' && step.kind !== 'start') return [{ reason }]
  return [{ slot: step.resource, service: serviceOf(step.resource), container: step.args.container, reason }]
}

/** The step brings in what the release asks for. Whatever else fails is trouble, and not for a verdict. */
function isOf(scene: Scene, release: Release, step: Step): boolean {
  const { networks, volumes, files } = release.stack
  if (step.kind === 'create') return step.args.release === release.digest
  if (step.kind === 'start')
    return scene.observed.containers.some((c) => c.name === step.args.container && matches(c, release))
  if (step.kind === 'pull-image') return referencesOf(release).includes(step.args.reference)
  return isBringing(step) && [networks, volumes, files].some((named) => Object.hasOwn(named, step.resource))
}

/** The kinds of step that can fail because of what a release asks for. */
export function isBringing({ kind }: Step): boolean {
  return kind === 'pull-image' || kind === 'create' || kind === 'start' || kind.startsWith('create-')
}

function containerVerdict(scene: Scene, aim: TowardsRelease, container: ObservedContainer): Verdict[] {
  const gate = scene.record.gates[container.name]
  const service = aim.release.stack.services[container.service]
  if (!gate || !service || !matches(container, aim.release)) return []
  if (scene.record.failedContainers.includes(container.name)) return []
  const what =
    container.role === 'job'
      ? jobFailure(scene, aim, container)
      : (gateFailure(container, gate) ?? (aim.mode === 'roll' && gate.passed ? lateFailure(container, gate) : null))
  if (!what) return []
  const slot = `${container.service}.${container.slot}`
  return [{ slot, service: container.service, container: container.name, reason: `${container.name}: ${what}` }]
}

/** A job fails by its exit code, or by taking longer than the rollout may stand still. */
function jobFailure(scene: Scene, aim: TowardsRelease, container: ObservedContainer): string | null {
  const gate = scene.record.gates[container.name]
  if (gate?.startedAt == null) return null
  if (container.state === 'exited' && container.exitCode !== 0) return exitWords(container)
  const limitMs = aim.release.stack.progressDeadlineMs
  const ranMs = gate.waitedMs + (gate.healthyMs ?? 0)
  return container.state !== 'exited' && ranMs >= limitMs ? `the job did not end within ${seconds(limitMs)}` : null
}

/** A replica that passed its gate in this rollout and broke before the release was stable. */
function lateFailure(container: ObservedContainer, gate: Gate): string | null {
  if (container.state === 'exited' || container.state === 'dead') return exitWords(container)
  if (container.health === 'unhealthy') return 'it became unhealthy again before the release was stable'
  return container.restarts > gate.restarts ? 'it died after its promotion, and the engine restarted it' : null
}

function noProgress(scene: Scene, aim: TowardsRelease): Verdict[] {
  const { rollout } = scene.record
  if (aim.mode !== 'roll' || rollout?.digest !== aim.release.digest) return []
  const limitMs = Math.max(aim.release.stack.progressDeadlineMs, longestWindowMs(scene, aim.release))
  if (rollout.idleMs < limitMs) return []
  return [{ reason: `no progress for ${seconds(limitMs)}` }]
}

/** The deadline must outlast the slowest gate, or a long start period would fail as idleness. */
function longestWindowMs(scene: Scene, release: Release): number {
  const monitor = (service: Service | undefined) => service?.update.monitorMs ?? 0
  const windows = scene.observed.containers.map(
    (c) => 2 * healthyLimitMs(c) + 2 * monitor(release.stack.services[c.service]),
  )
  return Math.max(0, ...windows)
}

function serviceOf(resource: string): string {
  return resource.slice(0, resource.lastIndexOf('.'))
}
