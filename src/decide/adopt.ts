import type { Observed, ObservedContainer, ObservedResource } from '../model/observed.ts'
import type { Adoption, StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Desired, Scene } from './desired.ts'
import { isUp } from './match.ts'

/**
 * Takes containers of Docker Compose in among those that decisions are about, as far as a person consented. Until the
 * adopting release is stable they are what it replaces; afterwards only those that it replaced are ours to remove, and
 * one that runs again was started by somebody and is left alone. `compose` then holds the others.
 */
export function admit({ desired, observed, record }: Scene): Scene {
  const before = withCompletion(desired, observed, record)
  const admitted = observed.compose.filter((c) => isAdmitted(desired, before, c))
  const isLeft = (name: string) => admitted.every(({ actualName }) => actualName !== name)
  return {
    desired,
    observed: {
      ...observed,
      containers: [...observed.containers, ...admitted],
      compose: observed.compose.filter((c) => !admitted.includes(c)),
      takenNames: observed.takenNames.filter(isLeft),
      takenPorts: observed.takenPorts.filter(({ holder }) => isLeft(holder)),
    },
    record: noteTaken(before, observed, admitted),
  }
}

/** What Compose ran was replaced and is down: from now on it is foreign again, should somebody start it. */
function withCompletion(desired: Desired, { compose }: Observed, record: StackRecord): StackRecord {
  const { adoption, stable, rollout } = record
  if (!adoption || adoption.by !== null || stable === null || rollout !== null) return record
  if (desired.latest?.digest !== stable || compose.some((c) => isUp(c) && isWanted(desired, c))) return record
  return { ...record, adoption: { ...adoption, by: stable } }
}

function isAdmitted(desired: Desired, { adoption, down }: StackRecord, container: ObservedContainer): boolean {
  if (!adoption || down) return false
  if (adoption.by !== null) return adoption.containers[container.id]?.touched === true && !isUp(container)
  return !desired.gone && isWanted(desired, container)
}

/** The release has a service of that name. */
function isWanted({ latest, rolling }: Desired, { service }: ObservedContainer): boolean {
  return (latest ?? rolling)?.stack.services[service]?.kind === 'service'
}

/** Remembers what each was before it is touched; whatever is gone is forgotten. */
function noteTaken(record: StackRecord, { compose }: Observed, admitted: ObservedContainer[]): StackRecord {
  const { adoption } = record
  if (!adoption) return record
  const known = Object.entries(adoption.containers).filter(([id]) => compose.some((c) => c.id === id))
  const fresh = admitted.filter((c) => isUp(c) && !adoption.containers[c.id])
  const taken = fresh.map((c) => [c.id, { name: c.actualName, restart: c.restart }] as const)
  return { ...record, adoption: { ...adoption, containers: Object.fromEntries([...known, ...taken]) } }
}

/** Networks and volumes that are not ours and may be used as they are: consented to, or in use by containers of ours. */
export function isAdoptable({ desired, observed, record }: Scene, resource: ObservedResource): boolean {
  if (resource.ofAnother) return false
  if (record.adoption?.by === null) return true
  const ours = observed.containers.filter((c) => !c.adopted)
  if (ours.some((c) => c.volumes.includes(resource.name) || c.attached[resource.name] !== undefined)) return true
  return record.adoption !== undefined && isOf(desired.stable, resource)
}

function isOf(release: Release | null, { name }: ObservedResource): boolean {
  return release !== null && (Object.hasOwn(release.stack.networks, name) || Object.hasOwn(release.stack.volumes, name))
}

/** What `holdfast adopt` would take over for the release, by name. */
export function foreignTo(release: Release, observed: Pick<Observed, 'networks' | 'volumes' | 'compose'>): string[] {
  const { networks, volumes, services } = release.stack
  const isForeign = (wanted: Record<string, { external: boolean }>) => (found: ObservedResource) =>
    !found.ours && !found.ofAnother && wanted[found.name]?.external === false
  return [
    ...observed.networks.filter(isForeign(networks)).map(({ name }) => `network ${name}`),
    ...observed.volumes.filter(isForeign(volumes)).map(({ name }) => `volume ${name}`),
    ...observed.compose
      .filter((c) => isUp(c) && services[c.service]?.kind === 'service')
      .map(({ actualName }) => `container ${actualName}`),
  ]
}

/** What Compose runs beside us: of services of the release, and of others. */
export function besides(
  { observed }: Scene,
  release: Release,
): { same: ObservedContainer[]; others: ObservedContainer[] } {
  const up = observed.compose.filter(isUp)
  const isSame = (c: ObservedContainer) => release.stack.services[c.service] !== undefined
  return { same: up.filter(isSame), others: up.filter((c) => !isSame(c)) }
}

/** A person consents to taking over what Compose made. */
export function consent(record: StackRecord): StackRecord {
  const adoption: Adoption = { by: null, containers: record.adoption?.containers ?? {} }
  return { ...record, adoption }
}
