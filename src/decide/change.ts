import { canonical } from '../model/hash.ts'
import { type Release, short } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Scene, TowardsRelease } from './desired.ts'
import { lasting } from './drift/drift.ts'
import { replaceWords } from './drift/words.ts'
import { imageOf, isUp, matches } from './match.ts'
import { isCutOff } from './sharing.ts'
import type { Slot } from './slots.ts'

/** Why a slot needs a new container, in the user's words. */
export function changeWords(scene: Scene, aim: TowardsRelease, slot: Slot): string {
  if (wasCutOff(scene, aim, slot)) return `shares the network of ${slot.provider?.service}, which was replaced`
  const before = scene.desired.stable?.stack.services[slot.service.name]
  const compose = slot.others.find((c) => c.adopted)
  if (compose) return `takes over from ${compose.actualName} of docker compose`
  if (aim.mode === 'mend') return mendWords(slot)
  if (aim.mode === 'back') return `back to stable release ${short(aim.release.digest)}`
  if (!before || !scene.desired.stable) return 'new service'
  if (slot.slot > before.replicas) return `replicas ${before.replicas} → ${slot.service.replicas}`
  const changes = serviceChanges(before, slot.service)
  const image = imageChange(scene.desired.stable, before, aim.release, slot.service)
  return [...(image ? [image] : []), ...changes].join(', ') || unchangedWords(slot.service)
}

function unchangedWords({ kind, always }: Service): string {
  if (kind === 'service') return 'its replica is missing'
  return always ? 'it runs with every release' : 'what ran last was another version of it'
}

/** All it needs a new container for is the network that it shares. */
function wasCutOff({ observed }: Scene, { release }: TowardsRelease, { service, slot, provider }: Slot): boolean {
  const here = observed.containers.filter((c) => c.service === service.name && c.slot === slot && isUp(c))
  return here.some((c) => matches(c, release) && isCutOff(c, provider))
}

function mendWords({ drift }: Slot): string {
  const differing = lasting(drift)
  return differing.length > 0 ? replaceWords(differing) : 'its replica is missing or sick'
}

/** The names of the container settings that differ; values are not shown, they may be secret. */
function serviceChanges(before: Service, after: Service): string[] {
  const keys = new Set([...Object.keys(before.container), ...Object.keys(after.container)])
  const value = (service: Service, key: string) =>
    canonical({ v: Object.entries(service.container).find(([k]) => k === key)?.[1] })
  const changed = [...keys].sort().filter((key) => value(before, key) !== value(after, key))
  const named = new Set(changed.map((key) => (key === 'secretEnvironment' ? 'environment' : key)))
  const ports = canonical(before.publish) === canonical(after.publish) ? [] : ['ports']
  const name = before.containerName === after.containerName ? [] : ['container_name']
  return [...named, ...name, ...ports].map((key) => `${key} changed`)
}

function imageChange(stable: Release, before: Service, release: Release, after: Service): string | null {
  if (before.image !== after.image) return `image ${before.image} → ${after.image}`
  return imageOf(stable, before) === imageOf(release, after) ? null : `image ${after.image} has new content`
}
