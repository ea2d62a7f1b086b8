/**
 * Partial clone, which isomorphic-git does not speak: the server is asked to leave large files out of the pack, so
 * that one of them in the repository costs neither memory nor the other stacks. Rules: git's gitprotocol-pack(5).
 */

/** Whether a ref advertisement lists the `filter` capability, after the zero byte of its first line. */
export function offersFilter(advertisement: Uint8Array): boolean {
  const bytes = Buffer.from(advertisement.buffer, advertisement.byteOffset, advertisement.byteLength)
  const start = bytes.indexOf(0)
  if (start < 0) return false
  const end = bytes.indexOf('\n', start)
  return bytes
    .toString('utf8', start + 1, end)
    .split(' ')
    .includes('filter')
}

/** Adds the capability to the first `want` of an upload-pack request and the filter before its first flush. */
export function askForSmallFiles(request: Uint8Array, limitBytes: number): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(request).toString('latin1')
  const first = text.slice(4, Number.parseInt(text.slice(0, 4), 16))
  const flush = endOfWants(text)
  const wants = packetLine(`${first.trimEnd()} filter\n`) + text.slice(first.length + 4, flush)
  return Buffer.from(`${wants}${packetLine(`filter blob:limit=${limitBytes}\n`)}${text.slice(flush)}`, 'latin1')
}

function endOfWants(text: string): number {
  let at = 0
  while (at < text.length) {
    const length = Number.parseInt(text.slice(at, at + 4), 16)
    if (!(length > 0)) break
    at += length
  }
  return at
}

function packetLine(line: string): string {
  return (line.length + 4).toString(16).padStart(4, '0') + line
}
