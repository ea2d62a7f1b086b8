import fs from 'node:fs/promises'
import { lengthOf } from '../packet-lines.ts'
import { BadPack } from './bad-pack.ts'

/**
 * Takes what a server answers to a fetch, and writes the pack in it to a file as it comes, so that it is never in
 * memory as a whole. Resolves to the rest, in the form it came in (gitprotocol-pack(5), "Packfile Data"). Rejects with
 * BadPack when it ends early.
 */
export async function receivePack(stream: AsyncIterable<Uint8Array>, file: string): Promise<Buffer<ArrayBuffer>> {
  const rest: Uint8Array[] = []
  const handle = await fs.open(file, 'w', 0o600)
  try {
    for await (const line of packetLines(stream)) {
      if (line[HEADER_BYTES] === BAND.pack) await handle.writeFile(line.subarray(HEADER_BYTES + 1))
      else if (line[HEADER_BYTES] !== BAND.progress) rest.push(Buffer.from(line))
    }
  } finally {
    await handle.close()
  }
  return Buffer.concat(rest)
}

/** The first byte of a line says what it belongs to; lines before the pack begin with a letter. */
const BAND = { pack: 1, progress: 2 }
const HEADER_BYTES = 4

async function* packetLines(stream: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let pending: Buffer = Buffer.alloc(0)
  for await (const piece of stream) {
    const next = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    pending = pending.length === 0 ? next : Buffer.concat([pending, next])
    for (let end = endOfLine(pending); end !== null; end = endOfLine(pending)) {
      yield pending.subarray(0, end)
      pending = pending.subarray(end)
    }
  }
  if (pending.length > 0) throw new BadPack('the answer ends within a line')
}

/** Null: the line has not come whole yet. What stands there instead of one is not told: it may be content of files. */
function endOfLine(bytes: Buffer): number | null {
  if (bytes.length < HEADER_BYTES) return null
  const length = lengthOf(bytes, 0)
  if (length === null) throw new BadPack('the answer has not the form of git')
  return (length || HEADER_BYTES) <= bytes.length ? length || HEADER_BYTES : null
}
