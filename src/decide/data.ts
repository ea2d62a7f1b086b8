import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Aim, Scene } from './desired.ts'
import { wasStarted } from './gate.ts'
import { matches } from './match.ts'
import { servicesOf } from './order.ts'

/**
 * Remembers what a rollout did to data: a job ran, or a service that writes where the stable release keeps data was
 * started on its new version. Going back undoes neither, and a release that takes over in the middle inherits it.
 */
export function noteData({ desired, observed, record }: Scene, aim: Aim): StackRecord {
  const { stable } = desired
  if (!record.rollout || !stable || aim.mode === 'remove' || aim.mode === 'hold') return record
  const started = observed.containers.filter((c) => wasStarted(record.gates[c.name]))
  const news = started.flatMap((c) => changeOfData(c, aim.release, stable) ?? [])
  const data = [...new Set([...(record.rollout.data ?? []), ...news])]
  return data.length === 0 ? record : { ...record, rollout: { ...record.rollout, data } }
}

/** `data did not go back: migrate ran`, or nothing. */
export function dataWords(data: string[] | undefined): string[] {
  return data ? [`data did not go back: ${data.join(', ')}`] : []
}

/** It writes to a volume or folder that the stable release writes to as well. */
export function writesData(service: Service, stable: Release): boolean {
  const kept = new Set(servicesOf(stable).flatMap(written))
  return written(service).some((place) => kept.has(place))
}

function changeOfData(container: ObservedContainer, release: Release, stable: Release): string | null {
  if (container.role === 'job') return `${container.service} ran`
  const service = release.stack.services[container.service]
  if (!service || matches(container, stable) || !writesData(service, stable)) return null
  return `${container.service} started on its new version`
}

function written({ container }: Service): string[] {
  return container.mounts.flatMap((mount) => {
    if (mount.kind === 'volume' && !mount.readOnly) return [mount.volume]
    return mount.kind === 'bind' && !mount.readOnly ? [mount.source] : []
  })
}
