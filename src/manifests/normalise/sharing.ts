import type { ContainerSpec, Mount, NetworkAttachment } from '../../model/stack.ts'
import { writtenBind } from './binds.ts'
import type { ServiceContext } from './context.ts'
import { volumeName } from './names.ts'
import type { PlacedPort } from './ports.ts'

/** What a replica holds that no second one can hold at the same time. */
export interface Holdings {
  ports: readonly PlacedPort[]
  spec: Pick<ContainerSpec, 'mounts' | 'networks' | 'networkMode' | 'devices'>
}

/** Why old and new cannot run at the same time, in the user's words; undefined when they can. */
export function obstacleToOverlap({ ports, spec }: Holdings, context: ServiceContext): string | undefined {
  const reasons = [
    portReason(ports),
    volumeReason(spec.mounts, context),
    bindReason(spec.mounts, context),
    nameReason(context),
    addressReason(spec.networks),
    networkReason(spec.networkMode),
    deviceReason(spec.devices),
  ].filter((reason) => reason !== undefined)
  return enumerated(reasons)
}

/** `a`, `a and b`, `a, b and c`. */
function enumerated(reasons: readonly string[]): string | undefined {
  const before = reasons.slice(0, -1).join(', ')
  return before === '' ? reasons.at(-1) : `${before} and ${reasons.at(-1)}`
}

/** The gateway takes TCP ports upon itself, where there is one; who publishes them is decided when it is known. */
function portReason(ports: readonly PlacedPort[]): string | undefined {
  const udp = ports.find(({ protocol }) => protocol === 'udp')
  return udp && `publishes the UDP port ${udp.published} on the host`
}

function volumeReason(mounts: readonly Mount[], context: ServiceContext): string | undefined {
  const keys = Object.keys(context.data.volumes ?? {})
  const written = keys.find((key) => writes(mounts, volumeName(key, context)))
  return written === undefined ? undefined : `writes to volume ${written}`
}

function writes(mounts: readonly Mount[], volume: string): boolean {
  return mounts.some((mount) => mount.kind === 'volume' && mount.volume === volume && !mount.readOnly)
}

function bindReason(mounts: readonly Mount[], context: ServiceContext): string | undefined {
  const [written] = mounts.flatMap((mount) => (isWritten(mount) ? [mount.source] : []))
  return written === undefined ? undefined : `writes to ${writtenBind(written, context)}`
}

/** Many may talk through one socket at the same time. */
function isWritten(mount: Mount): mount is Extract<Mount, { kind: 'bind' }> {
  return mount.kind === 'bind' && !mount.readOnly && !mount.source.endsWith('.sock')
}

function nameReason({ file }: ServiceContext): string | undefined {
  return file.container_name === undefined ? undefined : `is called ${file.container_name} (container_name)`
}

function addressReason(networks: readonly NetworkAttachment[]): string | undefined {
  const [address] = networks.flatMap((joined) => joined.address ?? [])
  return address === undefined ? undefined : `has the fixed address ${address}`
}

function networkReason(mode: ContainerSpec['networkMode']): string | undefined {
  if (mode === 'host') return 'uses the network of the host'
  return typeof mode === 'object' ? `shares the network of ${mode.service}` : undefined
}

function deviceReason(devices: ContainerSpec['devices']): string | undefined {
  return devices?.[0] && `uses the device ${devices[0].source}`
}
