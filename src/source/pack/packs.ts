import fs from 'node:fs'
import { join } from 'node:path'
import { BadPack } from './bad-pack.ts'
import { openPackFile, type PackFile } from './pack-file.ts'
import { type PackIndex, readIndex } from './pack-index.ts'
import { sizeAt } from './packed.ts'
import { type GitObject, openResolver, type Resolver } from './resolver.ts'

/** The packs of a repository. Every call may throw BadPack, or what reading files throws. */
export interface Packs {
  read(id: string): GitObject | null
  /** In bytes, as far as it is known without unpacking. */
  sizeOf(id: string): number | null
  close(): void
}

interface Pack {
  index: PackIndex
  file: PackFile
  resolver: Resolver
}

/** `folder`: `objects/pack` of a repository, which need not be there. */
export function openPacks(folder: string): Packs {
  const open = new Map<string, Pack>()

  function openOne(name: string): Pack {
    const known = open.get(name)
    if (known) return known
    const index = readIndex(join(folder, name))
    const file = openPackFile(join(folder, name.replace(/idx$/, 'pack')))
    const pack = { index, file, resolver: openResolver(file, index.placeOf) }
    open.set(name, pack)
    return pack
  }

  function lookIn(names: Iterable<string>, id: string): { pack: Pack; offset: number } | null {
    for (const name of names) {
      const pack = openOne(name)
      const offset = pack.index.placeOf(id)
      if (offset !== null) return { pack, offset }
    }
    return null
  }

  /** Packs come and go where others work in the repository: what no open one has may be in one that is new. */
  function find(id: string): { pack: Pack; offset: number } | null {
    const found = lookIn(open.keys(), id)
    if (found !== null || !fs.existsSync(folder)) return found
    return lookIn(
      fs.readdirSync(folder).filter((name) => name.endsWith('.idx') && !open.has(name)),
      id,
    )
  }

  return {
    read(id) {
      const found = find(id)
      if (found === null) return null
      const object = found.pack.resolver.at(found.offset)
      if (object === null) throw new BadPack(`the pack lacks what ${id} is made from`)
      return object
    },
    sizeOf(id) {
      const found = find(id)
      return found === null ? null : sizeAt(found.pack.file, found.offset)
    },
    close() {
      for (const { file } of open.values()) file.close()
      open.clear()
    },
  }
}
