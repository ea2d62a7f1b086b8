import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { ProblemCode } from './codes.ts'
import { fromPointer, type Path, readable } from './path.ts'
import { policySchema } from './policy/schema.generated.ts'
import type { Place, Report } from './report.ts'
import { repositorySchema, stackSchema } from './schema.generated.ts'
import { closest } from './suggest.ts'
import { insteadOf, unsupportedIn } from './unsupported.ts'
import type { Manifest } from './yaml.ts'

/** What is known of the schema at the place of an error. */
interface SchemaPart {
  description?: string
  type?: string | string[]
  properties?: Record<string, unknown>
  enum?: unknown[]
}

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true, strictTypes: false })

// Settings refer to it.
ajv.addSchema(policySchema)

/** Tells whether data are as a schema says; `errors` are of the last that were not. */
export interface Validate {
  (data: unknown): boolean
  errors?: ErrorObject[] | null
}

export const validateStack = compileSchema(stackSchema)
export const validateRepository = compileSchema(repositorySchema)

/** A schema made ready for `checkShape`, once it is needed: it takes longer than all else that most commands do. */
export function compileSchema(schema: object): Validate {
  let compiled: ValidateFunction | null = null
  const validate: Validate = (data) => {
    compiled ??= ajv.compile(schema)
    const isValid = compiled(data)
    validate.errors = compiled.errors ?? null
    return isValid
  }
  return validate
}

/** What describes every key of a manifest; other files have guides of their own. */
const GUIDE = 'docs/manifests.md'

/**
 * Reports everything that the schema refuses, and returns the paths of values that cannot be worked with.
 * Keys that should not be there do no harm to the rest and are not among them.
 */
export function checkShape(
  data: unknown,
  manifest: Manifest,
  validate: Validate,
  report: Report,
  guide = GUIDE,
): Path[] {
  if (validate(data)) return []
  const bad: Path[] = []
  for (const error of validate.errors ?? []) {
    const path = fromPointer(error.instancePath)
    if (error.keyword === 'additionalProperties') reportKey(path, error, manifest, report, guide)
    else if (reportValue(path, error, manifest, report, guide)) bad.push(blamed(path, error))
  }
  return bad
}

/** A name that cannot be one spoils its own entry, not the whole section. */
function blamed(path: Path, error: ErrorObject): Path {
  return error.keyword === 'propertyNames' ? [...path, String(error.params['propertyName'])] : path
}

function reportKey(path: Path, error: ErrorObject, manifest: Manifest, report: Report, guide: string): void {
  const key = String(error.params['additionalProperty'])
  const place = manifest.keyAt([...path, key])
  const instead = insteadOf([...path, key])
  if (instead !== undefined) {
    report.error(place, 'unsupported-key', `\`${key}\` is not supported by this version`, instead)
    return
  }
  const known = Object.keys(schemaOf(error).properties ?? {})
  const similar = closest(key, [...known, ...unsupportedIn(path)])
  const where = path.length === 0 ? 'at the top level' : `in ${readable(path)}`
  const hint = similar === undefined ? knownKeys(known, guide) : `Did you mean \`${similar}\`?`
  report.error(place, 'unknown-key', `\`${key}\` is not a key ${where}`, hint)
}

function knownKeys(known: string[], guide: string): string {
  if (known.length === 0) return 'Remove it.'
  const keys = known.length > 12 ? `${guide} lists the keys.` : `Keys here: ${known.join(', ')}.`
  return `Remove it. ${keys}`
}

/** One finding of ajv and how the value is called and shown to people. */
interface Refusal {
  error: ErrorObject
  path: Path
  name: string
  shown: string
  place: Place
  hint: string
  manifest: Manifest
}

type Finding = [place: Place, code: ProblemCode, message: string, hint: string]

/** How each keyword of the schema is put into words; null where ajv repeats a finding. */
const WORDS: Readonly<Record<string, (refusal: Refusal) => Finding | null>> = {
  type: wrongType,
  required: missingKey,
  enum: wrongChoice,
  propertyNames: wrongName,
  minimum: (refusal) => outOfBounds('at least', refusal),
  maximum: (refusal) => outOfBounds('at most', refusal),
  minProperties: ({ place, name, hint }) => [place, 'missing-key', `${name} is empty`, hint],
  pattern: wrongText,
  minLength: wrongText,
}

