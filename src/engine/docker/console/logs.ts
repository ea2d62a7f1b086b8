import type { IncomingMessage } from 'node:http'
import type { LogLine, LogOptions } from '../../console.ts'
import type { Context } from '../ownership.ts'
import { unframed, unframer } from './frames.ts'
import { framedLines, rawLines } from './lines.ts'

/** What a container wrote, both outputs in the order in which the engine heard them. */
export async function* readLog(
  { patient }: Context,
  id: string,
  tty: boolean,
  options: LogOptions,
): AsyncGenerator<LogLine> {
  const unframe = tty ? unframed() : unframer()
  const lines = tty ? rawLines() : framedLines()
  try {
    for await (const chunk of await open(patient, id, options)) {
      for (const frame of unframe(chunk)) yield* lines.take(frame)
    }
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
  yield* lines.rest()
}

/** The client itself would collect a log that is not followed in memory before it gives any of it. */
function open(
  { modem }: Context['patient'],
  id: string,
  { tail, since, follow, signal }: LogOptions,
): Promise<AsyncIterable<Buffer>> {
  const asked = { stdout: true, stderr: true, timestamps: true, follow, tail: tail ?? 'all', since: since ?? '0' }
  return new Promise((resolve, reject) => {
    const request = {
      path: `/containers/${id}/logs?`,
      method: 'GET',
      abortSignal: signal,
      isStream: true,
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error', 501: 'not supported' },
      options: asked,
    }
    modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer as IncomingMessage)))
  })
}
