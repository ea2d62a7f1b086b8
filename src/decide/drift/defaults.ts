import { bytesText, type ImageConfig, NONE, textOf } from '../../model/fields.ts'
import type { ContainerSpec, HealthCheck } from '../../model/stack.ts'

/** As the engine merges them: an entry point of the service's own drops the image's command. */
export function mergedCommand(spec: ContainerSpec, image: ImageConfig): { entrypoint: string[]; command: string[] } {
  const own = spec.entrypoint ?? image.entrypoint
  // A single empty word takes the image's entry point away.
  const entrypoint = own.length === 1 && own[0] === '' ? [] : own
  const command = spec.command ?? []
  const replaced = (spec.entrypoint ?? []).length > 0
  return { entrypoint, command: command.length > 0 || replaced ? command : image.command }
}

/** The engine takes what the service's check leaves at zero from the image's. */
export function mergedCheck({ healthcheck }: ContainerSpec, image: ImageConfig): HealthCheck | null {
  const own = image.healthcheck
  if (healthcheck === 'none') return null
  if (healthcheck === undefined) return own && own.test[0] !== 'NONE' ? own : null
  return {
    test: healthcheck.test.length > 0 ? healthcheck.test : (own?.test ?? []),
    intervalMs: healthcheck.intervalMs || (own?.intervalMs ?? 0),
    timeoutMs: healthcheck.timeoutMs || (own?.timeoutMs ?? 0),
    retries: healthcheck.retries || (own?.retries ?? 0),
    startPeriodMs: healthcheck.startPeriodMs || (own?.startPeriodMs ?? 0),
  }
}

/** Where nothing is said the engine allows as much swap as memory; the number counts both. */
export function swapText({ memoryBytes = 0, memorySwapBytes }: ContainerSpec): string {
  return bytesText(memorySwapBytes || (memoryBytes > 0 ? memoryBytes * 2 : 0))
}

export function networkModeText({ networkMode, networks }: ContainerSpec): string {
  if (typeof networkMode === 'object') return 'service'
  if (networkMode === 'host') return 'host'
  return networkMode === NONE || networks.length === 0 ? NONE : 'networks'
}

/** A container that uses the network of another one has that one's names and name servers too. */
export function ownNetwork({ networkMode }: ContainerSpec, text: string): string | null {
  return typeof networkMode === 'object' ? null : text
}

/** One that uses the network of the host has the host's name, unless it is given another. */
export function hostnameText(spec: ContainerSpec): string | null {
  return spec.networkMode === 'host' && !spec.hostname ? null : ownNetwork(spec, textOf(spec.hostname))
}

export function entriesOf(values: Record<string, string>, isOne: (key: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => isOne(key)))
}
