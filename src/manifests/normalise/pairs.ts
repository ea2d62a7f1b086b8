import { keyedHash } from '../../model/keys.ts'
import { LABEL_PREFIX } from '../../model/labels.ts'
import type { ContainerSpec } from '../../model/stack.ts'
import { UNOPENED } from '../interpolate.ts'
import { type Path, pointer } from '../path.ts'
import { folderOf, resolvePath } from '../repository.ts'
import type { EnvFileEntry, Environment, Labels } from '../schema.generated.ts'
import { display } from '../shape.ts'
import { readEnvFile } from '../variables.ts'
import { namingKey, type ServiceContext } from './context.ts'

interface Pair {
  key: string
  /** Null: written without a value. */
  value: string | null
  path: Path
}

/** The environment of a service: env files in their order, then `environment`, the last wins. */
export function environmentOf(context: ServiceContext): Pick<ContainerSpec, 'environment' | 'secretEnvironment'> {
  const written = pairsOf(context.file.environment ?? {}, [...context.path, 'environment'], context)
  const all = new Map([...envFileVariables(context), ...written.flatMap((pair) => variableOf(pair, context))])
  const environment = Object.fromEntries([...all].map(([name, { value }]) => [name, value]))
  const secret = [...all].filter(([, { isSecret }]) => isSecret)
  if (secret.length === 0) return { environment }
  const { key, id } = namingKey(context)
  const names = secret.map(([name, { value }]) => [name, keyedHash(key, { [name]: value })])
  return { environment, secretEnvironment: { key: id, names: Object.fromEntries(names) } }
}

interface Variable {
  value: string
  isSecret: boolean
}

function variableOf({ key, value, path }: Pair, context: ServiceContext): [string, Variable][] {
  const { variables, secret } = context
  if (value !== null) return [[key, { value, isSecret: secret.has(pointer(path)) }]]
  const found = variables.get(key) ?? (variables.isOpen ? UNOPENED : undefined)
  if (found !== undefined) return [[key, { value: found, isSecret: variables.secret?.has(key) ?? false }]]
  const hint = "Write a value, or set the variable in the stack's .env or under x-holdfast.env."
  const shown = Array.isArray(context.file.environment) ? display(context.manifest, path) : `\`${key}\``
  const message = `The variable ${shown} has no value`
  context.report.error(context.manifest.at(path), 'variable-missing', message, hint)
  return []
}

/** The labels of a service; those under our own prefix are refused. */
export function labelsOf(context: ServiceContext): Record<string, string> {
  const pairs = pairsOf(context.file.labels ?? {}, [...context.path, 'labels'], context)
  for (const pair of pairs.filter(({ key }) => key.startsWith(LABEL_PREFIX))) {
    const message = `The label \`${pair.key}\` is reserved`
    context.report.error(
      context.manifest.keyAt(pair.path),
      'reserved-label',
      message,
      `Choose a name outside ${LABEL_PREFIX}*.`,
    )
  }
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value ?? '']))
}

function pairsOf(value: Environment | Labels, path: Path, context: ServiceContext): Pair[] {
  const pairs = Array.isArray(value)
    ? value.map((item, at) => listed(item, [...path, at]))
    : Object.entries(value).map(([key, member]) => ({ key, value: textOf(member), path: [...path, key] }))
  return pairs.filter((pair) => {
    if (pair.key !== '') return true
    context.report.error(
      context.manifest.at(pair.path),
      'wrong-value',
      'There is no name before the `=`',
      'Write NAME=value.',
    )
    return false
  })
}

function listed(item: string, path: Path): Pair {
  const at = item.indexOf('=')
  return at < 0 ? { key: item, value: null, path } : { key: item.slice(0, at), value: item.slice(at + 1), path }
}

function textOf(value: string | number | boolean | null): string | null {
  return value === null ? null : String(value)
}

function envFileVariables(context: ServiceContext): [string, Variable][] {
  const path = [...context.path, 'env_file']
  const value = context.file.env_file ?? []
  if (typeof value === 'string') return envFile(value, path, context)
  return value.flatMap((entry, at) => envFile(entry, [...path, at], context))
}

function envFile(entry: EnvFileEntry, path: Path, context: ServiceContext): [string, Variable][] {
  const { path: relative, required = true } = typeof entry === 'string' ? { path: entry } : entry
  const place = context.manifest.at(path)
  const found = relative.startsWith('/') ? null : resolvePath(folderOf(context.manifest.file), relative)
  if (found === null) {
    const hint = 'Name a file inside the repository, relative to the Compose file.'
    context.report.error(place, 'path-outside', 'The env file lies outside the repository', hint)
    return []
  }
  if (!required && !context.repository.has(found)) return []
  const { values, secret } = readEnvFile(found, place, context.variables, context)
  return [...values].map(([name, value]) => [name, { value, isSecret: secret.has(name) }])
}
