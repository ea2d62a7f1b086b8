import type { ContainerSpec } from '../../model/stack.ts'
import type { ServiceFile } from '../schema.generated.ts'
import { display } from '../shape.ts'
import { insteadOf } from '../unsupported.ts'
import type { ServiceContext } from './context.ts'

/** What the engine refuses in a container that has the network of another one, beside networks and ports. */
const OF_THE_OTHER = ['hostname', 'dns', 'extra_hosts'] as const

const OWN_MODES = ['none', 'host'] as const

/** The service whose network this one shares; undefined when it has its own, or none. */
export function sharedWith(file: ServiceFile): string | undefined {
  return /^service:(.+)$/s.exec(file.network_mode ?? '')?.[1]
}

/** What replaces networks; undefined when the service joins networks as usual. */
export function networkModeOf(context: ServiceContext): ContainerSpec['networkMode'] {
  const { file } = context
  if (file.network_mode === undefined) return undefined
  const service = sharedWith(file)
  const own = OWN_MODES.find((mode) => mode === file.network_mode)
  if (service === undefined && own === undefined) return refuse(file.network_mode, context)
  refuseBeside('networks', 'Keep one of the two.', context)
  refuseBeside('ports', service === undefined ? 'Remove the ports.' : `Publish them on \`${service}\`.`, context)
  refuseProbe(context)
  refuseRoutes(service, context)
  if (service === undefined) return own
  for (const key of OF_THE_OTHER) refuseBeside(key, `Set it on \`${service}\`, whose network this is.`, context)
  return { service }
}

function refuse(mode: string, context: ServiceContext): undefined {
  const { manifest, report } = context
  const path = [...context.path, 'network_mode']
  const instead = insteadOf(path, mode.split(':')[0])
  const shown = display(manifest, path)
  if (instead !== undefined) {
    const message = `${shown} is not supported by this version as \`network_mode\``
    report.error(manifest.at(path), 'unsupported-value', message, instead)
  } else {
    const message = `${shown} is not a network mode`
    report.error(manifest.at(path), 'wrong-value', message, 'Write `none`, `host` or `service:<name>`.')
  }
  return undefined
}

/** A replica is asked at an address of its own. */
function refuseProbe({ file, manifest, report, path }: ServiceContext): void {
  if (file['x-holdfast']?.probe === undefined) return
  const place = manifest.keyAt([...path, 'x-holdfast', 'probe'])
  const message = '`probe` does not go with `network_mode`: the replica has no address of its own'
  report.error(place, 'conflicting-keys', message, 'Use `healthcheck`, which runs inside the container.')
}

/** Requests are sent to an address of its own. */
function refuseRoutes(service: string | undefined, { file, manifest, report, path }: ServiceContext): void {
  if (file['x-holdfast']?.routes === undefined) return
  const place = manifest.keyAt([...path, 'x-holdfast', 'routes'])
  const message = '`routes` do not go with `network_mode`: the replica has no address of its own'
  const hint = service === undefined ? 'Remove one of the two.' : `Give them to \`${service}\`, whose network this is.`
  report.error(place, 'conflicting-keys', message, hint)
}

function refuseBeside(
  key: 'networks' | 'ports' | (typeof OF_THE_OTHER)[number],
  hint: string,
  context: ServiceContext,
) {
  if (context.file[key] === undefined) return
  const place = context.manifest.keyAt([...context.path, key])
  context.report.error(place, 'conflicting-keys', `\`${key}\` does not go with \`network_mode\``, hint)
}
