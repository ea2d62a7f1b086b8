import fs from 'node:fs'

/** A file of which one stretch is held in memory at a time. */
export interface PackFile {
  size: number
  /** The bytes in between, as far as the file has them; true until the next call. */
  bytes(from: number, to: number): Buffer
  close(): void
}

/** So much is read at once; most objects are far smaller. */
const WINDOW_BYTES = 256 * 1024

/** Throws for a file that cannot be read. */
export function openPackFile(path: string): PackFile {
  const descriptor = fs.openSync(path, 'r')
  const { size } = fs.fstatSync(descriptor)
  let room = Buffer.allocUnsafe(WINDOW_BYTES)
  let held = { from: 0, to: 0 }

  /** Room that was needed for a large object is given back with the next small one. */
  function fill(from: number, length: number): void {
    if (room.length < length || (room.length > WINDOW_BYTES && length <= WINDOW_BYTES)) {
      room = Buffer.allocUnsafe(Math.max(length, WINDOW_BYTES))
    }
    held = { from, to: from + fs.readSync(descriptor, room, 0, room.length, from) }
  }

  return {
    size,
    bytes(from, to) {
      const end = Math.min(to, size)
      if (from >= end) return Buffer.alloc(0)
      if (from < held.from || end > held.to) fill(from, end - from)
      return room.subarray(from - held.from, end - held.from)
    },
    close: () => fs.closeSync(descriptor),
  }
}
