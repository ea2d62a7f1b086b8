import fs from 'node:fs'
import { constants, inflateSync } from 'node:zlib'
import git from 'isomorphic-git'

/** How long parsed packs stay in memory after the last look into them. */
const IDLE_MS = 5_000

/** The objects of one repository on disk. Packs are held in memory while they are read, and let go soon after. */
export interface Objects {
  readCommit(oid: string): ReturnType<typeof git.readCommit>
  readTree(oid: string): ReturnType<typeof git.readTree>
  readBlob(oid: string): Promise<Uint8Array>
  /** The size in bytes of a blob that lies unpacked, without unpacking it; null when it is in a pack. */
  looseSize(oid: string): number | null
}

export function openObjects(gitdir: string): Objects {
  const held = idleCache()
  return {
    readCommit: (oid) => git.readCommit({ fs, gitdir, oid, cache: held() }),
    readTree: (oid) => git.readTree({ fs, gitdir, oid, cache: held() }),
    async readBlob(oid) {
      return (await git.readBlob({ fs, gitdir, oid, cache: held() })).blob
    },
    looseSize: (oid) => looseSize(`${gitdir}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`),
  }
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
