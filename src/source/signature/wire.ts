import { Malformed } from './malformed.ts'

/** Reads what SSH writes (RFC 4251, section 5), piece by piece. Every call throws `Malformed` where the bytes end early. */
export interface Wire {
  byte(): number
  uint32(): number
  /** Bytes with their length before them. */
  bytes(): Buffer
  text(): string
  /** Throws `Malformed` unless everything has been read. */
  end(): void
}

export function readWire(source: Uint8Array): Wire {
  const all = Buffer.from(source)
  let at = 0
  function take(length: number): Buffer {
    if (at + length > all.length) throw new Malformed('it ends early')
    at += length
    return all.subarray(at - length, at)
  }
  const uint32 = () => take(4).readUInt32BE()
  const bytes = () => take(uint32())
  return {
    byte: () => take(1).readUInt8(),
    uint32,
    bytes,
    text: () => bytes().toString('latin1'),
    end() {
      if (at < all.length) throw new Malformed('there is more behind its end')
    },
  }
}

/** Bytes as SSH writes them, with their length before them. */
export function wireBytes(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
