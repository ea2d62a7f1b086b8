import { endOfSection, packetLine } from './packet-lines.ts'

/**
 * Partial clone, which isomorphic-git does not speak: the server is asked to leave large files out of the pack, so
 * that one of them in the repository costs neither memory nor the other stacks. Rules: git's gitprotocol-pack(5).
 */

/** Whether a ref advertisement lists the `filter` capability, after the zero byte of its first line. */
export function offersFilter(advertisement: Buffer): boolean {
  const start = advertisement.indexOf(0)
  if (start < 0) return false
  const end = advertisement.indexOf('\n', start)
  return advertisement
    .toString('utf8', start + 1, end)
    .split(' ')
    .includes('filter')
}

/** Adds the capability to the first `want` of an upload-pack request and the filter before its first flush. */
export function askForSmallFiles(request: Buffer, limitBytes: number): Buffer<ArrayBuffer> {
  const text = request.toString('latin1')
  const first = text.slice(4, Number.parseInt(text.slice(0, 4), 16))
  const flush = (endOfSection(request) ?? text.length + 4) - 4
  const wants = packetLine(`${first.trimEnd()} filter\n`) + text.slice(first.length + 4, flush)
  return Buffer.from(`${wants}${packetLine(`filter blob:limit=${limitBytes}\n`)}${text.slice(flush)}`, 'latin1')
}
