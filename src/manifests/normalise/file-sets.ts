import { digestOf } from '../../model/hash.ts'
import type { FileSet, SecretOwner } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import { baseName, resolvePath } from '../repository.ts'
import { display } from '../shape.ts'
import type { ServiceContext, StackContext } from './context.ts'

/** A file of a set, or the whole of it when `path` is empty. */
export interface FileReference {
  volume: string
  path: string
}

/** Most files that one mounted folder may hold, and their size together. */
const MAX_FILES = 500
const MAX_BYTES = 8 * 1024 * 1024

/** Files of the repository for a bind mount of a file or folder; null when it cannot be (reported) or is not read yet. */
export function filesAt(source: string, path: Path, context: ServiceContext): FileReference | null {
  const { repository, report, manifest } = context
  const place = manifest.at(path)
  const found = resolvePath(context.folder, source)
  if (found === null) {
    const hint = 'Move the file into the repository; only its own files can be mounted.'
    report.error(place, 'path-outside', `${display(manifest, path)} lies outside the repository`, hint)
    return null
  }
  if (repository.isFolder(found)) return folderAt(found, path, context)
  if (repository.obstructed(found, place, report)) return null
  if (!repository.has(found)) return refuseMissing(found, path, context)
  return fileAt(found, path, context)
}

/** One file of the repository as a set of its own. */
function fileAt(file: string, path: Path, context: StackContext): FileReference | null {
  const bytes = context.repository.content(file, context.manifest.at(path), context.report)
  return bytes === null ? null : bytesAt({ [baseName(file)]: bytes }, context)
}

/** Where the `file` of a config or secret lies in the repository; null when it lies outside, which is reported. */
export function pathOfFile(file: string, path: Path, context: StackContext): string | null {
  const found = file.startsWith('/') ? null : resolvePath(context.folder, file)
  if (found !== null) return found
  const hint = `Commit ${baseName(file)} and name it relative to the Compose file.`
  const message = `${display(context.manifest, path)} lies outside the repository`
  context.report.error(context.manifest.at(path), 'path-outside', message, hint)
  return null
}

/** One file as a set of its own. */
export function bytesAt(file: Record<string, Uint8Array>, context: StackContext, owner?: SecretOwner): FileReference {
  const contents = Object.entries(file).map(([name, bytes]) => [name, base64(bytes)])
  return { volume: addSet(Object.fromEntries(contents), context, owner), path: Object.keys(file)[0] ?? '' }
}

function folderAt(folder: string, path: Path, context: ServiceContext): FileReference | null {
  const { repository, report, manifest } = context
  const place = manifest.at(path)
  const listed = repository.under(folder)
  if (repository.obstructed(folder, place, report)) return null
  if (listed.length > MAX_FILES) {
    const hint = 'Mount a smaller folder, or put the files into the image.'
    report.error(place, 'file-too-large', `\`${folder}\` holds more than ${MAX_FILES} files`, hint)
    return null
  }
  const contents = listed.map((entry) => ({ entry, bytes: repository.content(entry.path, place, report) }))
  const read = contents.flatMap(({ entry, bytes }) => (bytes === null ? [] : [{ entry, bytes }]))
  if (read.length < contents.length) return null
  if (read.reduce((sum, { bytes }) => sum + bytes.length, 0) > MAX_BYTES) {
    const hint = 'Mount a smaller folder, or put the files into the image.'
    report.error(place, 'file-too-large', `\`${folder}\` holds more than 8 MiB`, hint)
    return null
  }
  const prefix = folder === '' ? 0 : folder.length + 1
  const set = Object.fromEntries(read.map(({ entry, bytes }) => [entry.path.slice(prefix), base64(bytes)]))
  return { volume: addSet(set, context), path: '' }
}

function refuseMissing(found: string, path: Path, context: ServiceContext): null {
  const hint = `Commit ${found}, or correct the path. Data that others write: a named volume, or --bind-root and a folder there.`
  const message = `${display(context.manifest, path)} is mounted, but \`${found}\` is not in the repository`
  context.report.error(context.manifest.at(path), 'file-missing', message, hint)
  return null
}

/** The name carries the content's hash: other content is another volume, and so a change of every spec that mounts it. */
function addSet(contents: FileSet['contents'], context: StackContext, owner?: SecretOwner): string {
  const set: FileSet = owner === undefined ? { contents } : { contents, owner }
  const name = `${context.stack}_files-${digestOf(owner === undefined ? contents : set).slice(0, 12)}`
  context.files.set(name, set)
  return name
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
