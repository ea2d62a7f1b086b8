import { LABEL } from '../../model/labels.ts'
import { orNull } from './errors.ts'
import type { Context } from './ownership.ts'

const LONGEST_LINE = 2_000
const HEADER_BYTES = 8

/** The last `lines` lines of both outputs, oldest first, each cut at 2,000 characters; empty when it is gone. */
export async function logsOf(context: Context, name: string, lines: number): Promise<string[]> {
  const info = await inspectNamed(context, name)
  if (info === null) return []
  const raw = await orNull(
    context.quick.getContainer(info.Id).logs({ stdout: true, stderr: true, follow: false, tail: lines }),
  )
  if (raw === null) return []
  const text = info.Config.Tty ? raw.toString('utf8') : demultiplexed(raw).toString('utf8')
  const written = text.split(/\r?\n/).map((line) => line.slice(0, LONGEST_LINE))
  if (written.at(-1) === '') written.pop()
  return written.slice(-lines)
}

/** By its own name, also while it bears that of its `container_name`. */
async function inspectNamed(context: Context, name: string) {
  const found = await orNull(context.quick.getContainer(name).inspect())
  if (found !== null) return found
  const label = [`${LABEL.name}=${name}`, `${LABEL.instance}=${context.instance}`]
  const [listed] = await context.quick.listContainers({ all: true, filters: { label } })
  return listed === undefined ? null : await orNull(context.quick.getContainer(listed.Id).inspect())
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
