import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { BadPack } from './bad-pack.ts'
import { openPackFile, type PackFile } from './pack-file.ts'
import { type Place, writeIndex } from './pack-index.ts'
import { type Packed, readPacked, TRAILER_BYTES } from './packed.ts'
import { idOf, openResolver } from './resolver.ts'

const HEADER_BYTES = 12
const LONGEST_STRETCH_MS = 20

/**
 * Writes the index of a pack beside it, as `git index-pack` does, and takes no more memory than its largest objects and
 * a list of all. Every object is named by its own hash, whatever a server called it. Rejects with BadPack for one that
 * is not whole, and with the signal's reason.
 */
export async function indexPack(file: string, signal?: AbortSignal): Promise<void> {
  const pack = openPackFile(file)
  const pause = pauses(signal)
  try {
    const sum = await checkSum(pack, pause)
    fs.writeFileSync(file.replace(/\.pack$/, '.idx'), writeIndex(await placesIn(pack, pause), sum))
  } finally {
    pack.close()
  }
}

/** The checksum at the end, which is that of all before it. */
async function checkSum(pack: PackFile, pause: Pause): Promise<Buffer> {
  const end = pack.size - TRAILER_BYTES
  if (end < HEADER_BYTES) throw new BadPack('the pack is empty')
  const hash = createHash('sha1')
  for (let at = 0; at < end; ) {
    const part = pack.bytes(at, Math.min(at + 64 * 1024, end))
    hash.update(part)
    at += part.length
    await pause()
  }
  const sum = Buffer.from(pack.bytes(end, pack.size))
  if (!hash.digest().equals(sum)) throw new BadPack('the pack is not whole')
  return sum
}

type Unnamed = Omit<Place, 'id'>

async function placesIn(pack: PackFile, pause: Pause): Promise<Place[]> {
  const offsets = new Map<string, number>()
  const resolver = openResolver(pack, (id) => offsets.get(id) ?? null)
  const places: Place[] = []
  let waiting: Unnamed[] = []
  const name = (place: Unnamed, packed?: Packed): boolean => {
    const object = resolver.at(place.offset, packed)
    if (object === null) return false
    const id = idOf(object)
    offsets.set(id, place.offset)
    places.push({ ...place, id })
    return true
  }
  let offset = HEADER_BYTES
  for (let left = countIn(pack); left > 0; left--) {
    const packed = readPacked(pack, offset)
    const place = { offset, checksum: crc32(pack.bytes(offset, packed.end)) }
    if (!name(place, packed)) waiting.push(place)
    offset = packed.end
    await pause()
  }
  // Named by its id, a base may come after what is made from it.
  while (waiting.length > 0) {
    const left: Unnamed[] = []
    for (const place of waiting.toReversed()) {
      if (!name(place)) left.push(place)
      await pause()
    }
    if (left.length === waiting.length) throw new BadPack('the pack lacks what its deltas are made from')
    waiting = left.toReversed()
  }
  return places
}

type Pause = () => Promise<void>

/** Everything else in this process goes on meanwhile, health checks and containers that died among it. */
function pauses(signal: AbortSignal | undefined): Pause {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < LONGEST_STRETCH_MS) return
    await setImmediate()
    signal?.throwIfAborted()
    began = performance.now()
  }
}

function countIn(pack: PackFile): number {
  const head = pack.bytes(0, HEADER_BYTES)
  if (head.toString('latin1', 0, 4) !== 'PACK' || head.readUInt32BE(4) !== 2) throw new BadPack('it is no pack')
  return head.readUInt32BE(8)
}
