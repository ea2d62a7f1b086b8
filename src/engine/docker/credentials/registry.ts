/** Docker's own registry, by the name that stands for it in images. */
export const DEFAULT_REGISTRY = 'docker.io'

/**
 * The registry of an image, as the engine reads references: a first part with a dot, a colon or an upper-case letter,
 * or `localhost`, names one. Everything else is on Docker's own.
 */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const isNamed = rest.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost')
  if (!isNamed || first === 'index.docker.io') return DEFAULT_REGISTRY
  return first
}

/** The name under which Docker keeps the credential of a registry. */
export function keyOf(registry: string): string {
  return registry === DEFAULT_REGISTRY ? 'https://index.docker.io/v1/' : registry
}

/** The host of a key as older Dockers wrote it: `https://registry.example.com/v1/`. */
export function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
}
