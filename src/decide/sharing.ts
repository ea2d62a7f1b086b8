import type { Observed, ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Service } from '../model/stack.ts'
import type { Scene } from './desired.ts'
import { isUp } from './match.ts'

/** The service whose network this one uses; null when it has its own, or none. */
export function providerName({ container: { networkMode } }: Service): string | null {
  return typeof networkMode === 'object' ? networkMode.service : null
}

/** It uses the network of a container other than the one that is in place now: it has to be replaced. */
export function isCutOff(container: ObservedContainer, provider: ObservedContainer | null): boolean {
  return provider !== null && container.networkOf !== provider.id
}

/**
 * The container whose network it uses was started again after it: what it holds is the network of that container's
 * earlier run, which leads nowhere. By the engine's clock; and where that was set back, a start that we made on top of
 * this very run counts, so that no clock can make us start it again and again.
 */
export function isStranded(container: ObservedContainer, observed: Observed, record: StackRecord): boolean {
  const provider = providerOf(container, observed)
  if (!provider || !isUp(provider) || record.joined?.[container.name] === provider.startedAt) return false
  return (provider.startedMs ?? 0) > (container.startedMs ?? 0)
}

/** The network it uses leads nowhere, or its container is down: what it does now is not its own doing. */
export function hasLostNetwork(container: ObservedContainer, { observed, record }: Scene): boolean {
  if (container.networkOf === '') return false
  const provider = providerOf(container, observed)
  return !provider || !isUp(provider) || isStranded(container, observed, record)
}

/** On top of which run of the other container each one was started last, those that are started now included. */
export function noteJoined(record: StackRecord, starting: string[], observed: Observed): StackRecord {
  const joined = Object.entries(record.joined ?? {}).filter(([name]) =>
    observed.containers.some((c) => c.name === name),
  )
  const joining = observed.containers
    .filter(({ name }) => starting.includes(name))
    .flatMap((c) => {
      const provider = providerOf(c, observed)
      return provider ? [[c.name, provider.startedAt] as const] : []
    })
  const all = [...joined, ...joining]
  return all.length === 0 && !record.joined ? record : { ...record, joined: Object.fromEntries(all) }
}

function providerOf({ networkOf }: ObservedContainer, { containers }: Observed): ObservedContainer | undefined {
  return networkOf === '' ? undefined : containers.find(({ id }) => id === networkOf)
}
