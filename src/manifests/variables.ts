import { parseEnvFile } from './env-file.ts'
import { interpolate, type Variables } from './interpolate.ts'
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
  const variables = new Map([['COMPOSE_PROJECT_NAME', source.stack]])
  const path = source.folder === '' ? '.env' : `${source.folder}/.env`
  if (source.repository.has(path)) {
    const place = wholeFile(path)
    for (const [key, value] of readEnvFile(path, place, variables, source)) variables.set(key, value)
  }
  const fromFile = new Map(variables)
  for (const [key, value] of extensionEnv(source.manifest.raw)) {
    const result = interpolate(value, fromFile)
    variables.set(key, result.text)
  }
  const { raw } = source.manifest
  const target = targetNameOf(raw, variables)
  const { env = {} } = targetOf(raw, variables, source.options)
  for (const [key, value] of Object.entries(env)) variables.set(key, value)
  if (targetNameOf(raw, variables) !== target) refuseCircle(source)
  return variables
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
): ReadonlyMap<string, string> {
  const bytes = source.repository.content(path, place, source.report)
  if (bytes === null) return new Map()
  const { values, faults } = parseEnvFile(new TextDecoder().decode(bytes), variables)
  for (const fault of faults) {
    const at: Place = { file: path, line: fault.line, column: 1, excerpt: '' }
    source.report.error(at, fault.code, fault.message, fault.hint)
  }
  return values
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
