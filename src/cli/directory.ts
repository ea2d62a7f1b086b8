import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ListedFile, MAX_FILE_BYTES } from '../manifests/repository.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'

/** A folder of this machine, read as if it were a commit. Git's own folder is left out. */
export interface Directory {
  entries: ListedFile[]
  read(path: string): Promise<Uint8Array>
}

/** Rejects with a HoldfastError when there is no such folder. */
export async function readDirectory(root: string): Promise<Directory> {
  try {
    const entries = await walk(root, '')
    return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), read: (path) => read(join(root, path)) }
  } catch (cause) {
    throw new HoldfastError('terminal', `The folder ${root} cannot be read: ${reasonOf(cause)}. Name another one.`, {
      cause,
    })
  }
}

async function walk(root: string, folder: string): Promise<ListedFile[]> {
  const found = await list(root, folder)
  // A folder below with git's own files in it is a repository of its own: a submodule.
  if (folder !== '' && found.some(({ name }) => name === '.git')) return [{ path: folder, kind: 'submodule' }]
  const entries: ListedFile[] = []
  for (const entry of found.filter(({ name }) => name !== '.git')) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) entries.push(...(await walk(root, path)))
    else if (entry.isSymbolicLink()) entries.push({ path, kind: 'symlink' })
    else if (entry.isFile()) entries.push({ path, kind: 'file' })
  }
  return entries
}

/** Data of containers may lie beside the manifests, closed to everybody else: they are none of the repository's. */
async function list(root: string, folder: string) {
  try {
    return await readdir(join(root, folder), { withFileTypes: true })
  } catch (error) {
    const isClosed = error instanceof Error && 'code' in error && error.code === 'EACCES'
    if (folder === '' || !isClosed) throw error
    return []
  }
}

async function read(file: string): Promise<Uint8Array> {
  const { size } = await stat(file)
  if (size > MAX_FILE_BYTES) throw new HoldfastError('terminal', `it is larger than ${MAX_FILE_BYTES} bytes`)
  return readFile(file)
}
