import type { Mount } from '../../model/stack.ts'
import { hostPath, isWithin, stackFolder } from '../host-path.ts'
import type { Path } from '../path.ts'
import { baseName, resolvePath } from '../repository.ts'
import { display } from '../shape.ts'
import type { ServiceContext } from './context.ts'
import { filesAt } from './file-sets.ts'

/** A bind mount before it is resolved; `path` is where its source is written. */
interface BindRequest {
  source: string
  target: string
  readOnly: boolean
  path: Path
}

/** What people commit to keep an empty folder in git. */
const PLACEHOLDERS = ['.gitkeep', '.keep', '.gitignore']

/**
 * A bind mount is a path of the host, which the policy must allow; or files of the commit, read-only; or a folder of
 * the stack's own on the target: what is not in the repository can only be data.
 */
export function bindOf(request: BindRequest, context: ServiceContext): Mount | null {
  if (request.source.startsWith('~')) return refuseHome(request, context)
  const absolute = hostPath(request.source)
  if (absolute !== null) return { kind: 'bind', source: absolute, target: request.target, readOnly: request.readOnly }
  if (request.readOnly && !isData(request, context)) return committed(request, context)
  const found = resolvePath(context.folder, request.source)
  if (found === null) return committed(request, context)
  if (context.repository.obstructed(found, context.manifest.at(request.path), context.report)) return null
  return isCommitted(found, context) ? refuseWritable(request, context) : ownFolder(request, context)
}

/** As manifests write it: `./data` for a folder of the stack's own. */
export function writtenBind(source: string, context: ServiceContext): string {
  return isOwnFolder(source, context) ? `.${source.slice(folderOnTarget(context).length)}` : source
}

/** Whether a path on the target lies in the folder that is the stack's own. */
export function isOwnFolder(source: string, context: ServiceContext): boolean {
  return context.target.bindRoot !== undefined && isWithin(source, folderOnTarget(context))
}

function folderOnTarget({ target, stack }: ServiceContext): string {
  return stackFolder(target.bindRoot ?? '', stack)
}

function committed(request: BindRequest, context: ServiceContext): Mount | null {
  const files = filesAt(request.source, request.path, context)
  return files === null ? null : { kind: 'files', ...files, target: request.target }
}

/** Read-only, and yet no file of the repository: then it is data that something else writes. */
function isData(request: BindRequest, { repository, folder, target }: ServiceContext): boolean {
  const found = resolvePath(folder, request.source)
  if (target.bindRoot === undefined || found === null) return false
  return !repository.has(found) && !repository.isFolder(found)
}

function isCommitted(path: string, { repository }: ServiceContext): boolean {
  if (repository.has(path)) return true
  return repository.isFolder(path) && !repository.under(path).every((entry) => isPlaceholder(entry.path))
}

function isPlaceholder(path: string): boolean {
  return PLACEHOLDERS.includes(baseName(path))
}

function ownFolder({ source, target, readOnly, path }: BindRequest, context: ServiceContext): Mount | null {
  const { manifest, report, stack } = context
  const shown = display(manifest, path)
  if (context.target.bindRoot === undefined) {
    const hint = `Use a named volume, or start Holdfast with --bind-root <dir>: the folder is then <dir>/${stack}/… on the engine's host.`
    report.error(manifest.at(path), 'bind-writable', `${shown} is not in the repository and would be writable`, hint)
    return null
  }
  const below = resolvePath('', source)
  if (below === null) {
    const hint = `It lies below ${folderOnTarget(context)} on the target: name it without \`..\`, or use a named volume to share data.`
    report.error(manifest.at(path), 'path-outside', `${shown} lies outside the stack's own folder`, hint)
    return null
  }
  return { kind: 'bind', source: `${folderOnTarget(context)}/${below}`, target, readOnly }
}

function refuseWritable({ path }: BindRequest, { manifest, report }: ServiceContext): null {
  const hint =
    'Add `:ro` (read_only: true) for files of the repository; for data use a named volume, or a folder that is not committed.'
  const message = `${display(manifest, path)} would be writable; files of the repository are read-only`
  report.error(manifest.at(path), 'bind-writable', message, hint)
  return null
}

function refuseHome({ path }: BindRequest, { manifest, report }: ServiceContext): null {
  const message = `${display(manifest, path)} is in somebody's home folder, and Holdfast runs for nobody in particular`
  report.error(manifest.at(path), 'bind-absolute', message, 'Write the whole path, or use a named volume.')
  return null
}
