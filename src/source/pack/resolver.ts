import { createHash } from 'node:crypto'
import { BadPack } from './bad-pack.ts'
import { applyDelta } from './delta.ts'
import type { PackFile } from './pack-file.ts'
import { type ObjectKind, type Packed, readPacked } from './packed.ts'

/** An object of git. */
export interface GitObject {
  kind: ObjectKind
  content: Buffer
}

/** Makes whole objects of what lies in a pack. */
export interface Resolver {
  /** The object at a place. Null: it is made from one that `placeOf` does not know. Throws BadPack. */
  at(offset: number, packed?: Packed): GitObject | null
}

/** Git itself makes no longer chains. */
const LONGEST_CHAIN = 4096
/** What others are made from lies close to them. */
const KEPT_BYTES = 16 * 1024 * 1024

/** `placeOf`: where in the pack the object of an id is; null when it is not known. */
export function openResolver(pack: PackFile, placeOf: (id: string) => number | null): Resolver {
  const kept = keeper()

  /** From a delta back to what is whole, and then forward again. */
  function resolve(offset: number, packed: Packed): GitObject | null {
    const chain: { offset: number; delta: Buffer }[] = []
    let [place, found] = [offset, packed]
    while (found.kind === 'delta') {
      if (chain.push({ offset: place, delta: found.content }) > LONGEST_CHAIN) throw new BadPack('a delta has no end')
      const base = typeof found.base === 'string' ? placeOf(found.base) : found.base
      if (base === null) return null
      const known = kept.get(base)
      if (known !== null) return forward(known, chain)
      place = base
      found = readPacked(pack, place)
    }
    const whole = { kind: found.kind, content: found.content }
    kept.put(place, whole)
    return forward(whole, chain)
  }

  function forward(from: GitObject, chain: readonly { offset: number; delta: Buffer }[]): GitObject {
    let object = from
    for (const { offset, delta } of chain.toReversed()) {
      object = { kind: object.kind, content: applyDelta(object.content, delta) }
      kept.put(offset, object)
    }
    return object
  }

  return { at: (offset, packed) => kept.get(offset) ?? resolve(offset, packed ?? readPacked(pack, offset)) }
}

/** What an object is called: the hash of its content with its kind and size. */
export function idOf({ kind, content }: { kind: string; content: Uint8Array }): string {
  return createHash('sha1').update(`${kind} ${content.byteLength}\0`).update(content).digest('hex')
}

/** The objects that were used last. */
function keeper() {
  const objects = new Map<number, GitObject>()
  let bytes = 0
  return {
    get(offset: number): GitObject | null {
      const object = objects.get(offset)
      if (object === undefined) return null
      objects.delete(offset)
      objects.set(offset, object)
      return object
    },
    put(offset: number, object: GitObject): void {
      if (object.content.length > KEPT_BYTES / 4 || objects.has(offset)) return
      objects.set(offset, object)
      bytes += object.content.length
      for (const [oldest, { content }] of objects) {
        if (bytes <= KEPT_BYTES) return
        objects.delete(oldest)
        bytes -= content.length
      }
    },
  }
}
