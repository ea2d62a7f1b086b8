import { type Engines, enginesOf } from '../engine/engines.ts'
import type { Settings } from '../settings/settings.ts'
import type { Adapters } from './adapters.ts'

/** The engines that the settings name, none of them asked yet. Throws a HoldfastError for an address that is none. */
export function openEngines(settings: Settings, adapters: Pick<Adapters, 'openEngine'>): Engines {
  const { instance, dockerConfig, pullTimeoutMs } = settings
  const targets = Object.entries(settings.targets())
  const open = targets.map(([name, { endpoint, traffic }]) => {
    return [name, adapters.openEngine({ endpoint, instance, dockerConfig, pullTimeoutMs, traffic })] as const
  })
  return enginesOf(Object.fromEntries(open))
}

/** Rejects with a HoldfastError when not one of the engines can be reached. */
export async function reachAny(engines: Engines): Promise<void> {
  const asked = engines.names().map((name) => engines.of(name).about())
  await Promise.any(asked).catch(({ errors }: AggregateError) => {
    throw errors[0]
  })
}
