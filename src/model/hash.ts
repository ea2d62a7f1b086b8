import { createHash } from 'node:crypto'
import { keylessMount, keyOfMounts } from './keyless.ts'
import type { Service } from './stack.ts'

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** SHA-256 of the canonical JSON, 64 hex digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/**
 * The versioned hash of what needs a new container when it changes: the container's spec and its image pin.
 * Replicas, update policy, restart policy and who publishes a port are left out: changing them restarts nothing.
 * A later version must keep understanding `v1`, or an upgrade would recreate every container.
 */
export function specHash(service: Service, imageReference: string): string {
  const known = hashed.get(service) ?? new Map<string, string>()
  hashed.set(service, known)
  const spec = known.get(imageReference) ?? hashAnew(service, imageReference)
  known.set(imageReference, spec)
  return spec
}

/** With secrets followed by the key that named them, and a hash that knows them by name alone: see `differsByKey`. */
function hashAnew({ container }: Service, image: string): string {
  const hash = `v1:${digestOf({ image, container })}`
  const key = keyOfMounts(container.mounts)
  if (key === null) return hash
  return `${hash}:${key}:${digestOf({ image, container: { ...container, mounts: container.mounts.map(keylessMount) } })}`
}

/** A pass compares every container with the same few services, which never change: each is hashed once. */
const hashed = new WeakMap<Service, Map<string, string>>()

/** Eight hex digits of a spec hash, for container names. */
export function hash8(spec: string): string {
  return spec.slice(spec.indexOf(':') + 1, spec.indexOf(':') + 9)
}
