import { join } from 'node:path'
import { readLoose, sizeOfLoose } from './loose.ts'
import { openPacks, type Packs } from './pack/packs.ts'
import { type GitObject, idOf } from './pack/resolver.ts'

/** How long files stay open after the last look into them. */
const IDLE_MS = 5_000

/** The objects of one repository on disk, of which no more is held in memory than what was read last. */
export interface Objects {
  /**
   * The content of an object, which is what its id says: from a commit on, everything is checked by hash, whatever an
   * index on disk claims. Rejects with MissingObject, with what reading files throws, and for an object that is another.
   */
  read(id: string, kind: ObjectKind): Promise<Uint8Array>
  /** What kind of object it is said to be; `read` proves it. Rejects as `read` does. */
  kindOf(id: string): Promise<ObjectKind>
  /** Its size in bytes, as far as it is known without unpacking it. */
  sizeOf(id: string): number | null
}

export type ObjectKind = GitObject['kind']

/** The repository does not have it. */
export class MissingObject extends Error {}

export function openObjects(gitdir: string): Objects {
  const packs = untilIdle(() => openPacks(join(gitdir, 'objects/pack')))
  function find(id: string): GitObject {
    if (id === EMPTY_TREE) return { kind: 'tree', content: Buffer.alloc(0) }
    const found = readLoose(gitdir, id) ?? packs().read(id)
    if (found === null) throw new MissingObject(`there is no object ${id}`)
    return found
  }
  return {
    kindOf: async (id) => find(id).kind,
    async read(id, kind) {
      const found = find(id)
      if (found.kind === kind && idOf(found) === id) return found.content
      throw new Error(`what is stored as ${kind} ${id} is something else`)
    },
    sizeOf: (id) => sizeOfLoose(gitdir, id) ?? packs().sizeOf(id),
  }
}

/** Git knows it without its being stored. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** Closes the files when nobody has read for a while, and opens them again when somebody does. */
function untilIdle(open: () => Packs): () => Packs {
  let packs: Packs | null = null
  let timer: NodeJS.Timeout | null = null
  return () => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      packs?.close()
      packs = null
    }, IDLE_MS).unref()
    packs ??= open()
    return packs
  }
}
