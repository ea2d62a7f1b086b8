import { createHash } from 'node:crypto'
import { keylessContainer, keyOf, withoutSecretValues } from './keyless.ts'
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
 */
export function specHash(service: Service, imageReference: string): string {
  return hashOf(CURRENT, HASHES[CURRENT], service, imageReference)
}

/** Whether `spec` is the hash of that service; null when its version is not known here, as that of a newer Holdfast. */
export function isSpecOf(spec: string, service: Service, imageReference: string): boolean | null {
  const version = spec.slice(0, spec.indexOf(':'))
  const known = Object.entries(HASHES).find(([name]) => name === version)
  return known === undefined ? null : spec === hashOf(version, known[1], service, imageReference)
}

type Hash = (service: Service, imageReference: string) => string

/**
 * By version, which is in the label of every container. What a version hashes never changes: another one is added, and
 * old containers go on being compared by their own, or an upgrade would recreate every container.
 */
const HASHES = {
  v1: hashV1,
} satisfies Record<string, Hash>
const CURRENT: keyof typeof HASHES = 'v1'

function hashOf(version: string, hash: Hash, service: Service, imageReference: string): string {
  const known = hashed.get(service) ?? new Map<string, string>()
  hashed.set(service, known)
  const key = `${version}:${imageReference}`
  const spec = known.get(key) ?? `${version}:${hash(service, imageReference)}`
  known.set(key, spec)
  return spec
}

/** With secrets followed by the key that named them, and a hash that knows them by name alone: see `differsByKey`. */
function hashV1({ container }: Service, image: string): string {
  const hash = digestOf({ image, container: withoutSecretValues(container) })
  const key = keyOf([container])
  if (key === null) return hash
  return `${hash}:${key}:${digestOf({ image, container: keylessContainer(container) })}`
}

/** A pass compares every container with the same few services, which never change: each is hashed once. */
const hashed = new WeakMap<Service, Map<string, string>>()

/** Eight hex digits of a spec hash, for container names. */
export function hash8(spec: string): string {
  return spec.slice(spec.indexOf(':') + 1, spec.indexOf(':') + 9)
}
