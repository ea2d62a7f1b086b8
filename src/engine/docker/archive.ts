import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

export interface ArchivedFile {
  content: string | Buffer
  mode: number
  /** Root's where nobody is named. */
  uid?: number
  gid?: number
}

/**
 * A tar archive of files by their paths. Folders must be there, or come into being by it: they let everybody pass, for who
 * may read a file is the file's own to say.
 */
export async function archiveOf(files: Record<string, ArchivedFile>): Promise<Buffer> {
  const tar = pack()
  const mtime = new Date(0)
  for (const folder of foldersOf(Object.keys(files))) {
    tar.entry({ name: folder, type: 'directory', mode: 0o755, mtime })
  }
  for (const [name, { content, mode, uid = 0, gid = 0 }] of Object.entries(files).sort(byPath)) {
    tar.entry({ name, mode, uid, gid, mtime }, typeof content === 'string' ? Buffer.from(content) : content)
  }
  tar.finalize()
  return await buffer(tar)
}

/** All folders on the way to the paths, outer ones first. */
function foldersOf(paths: string[]): string[] {
  const folders = new Set<string>()
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1)
    for (let depth = 1; depth <= parts.length; depth++) folders.add(parts.slice(0, depth).join('/'))
  }
  return [...folders].sort()
}

function byPath([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
