import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { BadPack } from './bad-pack.ts'
import { TRAILER_BYTES } from './packed.ts'

/** Where the objects of a pack are, by their ids. */
export interface PackIndex {
  placeOf(id: string): number | null
}

/** An object of a pack, for its index. */
export interface Place {
  id: string
  offset: number
  /** CRC-32 of what lies in the pack. */
  checksum: number
}

const HEAD = Buffer.from('ff744f6300000002', 'hex')
const COUNTS = 8
const NAMES = COUNTS + 256 * 4
const SUMS_BYTES = 40
/** Packs of 2 GiB and more have a table of their own for offsets that do not fit; this bit says so. */
const FAR = 0x80000000

/** Reads an index of version 2 (gitformat-pack(5)). Throws BadPack for what is none. */
export function readIndex(file: string): PackIndex {
  const bytes = fs.readFileSync(file)
  if (bytes.length < NAMES || !bytes.subarray(0, 8).equals(HEAD)) throw new BadPack(`${file} is no index of a pack`)
  const count = bytes.readUInt32BE(NAMES - 4)
  const offsets = NAMES + count * 24
  if (bytes.length < offsets + count * 4 + SUMS_BYTES) throw new BadPack(`${file} is not whole`)

  function offsetOf(index: number): number {
    const offset = bytes.readUInt32BE(offsets + index * 4)
    if (offset < FAR) return offset
    const far = offsets + count * 4 + (offset - FAR) * 8
    if (far + 8 > bytes.length - SUMS_BYTES) throw new BadPack(`${file} names a place that is none`)
    return Number(bytes.readBigUInt64BE(far))
  }

  return {
    placeOf(id) {
      const name = Buffer.from(id, 'hex')
      const first = name[0] ?? 0
      let from = first === 0 ? 0 : bytes.readUInt32BE(COUNTS + (first - 1) * 4)
      let to = bytes.readUInt32BE(COUNTS + first * 4)
      if (from > to || to > count) throw new BadPack(`${file} counts its objects wrongly`)
      while (from < to) {
        const middle = (from + to) >> 1
        const order = bytes.compare(name, 0, 20, NAMES + middle * 20, NAMES + middle * 20 + 20)
        if (order === 0) return offsetOf(middle)
        if (order < 0) from = middle + 1
        else to = middle
      }
      return null
    },
  }
}

/** The bytes of an index; `sum` is the pack's own checksum. */
export function writeIndex(places: readonly Place[], sum: Buffer): Buffer {
  const sorted = places.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const bytes = Buffer.alloc(NAMES + sorted.length * 28 + SUMS_BYTES)
  HEAD.copy(bytes)
  const [checksums, offsets, sums] = [20, 24, 28].map((width) => NAMES + sorted.length * width) as [
    number,
    number,
    number,
  ]
  for (const [index, { id, offset, checksum }] of sorted.entries()) {
    if (offset >= FAR) throw new BadPack('the pack is larger than 2 GiB')
    bytes.write(id, NAMES + index * 20, 'hex')
    bytes.writeUInt32BE(checksum, checksums + index * 4)
    bytes.writeUInt32BE(offset, offsets + index * 4)
    // How many there are up to this first byte, and so at least up to every later one.
    bytes.writeUInt32BE(index + 1, COUNTS + Number.parseInt(id.slice(0, 2), 16) * 4)
  }
  for (let first = 1; first < 256; first++) {
    const at = COUNTS + first * 4
    bytes.writeUInt32BE(Math.max(bytes.readUInt32BE(at), bytes.readUInt32BE(at - 4)), at)
  }
  sum.copy(bytes, sums)
  createHash('sha1')
    .update(bytes.subarray(0, sums + TRAILER_BYTES))
    .digest()
    .copy(bytes, sums + TRAILER_BYTES)
  return bytes
}
