const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`)
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG_AND_DIGEST = /(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/

/**
 * Where an image comes from: registry and path in one spelling, such as `docker.io/library/nginx`. Null for what is not
 * the name of one in a registry, such as an id.
 */
export function imageSource(image: string): string | null {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(image)) return null
  const [host, path] = splitHost(image.replace(TAG_AND_DIGEST, ''))
  if (!HOST.test(host) || !PATH.test(path)) return null
  if (host !== DOCKER) return `${host}/${path}`
  return path.includes('/') ? `${DOCKER}/${path}` : `${DOCKER}/library/${path}`
}

/** Whether an image is written with the digest of its content. */
export function hasDigest(image: string): boolean {
  return /^[^@]+@sha256:[0-9a-f]{64}$/.test(image)
}

/** A registry, or the beginning of paths in one, in the same spelling; null when it is none. */
export function registryEntry(text: string): string | null {
  const entry = text.replace(/\/+$/, '')
  const at = entry.indexOf('/')
  const host = registryName(at < 0 ? entry : entry.slice(0, at))
  const path = at < 0 ? '' : entry.slice(at + 1)
  if (!isHost(host) || !HOST.test(host)) return null
  if (at < 0) return host
  return PATH.test(path) ? `${host}/${path}` : null
}

const DOCKER = 'docker.io'

/** As the engine tells them apart: without a host it is Docker's own registry. */
function splitHost(name: string): [host: string, path: string] {
  const at = name.indexOf('/')
  const first = name.slice(0, Math.max(0, at))
  return isHost(first) ? [registryName(first), name.slice(at + 1)] : [DOCKER, name]
}

function isHost(first: string): boolean {
  return /[.:A-Z]/.test(first) || first === 'localhost'
}

/** Names of hosts are the same in any case; Docker's own registry has two. */
function registryName(host: string): string {
  const name = host.toLowerCase()
  return name === 'index.docker.io' ? DOCKER : name
}
