import { encryptionOf } from '../model/encrypted.ts'
import type { Place, Report } from './report.ts'

/** One path of the commit's tree; the same shape as the source's entries. */
export interface ListedFile {
  path: string
  kind: 'file' | 'symlink' | 'submodule'
  /** Names the content, where that is known without reading it. */
  id?: string
}

/** The files of a commit as far as they have been read. */
export interface Repository {
  has(path: string): boolean
  isFolder(path: string): boolean
  /** Everything below a folder (`''` is the root), sorted. */
  under(folder: string): ListedFile[]
  /**
   * The content of a file, after checking that it can be used. Null when it cannot (reported at `place`), or when it
   * has not been read yet; then it is among the needs. What is encrypted is refused: it would be used as it is in git.
   */
  content(path: string, place: Place, report: Report): Uint8Array | null
  /** As `content`, for what may be a secret: what is encrypted is opened. */
  secretContent(path: string, place: Place, report: Report): Content | null
  /** What is not there, or was not read yet, is not; the latter is then among the needs. */
  isEncrypted(path: string): boolean
  /** Reports what stands in the way of `path`: a symlink or a submodule, itself or one of its folders. */
  obstructed(path: string, place: Place, report: Report): boolean
  /** Paths that were asked for and have not been read. */
  needs(): string[]
  /** Whether a file that was asked for is still to be read, could be read, or could not. */
  stateOf(path: string): 'needed' | 'read' | 'unreadable'
  /** What there is at a path, in one word that changes with it; null for a file whose content has no name. */
  mark(path: string): string | null
}

/** What a file holds, in whichever way it is kept in git. */
export interface Content {
  bytes: Uint8Array
  /**
   * `plain`: readable in git. `opened`: it came out of an encrypted file, and is secret. `unopened`: there was nothing to
   * open it with; the bytes are as they are in git.
   */
  state: 'plain' | 'opened' | 'unopened'
}

/** What came out of an encrypted file, or why nothing did. */
export type Opened = { plain: Uint8Array } | { why: string }

/** What was read so far, by path. */
export interface ReadFiles {
  have: ReadonlyMap<string, Uint8Array>
  /** Why not. */
  unreadable: ReadonlyMap<string, string>
  /** Of those that are encrypted; one that is not here was not tried. */
  opened: ReadonlyMap<string, Opened>
}

/** The largest file that is read from a repository, whatever it is for. */
export const MAX_FILE_BYTES = 1024 * 1024
const ENCRYPTED_HINT =
  'Only `secrets:`, `configs:`, `env_file` and the .env of a stack may be encrypted: name it there, or commit it as it is.'
const UNOPENED_HINT = 'What is in it is checked where the age key of the repository is: by `plan` and `run`.'
const FAILED_HINT = 'docs/secrets.md tells how files are encrypted, and where the key is given.'
const LFS_HEADER = 'version https://git-lfs.github.com/spec/'

