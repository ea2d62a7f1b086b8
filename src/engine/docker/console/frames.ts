export interface Frame {
  stream: 'stdout' | 'stderr'
  payload: Buffer
}

/** Takes the bytes of a stream as they come, and gives the frames that are whole by then. */
export type Unframe = (chunk: Buffer) => Frame[]

const HEADER_BYTES = 8
const STDERR = 2

/** Without a terminal the engine frames each piece: one byte for the stream, three empty, four for the length. */
export function unframer(): Unframe {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Frame[] = []
    let at = 0
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4)
      if (end > bytes.length) break
      const stream = bytes[at] === STDERR ? 'stderr' : 'stdout'
      frames.push({ stream, payload: bytes.subarray(at + HEADER_BYTES, end) })
      at = end
    }
    rest = bytes.subarray(at)
    return frames
  }
}

/** With a terminal there are no frames, and one stream. */
export function unframed(): Unframe {
  return (chunk) => [{ stream: 'stdout', payload: chunk }]
}
