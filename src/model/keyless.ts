import type { Mount, Stack } from './stack.ts'

/** The mount as it is under every key: a secret by its name alone, without what follows from its content. */
export function keylessMount(mount: Mount): unknown {
  if (mount.kind !== 'files' || mount.secret === undefined) return mount
  return { ...mount, volume: '', secret: mount.secret.name }
}

/** The stack with its secrets by name alone, whatever they hold and whichever key named their volumes. */
export function keylessStack(stack: Stack): unknown {
  const services = Object.entries(stack.services).map(([name, service]) => {
    const container = { ...service.container, mounts: service.container.mounts.map(keylessMount) }
    return [name, { ...service, container }]
  })
  const files = Object.entries(stack.files).filter(([, set]) => set.secret === undefined)
  return { ...stack, services: Object.fromEntries(services), files: Object.fromEntries(files) }
}

/** The stack without the content of its secrets. Names of their volumes stay: they change with the content. */
export function withoutContents(stack: Stack): Stack {
  const files = Object.entries(stack.files).map(([name, set]) => [name, set.secret ? { ...set, contents: {} } : set])
  return { ...stack, files: Object.fromEntries(files) }
}

/** Which key named the volumes of the secrets among these; null when there is none. */
export function keyOfMounts(mounts: readonly Mount[]): string | null {
  const secret = mounts.find((mount) => mount.kind === 'files' && mount.secret !== undefined)
  return secret?.kind === 'files' ? (secret.secret?.key ?? null) : null
}

/**
 * A spec hash in its parts. That of a service with secrets is `v1:<hash>:<key>:<plain>`: the key that its hash depends
 * on, and a hash without anything that depends on it.
 */
interface SpecParts {
  version: string
  key: string
  plain: string
}

/** Two spec hashes differ, but as far as can be told only because they were made with different keys. */
export function differsByKey(a: string, b: string): boolean {
  const [one, other] = [partsOf(a), partsOf(b)]
  if (one === null || other === null || one.key === other.key) return false
  return one.version === other.version && one.plain === other.plain
}

function partsOf(spec: string): SpecParts | null {
  const [version = '', , key, plain] = spec.split(':')
  return key === undefined || plain === undefined ? null : { version, key, plain }
}
