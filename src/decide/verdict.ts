import type { ObservedContainer } from '../model/observed.ts'
import type { Gate } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Scene, TowardsRelease, Verdict } from './desired.ts'
import { exitWords, gateFailure, healthyLimitMs, isSick } from './gate.ts'
import { jobRanMs } from './jobs.ts'
import { isUp, matches } from './match.ts'
import { servicesOf } from './order.ts'
import { downForIt, refusedStep } from './refusal.ts'
import { hasLostNetwork } from './sharing.ts'
import { slotOf } from './step.ts'
import { REACH_WITHIN_MS } from './traffic/arriving.ts'
import { seconds } from './words.ts'

/** Everything that speaks against the release: its images, its containers, its jobs, its slowness. */
export function findVerdicts(scene: Scene, aim: TowardsRelease): Verdict[] {
  return [
    ...missingImages(aim),
    ...scene.observed.happened.flatMap((happening) => refusedStep(scene, aim, happening)),
    ...scene.observed.happened.flatMap((happening) => downForIt(scene, aim, happening)),
    ...scene.observed.containers.flatMap((container) => containerVerdict(scene, aim, container)),
    ...noProgress(scene, aim),
  ]
}

function missingImages({ release, mode }: TowardsRelease): Verdict[] {
  if (mode !== 'roll' && mode !== 'pause') return []
  return servicesOf(release).flatMap((service) => {
    const pin = release.pins[service.image]
    if (!pin || 'reference' in pin) return []
    return [{ service: service.name, reason: `image ${service.image} does not exist: ${pin.missing}` }]
  })
}

function containerVerdict(scene: Scene, aim: TowardsRelease, container: ObservedContainer): Verdict[] {
  const gate = scene.record.gates[container.name]
  const service = aim.release.stack.services[container.service]
  if (!gate || !service || !matches(container, aim.release)) return []
  if (scene.record.failedContainers.includes(container.name)) return []
  if (hasLostNetwork(container, scene) && (gate.passed || isUp(container))) return []
  const what =
    container.role === 'job'
      ? jobFailure(scene, aim, container)
      : (gateFailure(container, gate) ??
        deafFailure(scene, container) ??
        (aim.mode === 'roll' && gate.passed ? lateFailure(container, gate) : null))
  if (!what) return []
  const slot = slotOf(container)
  return [{ slot, service: container.service, container: container.name, reason: `${container.name}: ${what}` }]
}

/** A job fails by its exit code, or by taking longer than the rollout may stand still. */
function jobFailure(scene: Scene, aim: TowardsRelease, container: ObservedContainer): string | null {
  const gate = scene.record.gates[container.name]
  if (gate?.startedAt == null) return null
  if (container.state === 'exited' && container.exitCode !== 0) return exitWords(container)
  const limitMs = aim.release.stack.progressDeadlineMs
  return container.state !== 'exited' && jobRanMs(scene.record, container) >= limitMs
    ? `the job did not end within ${seconds(limitMs)}`
    : null
}

/** It is healthy, but does not listen where the replica before it does. */
function deafFailure({ record, observed }: Scene, { name }: ObservedContainer): string | null {
  if ((record.unreached?.[name] ?? 0) < REACH_WITHIN_MS) return null
  const up = observed.traffic?.reached[name]?.up ?? []
  const places = Object.entries(observed.traffic?.listed[name]?.requests ?? {}).filter(([entry]) => !up.includes(entry))
  const ports = [...new Set(places.map(([, { port }]) => port))].join(', ')
  return `nothing answers at its port ${ports}, where the replica before it does; the gateway tried for ${seconds(REACH_WITHIN_MS)}`
}

/** A replica that passed its gate in this rollout and broke before the release was stable. */
function lateFailure(container: ObservedContainer, gate: Gate): string | null {
  if (container.state === 'exited' || container.state === 'dead') return exitWords(container)
  if (isSick(container)) return 'it became unhealthy again before the release was stable'
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
