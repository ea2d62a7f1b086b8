import { type InputType, inflateSync, type ZlibOptions } from 'node:zlib'
import { BadPack } from './bad-pack.ts'
import type { PackFile } from './pack-file.ts'

/** An object as it lies in a pack. */
export interface Packed {
  kind: ObjectKind | 'delta'
  /** The object; of a delta, what is different. */
  content: Buffer
  /** What a delta is made from: an earlier place in the pack, or the id of an object; null otherwise. */
  base: number | string | null
  /** Where the next object begins. */
  end: number
}

export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag'

/** At the end of every pack: the checksum of all before it. */
export const TRAILER_BYTES = 20

const KINDS: Record<number, Packed['kind']> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag', 6: 'delta', 7: 'delta' }
/** Kind and size, and where the base is. */
const MOST_HEADER_BYTES = 64
/** Larger objects are not looked at: nothing that is read here is so large, and a header may claim anything. */
const MOST_BYTES = 512 * 1024 * 1024

/** Reads the object at a place of a pack (gitformat-pack(5), version 2). Throws BadPack where there is none. */
export function readPacked(pack: PackFile, offset: number): Packed {
  const limit = pack.size - TRAILER_BYTES
  const header = headerAt(pack, offset)
  if (header.size > MOST_BYTES) throw new BadPack(`the pack holds an object of ${header.size} bytes`)
  const from = offset + header.length
  for (let length = header.size + 1024; ; length *= 2) {
    const read = inflated(pack.bytes(from, Math.min(from + length, limit)), header.size)
    if (read !== null) return { kind: header.kind, base: header.base, content: read.content, end: from + read.length }
    if (from + length >= limit) throw new BadPack('the pack ends within an object')
  }
}

/** The size in bytes of the object at a place, without unpacking it; null for a delta. */
export function sizeAt(pack: PackFile, offset: number): number | null {
  const { kind, size } = headerAt(pack, offset)
  return kind === 'delta' ? null : size
}

interface Header extends Pick<Packed, 'kind' | 'base'> {
  /** Of what is packed. */
  size: number
  length: number
}

function headerAt(pack: PackFile, offset: number): Header {
  const bytes = pack.bytes(offset, Math.min(offset + MOST_HEADER_BYTES, pack.size - TRAILER_BYTES))
  const first = bytes[0] ?? 0
  const type = (first >> 4) & 7
  const kind = KINDS[type]
  if (kind === undefined) throw new BadPack(`the pack holds an object of the unknown type ${type}`)
  let [at, size] = [1, first & 15]
  for (let unit = 16; (bytes[at - 1] ?? 0) >= 0x80; unit *= 128) size += ((bytes[at++] ?? 0) & 0x7f) * unit
  if (type === 7) return { kind, size, base: bytes.toString('hex', at, at + 20), length: at + 20 }
  if (type !== 6) return { kind, size, base: null, length: at }
  let back = (bytes[at++] ?? 0) & 0x7f
  while ((bytes[at - 1] ?? 0) >= 0x80) back = (back + 1) * 128 + ((bytes[at++] ?? 0) & 0x7f)
  if (back === 0 || back > offset) throw new BadPack('a delta names a base outside of the pack')
  return { kind, size, base: offset - back, length: at }
}

/** What the compressed beginning of the bytes holds, and its length; null when it goes on behind them. */
function inflated(bytes: Buffer, size: number): { content: Buffer; length: number } | null {
  try {
    const { buffer, engine } = inflate(bytes, {
      info: true,
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: size + 1,
    })
    if (buffer.length !== size) throw new BadPack('the pack holds an object of another size than it says')
    return { content: buffer, length: engine.bytesWritten }
  } catch (error) {
    if (error instanceof BadPack) throw error
    if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') return null
    throw new BadPack('the pack holds an object that cannot be unpacked', { cause: error })
  }
}

/** With `info`, which Node's types do not know: `bytesWritten` is how much of the input was used. */
const inflate = inflateSync as unknown as (
  bytes: InputType,
  options: ZlibOptions & { info: true },
) => { buffer: Buffer; engine: { bytesWritten: number } }
