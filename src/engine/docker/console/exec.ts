import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import { HoldfastError } from '../../../model/errors.ts'
import type { ExecOptions, Session } from '../../console.ts'
import { statusOf } from '../errors.ts'
import type { Context } from '../ownership.ts'
import { unframed, unframer } from './frames.ts'

const ASK_EVERY_MS = 50
const ENDED_WITHIN_MS = 5_000

/** Begins a command in the container; what connects to it goes on as long as it does. */
export async function beginExec(
  { quick, patient }: Context,
  id: string,
  { command, tty, stdin, user, workdir, env }: ExecOptions,
): Promise<Session> {
  const made = await quick.getContainer(id).exec({
    Cmd: [...command],
    Tty: tty,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    Env: [...env],
    ...(user === undefined ? {} : { User: user }),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
  })
  const input: Duplex = await patient.getExec(made.id).start({ hijack: true, stdin: true, Tty: tty })
  const unframe = tty ? unframed() : unframer()
  async function* output() {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      for (const { stream, payload } of unframe(chunk)) yield { stream, bytes: payload }
    }
  }
  return {
    input,
    output,
    resize: ({ columns, rows }) => resize(quick.getExec(made.id), columns, rows),
    exitCode: () => exitCodeOf(quick.getExec(made.id)),
  }
}

/** A command that is not quite there yet, or not any more, has no size to set. */
async function resize(exec: Docker.Exec, columns: number, rows: number): Promise<void> {
  try {
    await exec.resize({ h: rows, w: columns })
  } catch (error) {
    if (statusOf(error) === null) throw error
  }
}

/** The engine notes the end a moment after the output did. A command that goes on has lost us. */
async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  const limit = performance.now() + ENDED_WITHIN_MS
  for (;;) {
    const { Running, ExitCode } = await exec.inspect()
    if (!Running && ExitCode !== null) return ExitCode
    if (performance.now() > limit) {
      throw new HoldfastError('retry', 'The connection to the command was lost; it may go on inside of the container.')
    }
    await sleep(ASK_EVERY_MS)
  }
}
