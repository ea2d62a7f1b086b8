import { BadPack } from './bad-pack.ts'

/** Makes an object from its base and what is different (git's gitformat-pack(5), "Deltified representation"). */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Buffer {
  const [baseSize, afterBase] = sizeAt(delta, 0)
  const [size, start] = sizeAt(delta, afterBase)
  if (baseSize !== base.byteLength) throw new BadPack('a delta does not fit its base')
  const made = Buffer.allocUnsafe(size)
  let [at, to] = [start, 0]
  while (at < delta.byteLength) {
    const code = delta[at] ?? 0
    const part = code < 0x80 ? { from: at + 1, length: code, next: at + 1 + code } : copyAt(delta, at)
    const source = code < 0x80 ? delta : base
    if (part.length === 0 || part.from + part.length > source.byteLength || to + part.length > size) {
      throw new BadPack('a delta holds an instruction that makes no sense')
    }
    made.set(source.subarray(part.from, part.from + part.length), to)
    to += part.length
    at = part.next
  }
  if (to !== size || at !== delta.byteLength) throw new BadPack('a delta makes an object of another size')
  return made
}

/** An instruction to copy: its bits say which bytes of offset and length follow, the lowest first. */
function copyAt(delta: Uint8Array, start: number): { from: number; length: number; next: number } {
  const which = delta[start] ?? 0
  const numbers = [0, 0, 0, 0, 0, 0, 0]
  let next = start + 1
  for (const index of numbers.keys()) {
    if ((which & (1 << index)) !== 0) numbers[index] = delta[next++] ?? 0
  }
  const [a = 0, b = 0, c = 0, d = 0, ...lengths] = numbers
  const [e = 0, f = 0, g = 0] = lengths
  return { from: a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24, length: e + f * 2 ** 8 + g * 2 ** 16 || 2 ** 16, next }
}

/** Seven bits in each byte, the lowest first; the eighth says that more follow. */
function sizeAt(bytes: Uint8Array, from: number): [size: number, next: number] {
  let size = 0
  for (let at = from, unit = 1; unit <= 2 ** 35; at++, unit *= 128) {
    const byte = bytes[at]
    if (byte === undefined) break
    size += (byte & 0x7f) * unit
    if (byte < 0x80) return [size, at + 1]
  }
  throw new BadPack('a delta does not say what it makes')
}
