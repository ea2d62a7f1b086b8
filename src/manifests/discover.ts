import type { ProblemCode } from './codes.ts'
import { hasErrors, type Place, type Report, wholeFile } from './report.ts'
import { baseName, folderOf, type Repository, resolvePath } from './repository.ts'
import type { RepositoryFile } from './schema.generated.ts'
import { checkShape, validateRepository } from './shape.ts'
import { parseYaml } from './yaml.ts'

/** A stack that the repository holds. */
export interface FoundStack {
  name: string
  folder: string
  /** The Compose file; null when there is none to read. */
  file: string | null
  /** The file may choose the stack's name itself. */
  ownName: boolean
  /** What is wrong with its name or place. */
  findings: Finding[]
}

interface Finding {
  severity: 'error' | 'warning'
  place: Place
  code: ProblemCode
  message: string
  hint: string
}

/** In the order in which Compose prefers them. */
export const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
/** What Compose merges into the file beside it. */
export const OVERRIDE_FILES = COMPOSE_FILES.map((name) => name.replace(/\.(ya?ml)$/, '.override.$1'))
const SETTINGS = ['holdfast.yaml', 'holdfast.yml']
const STACK_NAME = /^[a-z0-9][a-z0-9_-]*$/

/** The stacks of a repository, sorted by name. `report` takes what concerns the repository as a whole. */
export function discover(repository: Repository, report: Report): FoundStack[] {
  const settings = SETTINGS.find((path) => repository.has(path))
  const found = settings === undefined ? byConvention(repository, report) : bySettings(settings, repository, report)
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function byConvention(repository: Repository, report: Report): FoundStack[] {
  const stacks = inFoldersOf('stacks', repository)
  const root = composeFiles('', repository)[0]
  if (root === undefined) return stacks
  if (stacks.length === 0) return [{ ...stackAt('main', '', repository), ownName: true }]
  const hint = 'Move it to stacks/<name>/, or name all stacks in holdfast.yaml.'
  report.warning(wholeFile(root), 'unused-file', `\`${root}\` is not deployed: there are stacks in stacks/`, hint)
  return stacks
}

function bySettings(file: string, repository: Repository, report: Report): FoundStack[] {
  const bytes = repository.content(file, wholeFile(file), report)
  const manifest = bytes === null ? null : parseYaml(file, bytes, report)
  if (manifest !== null) checkShape(manifest.raw, manifest, validateRepository, report)
  if (manifest === null || hasErrors(report.problems())) return []
  const { stacks } = manifest.raw as RepositoryFile
  if (typeof stacks === 'string') return inFoldersOf(stacks.replace(/\/?\*$/, ''), repository)
  return Object.entries(stacks).map(([name, place]) => named(name, place, manifest.at(['stacks', name]), repository))
}

/** Each folder right below `parent` that holds a Compose file. */
function inFoldersOf(parent: string, repository: Repository): FoundStack[] {
  const depth = parent === '' ? 1 : parent.split('/').length + 1
  const files = repository.under(parent).filter(({ path }) => COMPOSE_FILES.includes(baseName(path)))
  const folders = new Set(
    files.map(({ path }) => folderOf(path)).filter((folder) => folder.split('/').length === depth && folder !== ''),
  )
  return [...folders].map((folder) => stackAt(baseName(folder), folder, repository))
}

function named(name: string, target: string, place: Place, repository: Repository): FoundStack {
  const path = target.startsWith('/') ? null : resolvePath('', target)
  if (path === null) {
    const hint = 'Name a folder or a Compose file inside the repository.'
    return missing(name, '', {
      severity: 'error',
      place,
      code: 'path-outside',
      message: `\`${target}\` lies outside the repository`,
      hint,
    })
  }
  if (repository.has(path))
    return { name, folder: folderOf(path), file: path, ownName: false, findings: overrides(folderOf(path), repository) }
  if (composeFiles(path, repository).length > 0) return stackAt(name, path, repository)
  const hint = `Commit ${path === '' ? '' : `${path}/`}compose.yaml, or correct the path.`
  return missing(name, path, {
    severity: 'error',
    place,
    code: 'file-missing',
    message: `There is no Compose file at \`${target}\``,
    hint,
  })
}

function missing(name: string, folder: string, finding: Finding): FoundStack {
  return { name, folder, file: null, ownName: false, findings: [finding] }
}

function stackAt(name: string, folder: string, repository: Repository): FoundStack {
  const [file = null, ...others] = composeFiles(folder, repository)
  const findings = [...badName(name, file), ...unusedFiles(file, others), ...overrides(folder, repository)]
  return { name, folder, file, ownName: false, findings }
}

function composeFiles(folder: string, repository: Repository): string[] {
  return COMPOSE_FILES.map((name) => inFolder(folder, name)).filter((path) => repository.has(path))
}

function badName(name: string, file: string | null): Finding[] {
  if (STACK_NAME.test(name)) return []
  const message = `\`${name}\` cannot be the name of a stack`
  const hint = 'Rename the folder: a-z, 0-9, dash and underscore, starting with a letter or digit.'
  return [{ severity: 'error', place: wholeFile(file ?? name), code: 'stack-name', message, hint }]
}

function unusedFiles(file: string | null, others: string[]): Finding[] {
  return others.map((other) => {
    const message = `\`${other}\` has no effect: \`${file}\` beside it is the stack's file`
    return {
      severity: 'warning',
      place: wholeFile(other),
      code: 'two-compose-files',
      message,
      hint: 'Remove one of the two.',
    }
  })
}

/** Compose would merge these in by itself; leaving them out would change what is deployed. */
function overrides(folder: string, repository: Repository): Finding[] {
  const present = OVERRIDE_FILES.map((name) => inFolder(folder, name)).filter((path) => repository.has(path))
  return present.map((path) => {
    const message = `\`${path}\` is not supported by this version: Compose would merge it, Holdfast does not`
    const hint = 'Move its content into the Compose file, or rename it.'
    return { severity: 'error', place: wholeFile(path), code: 'unsupported-file', message, hint }
  })
}

function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
