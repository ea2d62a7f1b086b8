import type { ContainerSpec, Mount, Service, Stack } from './stack.ts'

/** The container as it is under every key: secrets by their names alone, without what follows from their content. */
export function keylessContainer(container: ContainerSpec): unknown {
  const { secretEnvironment, ...others } = withoutSecretValues(container)
  const mounts = container.mounts.map(keylessMount)
  if (secretEnvironment === undefined) return { ...others, mounts }
  return { ...others, mounts, secretEnvironment: Object.keys(secretEnvironment.names).sort() }
}

/** The stack with its secrets by name alone, whatever they hold and whichever key their names were made with. */
export function keylessStack(stack: Stack): unknown {
  const files = Object.entries(stack.files).filter(([, set]) => set.secret === undefined)
  const services = Object.entries(eachContainer(stack, keylessContainer)).map(([name, service]) => {
    return [name, withoutCertificateNames(service)]
  })
  return { ...stack, services: Object.fromEntries(services), files: Object.fromEntries(files) }
}

/** Its routes without what names their certificates by what these hold. */
function withoutCertificateNames(service: KeylessService): unknown {
  const routes = service.routes?.map(({ certificate, ...route }) => {
    return certificate === undefined ? route : { ...route, certificate: { file: certificate.certificate } }
  })
  return routes === undefined ? service : { ...service, routes }
}

/** A service whose container lacks what a key has to do with. */
type KeylessService = Omit<Service, 'container'> & { container: unknown }

/** The stack without the content of its secrets. Names that follow from it stay: they change with the content. */
export function withoutContents(stack: Stack): unknown {
  const files = Object.entries(stack.files).map(([name, set]) => [name, set.secret ? { ...set, contents: {} } : set])
  return { ...stack, services: eachContainer(stack, withoutSecretValues), files: Object.fromEntries(files) }
}

/** The container without the values of secret variables; the names that follow from them stay. */
export function withoutSecretValues(container: ContainerSpec): ContainerSpec {
  const { secretEnvironment } = container
  if (secretEnvironment === undefined) return container
  const shown = Object.entries(container.environment).filter(([key]) => !Object.hasOwn(secretEnvironment.names, key))
  return { ...container, environment: Object.fromEntries(shown) }
}

/** Which key the secrets of these containers are named by; null when they have none. */
export function keyOf(containers: readonly ContainerSpec[]): string | null {
  const keys = containers.flatMap(({ mounts, secretEnvironment }) => {
    return [
      ...mounts.flatMap((mount) => secretOf(mount)?.key ?? []),
      ...(secretEnvironment ? [secretEnvironment.key] : []),
    ]
  })
  return keys[0] ?? null
}

function keylessMount(mount: Mount): unknown {
  const secret = secretOf(mount)
  return secret ? { ...mount, volume: '', secret: secret.name } : mount
}

function secretOf(mount: Mount) {
  return mount.kind === 'files' ? mount.secret : undefined
}

function eachContainer(
  { services }: Stack,
  change: (container: ContainerSpec) => unknown,
): Record<string, KeylessService> {
  const changed = Object.entries(services).map(([name, service]: [string, Service]) => {
    return [name, { ...service, container: change(service.container) }]
  })
  return Object.fromEntries(changed)
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
