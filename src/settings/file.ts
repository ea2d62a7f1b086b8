import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { formatProblem } from '../manifests/format.ts'
import type { Path } from '../manifests/path.ts'
import { createReport } from '../manifests/report.ts'
import { checkShape, compileSchema } from '../manifests/shape.ts'
import { type Manifest, parseYaml } from '../manifests/yaml.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Problem } from '../model/problem.ts'
import { type SettingsFile, settingsSchema } from './schema.generated.ts'

/** Read where no other file is named, when it is there. */
const DEFAULT_FILE = '/etc/holdfast/holdfast.yaml'

/** A settings file that was read; `value` is what it says, with the paths in it made absolute. */
export interface ReadFile {
  file: string
  value: SettingsFile
  /** The place of a value as `file:line:column`; null when the file does not say it. */
  placeOf(path: Path): string | null
}

const validate = compileSchema(settingsSchema)
const SECRET_LINE = /(password|token|passphrase|ageKey|proxy)["']?\s*:/i
const PATHS = /^(data|dockerConfig|keyFile|tlsDir|.*File)$/

/**
 * Reads the settings file that is named, or the one at the usual place; null when there is none at all. Throws a
 * HoldfastError with everything that is wrong in it, each with its place.
 */
export function readFile(named: string | undefined): ReadFile | null {
  if (named === undefined && !existsSync(DEFAULT_FILE)) return null
  const file = named ?? DEFAULT_FILE
  const report = createReport()
  const manifest = parseYaml(file, bytesOf(file), report)
  if (manifest !== null) checkShape(manifest.raw ?? {}, manifest, validate, report, 'docs/settings.md')
  const problems = report.problems()
  if (manifest === null || problems.length > 0) throw refusal(file, problems)
  const value = absolute(manifest.raw ?? {}, dirname(file)) as SettingsFile
  return { file, value, placeOf: (path) => placeOf(manifest, path) }
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    const text = `The settings file ${file} cannot be read: ${reasonOf(cause)}.`
    throw new HoldfastError('terminal', `${text} Name the right one with --settings.`, { cause })
  }
}

function refusal(file: string, problems: Problem[]): HoldfastError {
  const texts = problems.map((problem) => formatProblem(withoutSecrets(problem)))
  return new HoldfastError('terminal', `The settings file ${file} cannot be used.\n${texts.join('\n')}`)
}

/** The excerpt is the line as it stands there. */
function withoutSecrets(problem: Problem): Problem {
  return SECRET_LINE.test(problem.excerpt) ? { ...problem, excerpt: '' } : problem
}

/** Paths in the file are meant from where it lies. */
function absolute(value: unknown, folder: string, key = ''): unknown {
  if (typeof value === 'string') {
    const isPath = PATHS.test(key) || (key === 'url' && /^\.\.?\//.test(value))
    return isPath && !isAbsolute(value) ? join(folder, value) : value
  }
  if (Array.isArray(value)) return value.map((member) => absolute(member, folder))
  if (value === null || typeof value !== 'object') return value
  const isEnv = key === 'env'
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, absolute(member, folder, isEnv ? '' : name)]),
  )
}

function placeOf(manifest: Manifest, path: Path): string | null {
  const value = path.reduce<unknown>((within, key) => Object(within)[key], manifest.raw)
  if (value === undefined) return null
  const { line, column } = manifest.at(path)
  return `${manifest.file}:${line}:${column}`
}
