import type { Objects } from './objects.ts'
import type { TreeEntry } from './source.ts'

/** More paths than this are no configuration; a tree that repeats itself could otherwise be endless. */
const MOST_ENTRIES = 50_000

/** Every path of a tree, folders left out, sorted. Symbolic links and submodules are named, never followed. */
export async function listTree(objects: Objects, treeOid: string): Promise<TreeEntry[]> {
  const files: TreeEntry[] = []
  const folders = [{ oid: treeOid, prefix: '' }]
  let seen = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const tree = parseTree(await objects.read(folder.oid, 'tree'))
    seen += tree.length
    if (seen > MOST_ENTRIES) throw new OddTree(`it holds more than ${MOST_ENTRIES} paths`)
    for (const { mode, name, oid } of tree) {
      const path = folder.prefix + name
      const kind = kindOf(mode)
      if (kind === 'folder') folders.push({ oid, prefix: `${path}/` })
      else files.push({ path, kind, id: oid })
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A tree no honest git would have made, or one far too large. */
export class OddTree extends Error {}

interface RawEntry {
  mode: string
  name: string
  oid: string
}

/** The entries of one folder: mode, a space, the name, a zero byte and the 20 bytes of the id. */
function parseTree(raw: Uint8Array): RawEntry[] {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const entries: RawEntry[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at)
    const zero = bytes.indexOf(0, space)
    if (space < 0 || zero < 0 || zero + 21 > bytes.length) throw new Error('a tree that ends early')
    const name = safe(bytes.toString('utf8', space + 1, zero))
    entries.push({ mode: bytes.toString('latin1', at, space), name, oid: bytes.toString('hex', zero + 1, zero + 21) })
    at = zero + 21
  }
  return entries
}

/** No name may lead out of its folder, or into git's own. */
function safe(name: string): string {
  if (!['', '.', '..', '.git'].includes(name.toLowerCase()) && !name.includes('/')) return name
  throw new OddTree(`it holds an unsafe name ("${name}")`)
}

function kindOf(mode: string): TreeEntry['kind'] | 'folder' {
  if (mode === '040000' || mode === '40000') return 'folder'
  if (mode === '120000') return 'symlink'
  return mode === '160000' ? 'submodule' : 'file'
}
