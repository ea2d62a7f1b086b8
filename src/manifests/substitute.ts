import { interpolate, type Variables } from './interpolate.ts'
import { type Path, pointer, readable } from './path.ts'
import type { Report } from './report.ts'
import type { Manifest } from './yaml.ts'

/** The data of a manifest after its variables were replaced. */
export interface Substituted {
  data: unknown
  /** JSON Pointers of values that are made of secrets. */
  secret: ReadonlySet<string>
}

/**
 * The manifest's data with variables replaced in every string value. Keys stay as they are, and so does what lies
 * under `x-` at the root: it means something only where an alias uses it, and there it is replaced. A secret is put only
 * where nothing shows it.
 */
export function substitute(manifest: Manifest, variables: Variables, report: Report): Substituted {
  const secret = new Set<string>()
  const shown = withoutSecrets(variables)
  function walk(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return replace(value, path)
    if (Array.isArray(value)) return value.map((item, at) => walk(item, [...path, at]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, isInert(path, key) ? member : walk(member, [...path, key])]),
    )
  }
  function replace(text: string, path: Path): string {
    if (!text.includes('$')) return text
    const result = interpolate(text, variables)
    for (const fault of result.faults) {
      report.error(manifest.within(path, fault.snippet), fault.code, fault.message, fault.hint)
    }
    if (!result.secret) return result.text
    if (mayHoldSecret(path) && !isSecretName(text, path, variables)) {
      secret.add(pointer(path))
      return result.text
    }
    const message = `\`${readable(path)}\` would show what is encrypted in git`
    report.error(manifest.at(path), 'secret-exposed', message, exposedHint(path))
    return interpolate(text, shown).text
  }
  return { data: walk(manifest.raw, []), secret }
}

function isInert(path: Path, key: string): boolean {
  return path.length === 0 && key.startsWith('x-') && key !== 'x-holdfast'
}

/** The environment of a service, the content of a config, and what variables are made of. */
function mayHoldSecret([section, name, key]: Path): boolean {
  if (section === 'services') return key === 'environment'
  return section === 'configs' ? key === 'content' : section === 'x-holdfast' && name === 'env'
}

/** `${NAME}=value` in a list: names are shown. */
function isSecretName(text: string, path: Path, variables: Variables): boolean {
  if (path[0] !== 'services' || typeof path.at(-1) !== 'number') return false
  return interpolate(text.split('=', 1)[0] ?? '', variables).secret
}

const IN_SHELL = ['command', 'entrypoint', 'test']

function exposedHint(path: Path): string {
  if (path.some((key) => IN_SHELL.includes(String(key)))) {
    return 'Give the service the variable under `environment`, and write `$$NAME` here for its shell to fill in.'
  }
  return 'A secret can stand in `environment`, or in the content of a config. What is none belongs in x-holdfast.env.'
}

function withoutSecrets(variables: Variables): Variables {
  const secret = variables.secret ?? new Set()
  return new Map([...variables].map(([name, value]) => [name, secret.has(name) ? 'secret' : value]))
}
