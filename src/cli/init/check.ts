import { existsSync } from 'node:fs'
import { type Loaded, loadAll } from '../../manifests/load.ts'
import type { LoadOptions } from '../../manifests/options.ts'
import { readDirectory } from '../directory.ts'
import type { Files } from './gather.ts'

/** What `validate` will say of the folder once the new files are in it. */
export async function checkWith(files: Files, folder: string, options: LoadOptions): Promise<Loaded> {
  const there = existsSync(folder) ? await readDirectory(folder) : { entries: [], read: missing }
  const fresh = [...files.keys()].filter((path) => !there.entries.some((entry) => entry.path === path))
  const entries = [...there.entries, ...fresh.map((path) => ({ path, kind: 'file' as const }))]
  const read = async (path: string) => (fresh.includes(path) ? (files.get(path) ?? missing()) : there.read(path))
  return await loadAll(entries, read, options)
}

function missing(): never {
  throw new Error('it is not there')
}
