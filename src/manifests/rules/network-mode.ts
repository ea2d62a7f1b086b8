import { sharedWith } from '../normalise/network-mode.ts'
import type { MadeService } from '../normalise/service.ts'

/**
 * Rules about who shares whose network: exactly one replica with another one. That the other service exists is a rule
 * about dependencies, for it is one.
 */
export function checkSharedNetworks(services: readonly MadeService[]): void {
  const byName = new Map(services.map((made) => [made.service.name, made]))
  for (const made of services) {
    const name = sharedWith(made.context.file)
    const other = name === undefined ? undefined : byName.get(name)
    const obstacle = other === undefined ? undefined : obstacleBetween(made, other)
    if (obstacle !== undefined) refuse(obstacle, made)
  }
}

interface Obstacle {
  message: string
  hint: string
}

function obstacleBetween({ service }: MadeService, { service: other, context }: MadeService): Obstacle | undefined {
  const shared = sharedWith(context.file)
  if (other.kind === 'job') {
    return { message: `\`${other.name}\` is a job and ends`, hint: 'Share the network of a service.' }
  }
  if (shared !== undefined && shared !== service.name) {
    const message = `\`${other.name}\` itself shares the network of \`${shared}\``
    return { message, hint: `Write \`service:${shared}\`: it is the same network.` }
  }
  if (context.file.network_mode === 'host') {
    const message = `\`${other.name}\` itself uses the network of the host`
    return { message, hint: 'Write `network_mode: host`: it is the same network.' }
  }
  const many =
    [service, other].find(({ replicas }) => replicas > 1) ?? (service.replicas > other.replicas ? other : null)
  if (many === null) return undefined
  const hint = 'Use one replica of each: a container shares the network of one other.'
  return { message: `\`${many.name}\` has ${many.replicas} replicas`, hint }
}

function refuse({ message, hint }: Obstacle, { context }: MadeService): void {
  const { manifest, report, path } = context
  const place = manifest.at([...path, 'network_mode'])
  report.error(place, 'network-mode-impossible', `The network cannot be shared: ${message}`, hint)
}