/** Returns whether something was reported. */
function reportValue(path: Path, error: ErrorObject, manifest: Manifest, report: Report, guide: string): boolean {
  const name = path.length === 0 ? 'The file' : `\`${readable(path)}\``
  const hint = schemaOf(error).description ?? `See ${guide}.`
  const refusal: Refusal = {
    ...{ error, path, name, hint, manifest },
    ...{ shown: display(manifest, path), place: manifest.at(path) },
  }
  const words = WORDS[error.keyword] ?? otherwise
  const finding = words(refusal)
  if (finding !== null) report.error(...finding)
  return finding !== null
}

function otherwise({ place, name, error, hint }: Refusal): Finding {
  return [place, 'wrong-value', `${name} ${error.message ?? 'is wrong'}`, hint]
}

function wrongType({ place, name, error, hint }: Refusal): Finding {
  const message = `${name} must be ${typeWords(schemaOf(error).type)}, not ${kindOf(error.data)}`
  return [place, 'wrong-type', message, hint]
}

function missingKey({ place, path, name, error, hint, manifest }: Refusal): Finding {
  const message = `${name} lacks \`${String(error.params['missingProperty'])}\``
  return [path.length === 0 ? place : manifest.keyAt(path), 'missing-key', message, hint]
}

function wrongChoice({ place, path, name, shown, error, hint }: Refusal): Finding {
  const value = String(error.data)
  const instead = insteadOf(path, value) ?? insteadOf(path, value.replace(/:.*$/s, ''))
  if (instead !== undefined) {
    return [place, 'unsupported-value', `${shown} is not supported by this version as ${name}`, instead]
  }
  const words = (schemaOf(error).enum ?? []).map(String)
  const similar = closest(String(error.data), words)
  const advice = similar === undefined ? hint : `Did you mean \`${similar}\`?`
  return [place, 'wrong-value', `${name} must be one of ${words.join(', ')}, not ${shown}`, advice]
}

function wrongName({ path, error, manifest }: Refusal): Finding {
  const key = String(error.params['propertyName'])
  const where = path.length === 0 ? 'here' : `in ${readable(path)}`
  const hint =
    'Use letters, digits, dot, dash and underscore, and start with a letter or digit; stack names have no capitals and no dots.'
  return [manifest.keyAt([...path, key]), 'wrong-value', `\`${key}\` cannot be a name ${where}`, hint]
}

function outOfBounds(words: string, { place, name, shown, error, hint }: Refusal): Finding {
  return [place, 'wrong-value', `${name} must be ${words} ${String(error.params['limit'])}, not ${shown}`, hint]
}

function wrongText({ place, name, shown, error, hint }: Refusal): Finding | null {
  return error.propertyName === undefined ? [place, 'wrong-value', `${shown} cannot be ${name}`, hint] : null
}

function schemaOf(error: ErrorObject): SchemaPart {
  return (error.parentSchema ?? {}) as SchemaPart
}

/** The value as it stands in the file: an interpolated one may be a secret. */
export function display(manifest: Manifest, path: Path): string {
  const value = path.reduce<unknown>(memberOf, manifest.raw)
  return value !== null && typeof value === 'object' ? kindOf(value) : `\`${String(value)}\``
}

/** A name for a message: as it stands in the file when it came out of a variable, which may hold a secret. */
export function nameAsWritten(name: string, manifest: Manifest, path: Path): string {
  const raw = path.reduce<unknown>(memberOf, manifest.raw)
  return typeof raw === 'string' && raw.includes('$') ? raw : name
}

function memberOf(value: unknown, key: string | number): unknown {
  if (value === null || typeof value !== 'object') return undefined
  return Object.getOwnPropertyDescriptor(value, key)?.value
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return (
    { string: 'a string', number: 'a number', boolean: 'true or false', object: 'a map' }[String(typeof value)] ??
    'that'
  )
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'empty',
}

function typeWords(type: string | string[] | undefined): string {
  const words = [type ?? []].flat().map((name) => TYPE_WORDS[name] ?? name)
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
