/** Git's packet lines: four hex digits of length, themselves included, then the content; 0000 ends a section. */

export function packetLine(content: string): string {
  return (content.length + 4).toString(16).padStart(4, '0') + content
}

export const FLUSH = '0000'

/** Where the first section ends, its flush included; null when it is not there yet. Throws NoPacketLines. */
export function endOfSection(bytes: Buffer): number | null {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = lengthAt(bytes, at)
    if (length === 0) return at + 4
    at += length
  }
  return null
}

/** How far whole lines go; what is behind them waits for more bytes. Throws NoPacketLines. */
export function wholeLines(bytes: Buffer): number {
  let at = 0
  while (at + 4 <= bytes.length) {
    const length = lengthAt(bytes, at) || 4
    if (at + length > bytes.length) return at
    at += length
  }
  return at
}

/** What a server answers in place of what was asked for: a line `ERR why`, which may follow some that prepare it. */
export function refusalIn(answer: Buffer): string | null {
  for (let at = 0; at + 4 <= answer.length; ) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16) || 4
    const line = answer.toString('utf8', at + 4, at + length)
    if (line.startsWith('ERR ')) return line.slice(4).trim()
    if (length > 4 && !/^(# |shallow |unshallow )/.test(line)) return null
    at += length
  }
  return null
}

/** What came does not have the form of packet lines. */
export class NoPacketLines extends Error {}

/** The length that the line at a place says it has, itself included, and 0 for the end of a section; null for no line. */
export function lengthOf(bytes: Buffer, at: number): number | null {
  const digits = bytes.toString('latin1', at, at + 4)
  const length = Number.parseInt(digits, 16)
  return /^[0-9a-f]{4}$/i.test(digits) && (length === 0 || length >= 4) ? length : null
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = lengthOf(bytes, at)
  if (length !== null) return length
  throw new NoPacketLines(bytes.toString('utf8', at, at + 200))
}
