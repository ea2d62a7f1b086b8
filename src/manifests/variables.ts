import { namesIn, parseEnvFile } from './env-file.ts'
import { interpolate, UNOPENED, type Variables } from './interpolate.ts'
import type { LoadOptions, TargetOptions } from './options.ts'
import { type Place, type Report, wholeFile } from './report.ts'
import type { Repository } from './repository.ts'
import type { Manifest } from './yaml.ts'

/** Where a stack's variables come from. */
export interface VariableSource {
  stack: string
  folder: string
  manifest: Manifest
  repository: Repository
  report: Report
  options: LoadOptions
}

/**
 * The stack's variables: its `.env`, then `x-holdfast.env`, then the target's own, the last wins. Never the process's
 * own environment.
 */
export function stackVariables(source: VariableSource): Variables {
  const own = new Map([['COMPOSE_PROJECT_NAME', source.stack]])
  const path = source.folder === '' ? '.env' : `${source.folder}/.env`
  const inFile = source.repository.has(path) ? readEnvFile(path, wholeFile(path), own, source) : NO_VALUES
  const fromFile = together(own, inFile)
  const extension = extensionEnv(source.manifest.raw).map(
    ([key, value]) => [key, interpolate(value, fromFile)] as const,
  )
  const variables = together(fromFile, {
    values: new Map(extension.map(([key, { text }]) => [key, text])),
    secret: new Set(extension.flatMap(([key, { secret }]) => (secret ? [key] : []))),
    isUnopened: false,
  })
  return withTarget(variables, source)
}

/** Those of the target win. It is named by the others. */
function withTarget(variables: Variables, source: VariableSource): Variables {
  const { raw } = source.manifest
  const { env = {} } = targetOf(raw, variables, source.options)
  const all = together(variables, { ...NO_VALUES, values: new Map(Object.entries(env)) })
  if (targetNameOf(raw, all) !== targetNameOf(raw, variables)) refuseCircle(source)
  return all
}

/** Variables of one origin. */
interface EnvValues {
  values: ReadonlyMap<string, string>
  /** Those that hold secrets. */
  secret: ReadonlySet<string>
  /** They are not all there: what they stand in is encrypted, and was not opened. */
  isUnopened: boolean
}

const NO_VALUES: EnvValues = { values: new Map(), secret: new Set(), isUnopened: false }

/** The later ones win, also in whether they are secret. */
function together(earlier: Variables, { values, secret, isUnopened }: EnvValues): Variables {
  const kept = [...(earlier.secret ?? [])].filter((name) => !values.has(name))
  const all = { secret: new Set([...kept, ...secret]), isOpen: isUnopened || (earlier.isOpen ?? false) }
  return Object.assign(new Map([...earlier, ...values]), all)
}

/** What the settings say of the target that a manifest names; nothing of one that they do not know. */
export function targetOf(raw: unknown, variables: Variables, { targets = {} }: LoadOptions): TargetOptions {
  const name = targetNameOf(raw, variables)
  return Object.hasOwn(targets, name) ? (targets[name] ?? {}) : {}
}

function targetNameOf(raw: unknown, variables: Variables): string {
  const named = member(member(raw, 'x-holdfast'), 'target')
  return typeof named === 'string' ? interpolate(named, variables).text : ''
}

function refuseCircle({ manifest, report }: VariableSource): void {
  const place = manifest.at(['x-holdfast', 'target'])
  const message = '`x-holdfast.target` takes a variable that the target itself sets'
  report.error(place, 'wrong-value', message, 'Write the name of the target.')
}

/** The variables of one env file of the repository; problems in its lines are reported there, others at `place`. */
export function readEnvFile(
  path: string,
  place: Place,
  variables: Variables,
  source: Pick<VariableSource, 'repository' | 'report'>,
): EnvValues {
  const content = source.repository.secretContent(path, place, source.report)
  if (content === null) return NO_VALUES
  const text = new TextDecoder().decode(content.bytes)
  if (content.state === 'unopened') return namesOnly(text)
  const { values, secret, faults } = parseEnvFile(text, variables, content.state === 'opened')
  for (const fault of faults) {
    const at: Place = { file: path, line: fault.line, column: 1, excerpt: '' }
    source.report.error(at, fault.code, fault.message, fault.hint)
  }
  return { values, secret, isUnopened: false }
}

/** SOPS leaves the names readable; of a file that is encrypted whole nothing is known. */
function namesOnly(text: string): EnvValues {
  const names = /^sops_mac=/m.test(text) ? namesIn(text) : []
  return {
    values: new Map(names.map((name) => [name, UNOPENED])),
    secret: new Set(names),
    isUnopened: names.length === 0,
  }
}

/** Faults in these values are reported with all others, when the whole manifest is interpolated. */
function extensionEnv(raw: unknown): [string, string][] {
  const env = member(member(raw, 'x-holdfast'), 'env')
  if (env === null || typeof env !== 'object' || Array.isArray(env)) return []
  return Object.entries(env).flatMap(([key, value]) => (isScalar(value) ? [[key, String(value)]] : []))
}

function member(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
