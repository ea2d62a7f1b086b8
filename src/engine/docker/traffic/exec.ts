import { StepFailed } from '../../../model/errors.ts'
import { type ArchivedFile, archiveOf } from '../archive.ts'
import { exitCodeOf } from '../console/exec.ts'
import { unframer } from '../console/frames.ts'
import type { Context } from '../ownership.ts'

const ENDS_WITHIN_MS = 30_000
const LONGEST_OUTPUT = 32 * 1024 * 1024

/** Runs a command in one of our containers to its end; `output` is all that it printed. Rejects when it takes too long. */
export async function execIn(
  { quick, patient }: Context,
  container: string,
  command: string[],
): Promise<{ code: number; output: string }> {
  const made = await quick
    .getContainer(container)
    .exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: false })
  const limit = AbortSignal.timeout(ENDS_WITHIN_MS)
  try {
    const stream = await patient.getExec(made.id).start({ abortSignal: limit })
    const output = await printed(stream)
    return { code: await exitCodeOf(quick.getExec(made.id)), output }
  } catch (cause) {
    if (!limit.aborted) throw cause
    const words = `\`${command.join(' ')}\` in the container ${container} took more than ${ENDS_WITHIN_MS / 1000} s.`
    throw new StepFailed('platform', `${words} See what it says: docker logs ${container}`, { cause })
  }
}

/** Puts files below a folder of one of our containers, whether it runs or not. Their folders come with them. */
export async function upload(
  { quick }: Context,
  container: string,
  folder: string,
  files: Record<string, ArchivedFile>,
): Promise<void> {
  await quick.getContainer(container).putArchive(await archiveOf(files), { path: folder })
}

async function printed(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const unframe = unframer()
  const pieces: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    for (const { payload } of unframe(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) {
      length += payload.length
      if (length > LONGEST_OUTPUT) throw new StepFailed('platform', 'It printed more than anybody can want.')
      pieces.push(payload)
    }
  }
  return Buffer.concat(pieces).toString('utf8')
}