export function createRepository(listing: readonly ListedFile[], { have, unreadable, opened }: ReadFiles): Repository {
  const sorted = [...listing].sort((a, b) => (a.path < b.path ? -1 : 1))
  const entries = new Map(sorted.map((entry) => [entry.path, entry]))
  const folders = new Set(sorted.flatMap((entry) => parentsOf(entry.path)))
  const needs = new Set<string>()

  function obstructed(path: string, place: Place, report: Report): boolean {
    for (const step of [...parentsOf(path), path]) {
      const kind = entries.get(step)?.kind
      if (kind !== 'symlink' && kind !== 'submodule') continue
      const hint =
        kind === 'symlink' ? 'Commit the file itself: links are not followed.' : 'Copy the files into this repository.'
      report.error(place, kind, `\`${step}\` is a ${kind}`, hint)
      return true
    }
    return false
  }

  function content(path: string, place: Place, report: Report): Uint8Array | null {
    const bytes = raw(path, place, report)
    if (bytes === null || encryptionOf(bytes) === null) return bytes
    report.error(place, 'encrypted-file', `\`${path}\` is encrypted, and would be used as it is in git`, ENCRYPTED_HINT)
    return null
  }

  function secretContent(path: string, place: Place, report: Report): Content | null {
    const bytes = raw(path, place, report)
    if (bytes === null) return null
    if (encryptionOf(bytes) === null) return { bytes, state: 'plain' }
    const result = opened.get(path)
    if (result === undefined) {
      report.warning(place, 'encrypted-not-opened', `\`${path}\` is encrypted: not opened`, UNOPENED_HINT)
      return { bytes, state: 'unopened' }
    }
    if ('plain' in result) return { bytes: result.plain, state: 'opened' }
    report.error(place, 'decryption-failed', result.why, FAILED_HINT)
    return null
  }

  function raw(path: string, place: Place, report: Report): Uint8Array | null {
    if (obstructed(path, place, report)) return null
    if (!entries.has(path)) {
      const hint = folders.has(path) ? 'Name a file in it.' : 'Commit the file, or correct the path.'
      report.error(place, 'file-missing', `\`${path}\` is not a file of the repository`, hint)
      return null
    }
    const bytes = have.get(path)
    if (bytes !== undefined) return usable(path, bytes, place, report)
    const reason = unreadable.get(path)
    if (reason === undefined) needs.add(path)
    else
      report.error(
        place,
        'file-unreadable',
        `\`${path}\` could not be read: ${reason}`,
        'Mend the file in the repository.',
      )
    return null
  }

  function stateOf(path: string): 'needed' | 'read' | 'unreadable' {
    if (have.has(path)) return 'read'
    return unreadable.has(path) ? 'unreadable' : 'needed'
  }

  return {
    has: (path) => entries.has(path),
    isFolder: (path) => path === '' || folders.has(path),
    under: (folder) => (folder === '' ? sorted : below(sorted, `${folder}/`)),
    content,
    secretContent,
    isEncrypted(path) {
      const bytes = have.get(path)
      if (bytes !== undefined) return encryptionOf(bytes) !== null
      if (entries.get(path)?.kind === 'file' && !unreadable.has(path)) needs.add(path)
      return false
    },
    obstructed,
    needs: () => [...needs].filter((path) => stateOf(path) === 'needed').sort(),
    stateOf,
    mark(path) {
      const entry = entries.get(path)
      // Git makes no tree with a file and a folder of one name; somebody else could.
      const folder = folders.has(path) ? 'folder' : ''
      if (entry === undefined) return folder || 'nothing'
      if (entry.kind !== 'file') return `${entry.kind} ${folder}`
      return entry.id === undefined ? null : `${entry.id} ${folder}`
    },
  }
}

/** Those whose path begins so: they stand side by side. */
function below(sorted: readonly ListedFile[], beginning: string): ListedFile[] {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((sorted[middle]?.path ?? '') < beginning) from = middle + 1
    else to = middle
  }
  const found: ListedFile[] = []
  for (let at = from; sorted[at]?.path.startsWith(beginning); at++) found.push(...sorted.slice(at, at + 1))
  return found
}

/** Resolves a relative path from a folder of the repository; null when it leaves the repository. */
export function resolvePath(folder: string, relative: string): string | null {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join('/')
}

/** The folder a file lies in; `''` for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function usable(path: string, bytes: Uint8Array, place: Place, report: Report): Uint8Array | null {
  if (bytes.length > MAX_FILE_BYTES) {
    report.error(
      place,
      'file-too-large',
      `\`${path}\` is larger than 1 MiB`,
      'Put large files into the image or a volume.',
    )
    return null
  }
  if (startsWith(bytes, LFS_HEADER)) {
    const hint = 'Commit the file without Git LFS, or put it into the image.'
    report.error(place, 'lfs-pointer', `\`${path}\` is a Git LFS pointer, not the file`, hint)
    return null
  }
  return bytes
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text
}

/** The folders around a path, from the outside in. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}
