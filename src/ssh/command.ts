import type { Client, ClientChannel } from 'ssh2'

/** A command that runs on the other side. */
export interface Command {
  /** The next bytes it prints; null after the last. */
  read(): Promise<Buffer | null>
  /** Gives it the last it will hear from us. */
  send(bytes: Uint8Array): void
  /** The beginning of what it prints as errors, so far. */
  complaint(): string
  /** Its exit code; null when it was killed, or the connection was lost, before it could end. */
  ended: Promise<number | null>
}

/** Of errors, which the other side could make as long as it likes. */
const COMPLAINT_BYTES = 4_096

/** Starts a command in a channel of its own. `line` is for a shell over there: quote what comes from outside. */
export function startCommand(client: Client, line: string): Promise<Command> {
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => (error ? reject(error) : resolve(commandOn(channel))))
  })
}

/** In quotes that no shell looks into, as git itself writes a path. */
export function quote(text: string): string {
  return `'${text.replace(/['!]/g, "'\\$&'")}'`
}

function commandOn(channel: ClientChannel): Command {
  const pieces = channel[Symbol.asyncIterator]()
  let complaint = ''
  // Its end tells of it too; without somebody who hears it, an error ends the process.
  channel.on('error', () => {})
  channel.stderr.on('data', (piece: Buffer) => {
    complaint = (complaint + piece.toString()).slice(0, COMPLAINT_BYTES)
  })
  return {
    async read() {
      const next = await pieces.next()
      return next.done ? null : next.value
    },
    send: (bytes) => void channel.end(bytes),
    complaint: () => complaint,
    ended: new Promise((resolve) => {
      channel.once('close', (code: unknown) => resolve(typeof code === 'number' ? code : null))
    }),
  }
}
