import { stringify } from 'yaml'
import type { FileSet, Route, Service, Stack } from '../model/stack.ts'

const HIDDEN = '***'

/**
 * A stack as people may see it: what the manifest means, with files as text, and of secrets nothing but that they are
 * there. `hidden`: values that are shown nowhere, see `LoadedStack`.
 */
export function shown(stack: Stack, hidden: readonly string[]): unknown {
  const secrets = Object.keys(stack.files).filter((name) => stack.files[name]?.secret !== undefined)
  const files = Object.entries(stack.files).map(([name, set]) => [name, shownFiles(set)])
  // Their real names follow from their content by a key.
  const names = new Map(secrets.map((name, at) => [name, `${stack.name}_secret-${at + 1}`]))
  const services = Object.entries(stack.services).map(([name, service]) => [name, shownService(service)])
  const value = { ...stack, services: Object.fromEntries(services), files: Object.fromEntries(files) }
  return masked(value, (text) =>
    hidden.reduce((left, secret) => left.replaceAll(secret, HIDDEN), names.get(text) ?? text),
  )
}

export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}

function shownService({ container, ...service }: Service): unknown {
  const { secretEnvironment, environment, ...others } = container
  const secret = secretEnvironment?.names ?? {}
  const shown = Object.entries(environment).map(([key, value]) => [key, Object.hasOwn(secret, key) ? HIDDEN : value])
  const routes = service.routes === undefined ? {} : { routes: service.routes.map(shownRoute) }
  return { ...service, ...routes, container: { ...others, environment: Object.fromEntries(shown) } }
}

/** The name of a certificate follows from what it holds, too. */
function shownRoute({ certificate, ...route }: Route): unknown {
  return certificate === undefined ? route : { ...route, certificate: { ...certificate, name: undefined } }
}

function shownFiles({ contents, ...rest }: FileSet): unknown {
  const texts = Object.entries(contents).map(([path, content]) => {
    return [path, rest.secret === undefined ? textOf(content) : HIDDEN]
  })
  return { contents: Object.fromEntries(texts), ...rest }
}

function textOf(content: string): string {
  const bytes = Buffer.from(content, 'base64')
  try {
    return new TextDecoder('utf8', { fatal: true }).decode(bytes)
  } catch {
    return `${bytes.length} bytes that are no text`
  }
}

/** Every text in it, keys included, as `mask` leaves it. */
function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((one) => masked(one, mask))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, one]) => [
    mask(key),
    masked(key === 'secret' ? keyless(one) : one, mask),
  ])
  return Object.fromEntries(entries)
}

/** A mounted secret, without the key that its volume's name was made with. */
function keyless(secret: unknown): unknown {
  return secret !== null && typeof secret === 'object' && 'key' in secret ? { ...secret, key: undefined } : secret
}
