import type { Desired } from './decide/desired.ts'
import { matches } from './decide/match.ts'
import type { Observed, ObservedContainer } from './model/observed.ts'
import type { HealthCheck, Probe } from './model/stack.ts'
import type { ProbedHealth, Prober } from './probe/prober.ts'

/**
 * The same look, with the health of replicas that have a probe filled in: from here on it counts like that of a health
 * check which the engine runs itself.
 */
export function withProbes<Seen extends Pick<Observed, 'containers'>>(
  seen: Seen,
  desired: Desired,
  prober: Prober,
): Seen {
  const probes = new Map(seen.containers.flatMap((container) => probeOf(container, desired)))
  const running = [...probes].filter(([{ state, address }]) => state === 'running' && address !== '')
  const replicas = running.map(([{ name, startedAt, address }, probe]) => ({
    ...{ container: name, startedAt, address, probe },
  }))
  const healths = prober.ask(desired.stack, replicas)
  const containers = seen.containers.map((container) => {
    const probe = probes.get(container)
    return probe ? probed(container, probe, healths.get(container.name)) : container
  })
  return { ...seen, containers }
}

/** That of the release the container is of; the same service may have another probe in another release. */
function probeOf(container: ObservedContainer, desired: Desired): [ObservedContainer, Probe][] {
  const releases = [desired.latest, desired.stable, desired.previous].flatMap((release) => release ?? [])
  const own =
    releases.find((release) => release.digest === container.release) ?? releases.find((r) => matches(container, r))
  const probe = own?.stack.services[container.service]?.probe
  return probe ? [[container, probe]] : []
}

function probed(container: ObservedContainer, probe: Probe, health: ProbedHealth | undefined): ObservedContainer {
  const { intervalMs, timeoutMs, retries, startPeriodMs } = probe
  const check: HealthCheck = { test: ['PROBE', probe.kind], intervalMs, timeoutMs, retries, startPeriodMs }
  if (!health) return { ...container, check }
  return {
    ...container,
    check,
    health: health.health,
    lastCheck: `${health.asked}`,
    complaint: health.complaint,
  }
}
