import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { constants, inflateSync } from 'node:zlib'
import git from 'isomorphic-git'

/** How long parsed packs stay in memory after the last look into them. */
const IDLE_MS = 5_000

/** The objects of one repository on disk. Packs are held in memory while they are read, and let go soon after. */
export interface Objects {
  /**
   * The content of an object, which is what its id says: from a commit on, everything is checked by hash, whatever an
   * index on disk claims. Rejects with what git threw, and for an object that is another one.
   */
  read(oid: string, type: ObjectType): Promise<Uint8Array>
  /** What kind of object it is said to be; `read` proves it. Rejects with what git threw. */
  typeOf(oid: string): Promise<ObjectType>
  /** The size in bytes of a blob that lies unpacked, without unpacking it; null when it is in a pack. */
  looseSize(oid: string): number | null
}

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export function openObjects(gitdir: string): Objects {
  const held = idleCache()
  const find = (oid: string) => git.readObject({ fs, gitdir, oid, format: 'content', cache: held() })
  return {
    typeOf: async (oid) => (await find(oid)).type as ObjectType,
    async read(oid, type) {
      const found = await find(oid)
      if (!(found.object instanceof Uint8Array)) throw new Error(`${oid} was not read as bytes`)
      if (idOf(type, found.object) !== oid) throw new Error(`what is stored as ${type} ${oid} is something else`)
      return found.object
    },
    looseSize: (oid) => looseSize(`${gitdir}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`),
  }
}

function idOf(type: ObjectType, content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.byteLength}\0`).update(content).digest('hex')
}

/** isomorphic-git keeps whole packs in the cache object it is given; this one is dropped when nobody reads. */
function idleCache(): () => object {
  let cache = {}
  let timer: NodeJS.Timeout | null = null
  return () => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      cache = {}
    }, IDLE_MS).unref()
    return cache
  }
}

/** A loose object begins with `blob <size>` and a zero byte; inflating those few bytes is enough to know the size. */
function looseSize(file: string): number | null {
  if (!fs.existsSync(file)) return null
  const head = Buffer.alloc(128)
  const descriptor = fs.openSync(file, 'r')
  try {
    const length = fs.readSync(descriptor, head)
    return sizeInHeader(head.subarray(0, length))
  } finally {
    fs.closeSync(descriptor)
  }
}

function sizeInHeader(deflated: Buffer): number | null {
  const header = inflateSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1')
  const size = Number.parseInt(/^blob (\d+)\0/.exec(header)?.[1] ?? '', 10)
  return Number.isNaN(size) ? null : size
}
