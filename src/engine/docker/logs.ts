import { orNull } from './errors.ts'
import type { Context } from './ownership.ts'

const LONGEST_LINE = 2_000
const HEADER_BYTES = 8

/** The last `lines` lines of both outputs, oldest first, each cut at 2,000 characters; empty when it is gone. */
export async function logsOf(context: Context, name: string, lines: number): Promise<string[]> {
  const container = context.quick.getContainer(name)
  const info = await orNull(container.inspect())
  if (info === null) return []
  const raw = await orNull(container.logs({ stdout: true, stderr: true, follow: false, tail: lines }))
  if (raw === null) return []
  const text = info.Config.Tty ? raw.toString('utf8') : demultiplexed(raw).toString('utf8')
  const written = text.split(/\r?\n/).map((line) => line.slice(0, LONGEST_LINE))
  if (written.at(-1) === '') written.pop()
  return written.slice(-lines)
}

/** Without a terminal the engine frames each piece: one byte for the stream, three empty, four for the length. */
function demultiplexed(raw: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at + HEADER_BYTES <= raw.length; ) {
    const end = at + HEADER_BYTES + raw.readUInt32BE(at + 4)
    pieces.push(raw.subarray(at + HEADER_BYTES, end))
    at = end
  }
  return Buffer.concat(pieces)
}
