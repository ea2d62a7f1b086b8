import { once } from 'node:events'
import type { Session } from '../engine/console.ts'

/** Connects this process's input and output with the command until that ends; gives its exit code. */
export async function attach(session: Session, tty: boolean): Promise<number> {
  const release = tty ? takeTerminal(session) : () => {}
  try {
    const { input } = session
    // Whoever ends first: what is typed after the command's end goes nowhere.
    input.on('error', () => {})
    process.stdin.pipe(input)
    for await (const { stream, bytes } of session.output()) {
      if (!process[stream].write(bytes)) await once(process[stream], 'drain')
    }
    return await session.exitCode()
  } finally {
    process.stdin.unpipe().pause()
    release()
  }
}

/** Every key goes to the command, Ctrl-C too, and it hears of the window's size. Gives what undoes it. */
function takeTerminal({ resize }: Session): () => void {
  const { stdin, stdout } = process
  const tell = () => void resize({ columns: stdout.columns, rows: stdout.rows }).catch(() => {})
  if (stdin.isTTY) stdin.setRawMode(true)
  if (stdout.isTTY) {
    tell()
    stdout.on('resize', tell)
  }
  return () => {
    stdout.off('resize', tell)
    if (stdin.isTTY) stdin.setRawMode(false)
  }
}
