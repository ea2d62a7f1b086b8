import type { Objects } from './objects.ts'
import type { TreeEntry } from './source.ts'

/** A path of a commit together with the object that holds its content. */
export interface TreeFile extends TreeEntry {
  oid: string
}

/** More paths than this are no configuration; a tree that repeats itself could otherwise be endless. */
const MOST_ENTRIES = 50_000

/** Every path of a tree, folders left out, sorted. Symbolic links and submodules are named, never followed. */
export async function listTree(objects: Objects, treeOid: string): Promise<TreeFile[]> {
  const files: TreeFile[] = []
  const folders = [{ oid: treeOid, prefix: '' }]
  let seen = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const tree = await readFolder(objects, folder.oid)
    seen += tree.length
    if (seen > MOST_ENTRIES) throw new OddTree(`it holds more than ${MOST_ENTRIES} paths`)
    for (const { mode, path: name, oid } of tree) {
      const path = folder.prefix + name
      const kind = kindOf(mode)
      if (kind === 'folder') folders.push({ oid, prefix: `${path}/` })
      else files.push({ path, kind, oid })
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A tree no honest git would have made, or one far too large. */
export class OddTree extends Error {}

/** isomorphic-git refuses names such as `..` and `.git` when it reads a tree. */
async function readFolder(objects: Objects, oid: string) {
  try {
    return (await objects.readTree(oid)).tree
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'UnsafeFilepathError') throw error
    throw new OddTree(`it holds an unsafe name (${error.message})`, { cause: error })
  }
}

function kindOf(mode: string): TreeEntry['kind'] | 'folder' {
  if (mode === '040000' || mode === '40000') return 'folder'
  if (mode === '120000') return 'symlink'
  return mode === '160000' ? 'submodule' : 'file'
}
