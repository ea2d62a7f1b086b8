import { parseCommit } from './commit.ts'
import { SourceError } from './errors.ts'
import { MissingObject, type Objects, openObjects } from './objects.ts'
import type { Signers } from './signature/signers.ts'
import type { Snapshot, TreeEntry } from './source.ts'
import { commitOf } from './tag.ts'
import { listTree } from './tree.ts'

export interface SnapshotOptions {
  gitdir: string
  /** Or a tag that leads to it. */
  commit: string
  /** The repository as people know it, for errors. */
  shown: string
  /** Files above this size may have been left out of the local copy; null when it is complete. */
  leftOutAbove: number | null
  /** Whose signature the commit must carry; null takes anybody's, and none. */
  signers: Signers | null
  /** Told when the local copy turns out to lack something that it should have. */
  onDamage(): void
}

/**
 * Opens a commit, and by walking its whole tree proves that the local copy holds it. Rejects with what git threw.
 * Nothing is read of a commit that is not trusted, not even its listing.
 */
export async function openSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const objects = openObjects(options.gitdir)
  const commit = await commitOf(objects, options.commit)
  const raw = await objects.read(commit, 'commit')
  const { tree, author, subject } = parseCommit(raw)
  const untrusted = (await options.signers?.doubt(commit, raw)) ?? null
  const entries = untrusted === null ? await listTree(objects, tree) : []
  const files = new Map(entries.map((entry) => [entry.path, entry]))
  return {
    ...{ commit, subject, author, entries, untrusted },
    async read(path, maxBytes) {
      if (untrusted !== null) throw new SourceError('terminal', untrusted)
      const place = `${path} in ${options.shown} at ${commit.slice(0, 8)}`
      const content = await readContent(objects, plainFile(files.get(path), place), maxBytes, place, options)
      refuseLfsPointer(content, place)
      return content
    },
  }
}

function plainFile(file: TreeEntry | undefined, place: string): TreeEntry {
  if (file === undefined) throw new SourceError('terminal', `There is no ${place}. Commit it, or mend the reference.`)
  if (file.kind === 'file') return file
  const kind = file.kind === 'symlink' ? 'a symbolic link' : 'a submodule'
  throw new SourceError('terminal', `${place} is ${kind}, which is not followed. Commit the content itself.`)
}

async function readContent(
  objects: Objects,
  file: TreeEntry,
  maxBytes: number,
  place: string,
  options: SnapshotOptions,
): Promise<Uint8Array> {
  try {
    const size = objects.sizeOf(file.id)
    if (size !== null && size > maxBytes) throw tooLarge(place, `${size} bytes long`, maxBytes)
    const content = await objects.read(file.id, 'blob')
    if (content.byteLength > maxBytes) throw tooLarge(place, `${content.byteLength} bytes long`, maxBytes)
    return content
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw unreadable(error, place, maxBytes, options)
  }
}

/** What a copy with large files left out lacks is a large file; any other gap is damage. */
function unreadable(error: unknown, place: string, maxBytes: number, options: SnapshotOptions): SourceError {
  if (error instanceof MissingObject && options.leftOutAbove !== null) {
    return tooLarge(place, `over ${options.leftOutAbove} bytes long`, Math.min(maxBytes, options.leftOutAbove))
  }
  options.onDamage()
  const text = `Cannot read ${place}: its objects are damaged. The next look at the repository reads it afresh.`
  return new SourceError('retry', text, { cause: error })
}

function tooLarge(place: string, size: string, maxBytes: number): SourceError {
  return new SourceError('terminal', `${place} is ${size}; at most ${maxBytes} are read. Make it smaller or remove it.`)
}

function refuseLfsPointer(content: Uint8Array, place: string): void {
  if (content.byteLength > 1024) return
  if (!Buffer.from(content).toString('latin1').startsWith('version https://git-lfs.github.com/spec/')) return
  const text = `${place} is a Git LFS pointer; its content is not in the repository. Commit the file without LFS.`
  throw new SourceError('terminal', text)
}
