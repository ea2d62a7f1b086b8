import { basename, resolve } from 'node:path'
import { COMPOSE_FILES } from '../../manifests/discover.ts'
import type { ListedFile } from '../../manifests/repository.ts'
import type { Directory } from '../directory.ts'

/** A Compose file that can become a stack. */
export interface Found {
  /** As Docker Compose calls the project, so that what runs of it can be taken over. */
  stack: string
  /** Its folder in the directory; empty for the root. */
  folder: string
  /** Path in the directory. */
  file: string
}

const NAME = /^name:\s*["']?([a-z0-9][a-z0-9_-]*)["']?\s*(?:#.*)?$/m

/** The Compose files at the root and in the folders right below it, sorted by name of the stack. */
export async function findComposeFiles(directory: string, { entries, read }: Directory): Promise<Found[]> {
  const folders = ['', ...new Set(entries.flatMap(({ path }) => topFolder(path)))]
  const found = await Promise.all(folders.map((folder) => composeIn(folder, directory, entries, read)))
  return found.flat().sort((a, b) => (a.stack < b.stack ? -1 : 1))
}

async function composeIn(
  folder: string,
  directory: string,
  entries: ListedFile[],
  read: Directory['read'],
): Promise<Found[]> {
  const paths = COMPOSE_FILES.map((name) => (folder === '' ? name : `${folder}/${name}`))
  const file = paths.find((path) => entries.some((entry) => entry.path === path && entry.kind === 'file'))
  if (file === undefined) return []
  const own = NAME.exec(Buffer.from(await read(file)).toString('utf8'))?.[1]
  const stack = own ?? projectName(folder === '' ? basename(resolve(directory)) : folder)
  return [{ stack, folder, file }]
}

/** As Docker Compose makes it of a folder's name. */
function projectName(folder: string): string {
  const name = folder.toLowerCase().replace(/[^a-z0-9_-]/g, '')
  return name.replace(/^[_-]+/, '') || 'main'
}

/** Of a file that lies right in it. */
function topFolder(path: string): string[] {
  const parts = path.split('/')
  return parts.length === 2 && parts[0] !== undefined ? [parts[0]] : []
}
