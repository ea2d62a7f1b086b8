import { randomUUID } from 'node:crypto'
import { StepFailed } from '../../../model/errors.ts'
import { beginExec } from '../console/exec.ts'
import type { Context } from '../ownership.ts'

export interface Answer {
  code: number
  output: string
}

/**
 * A shell in one of our containers that is kept for a while. To begin a command in a container an engine starts several
 * processes, and one of its own size to copy a file: in a rollout, in which everything is looked at each second, that would
 * take more from those who serve than anything else that we do.
 */
export interface Shell {
  isOpen(): boolean
  /** Runs the script after those that were asked before. Rejects with StepFailed when it takes too long, or ShellLost. */
  ask(script: string): Promise<Answer>
}

/** The container stopped, or the connection to its engine broke: whether the script was run to its end is not known. */
export class ShellLost extends StepFailed {}

interface Asked {
  /** Begins the line that ends what is printed. */
  mark: string
  pieces: Buffer[]
  length: number
  resolve(answer: Answer): void
  reject(error: Error): void
}

const ENDS_WITHIN_MS = 30_000
const IDLE_MS = 10_000
const LONGEST_OUTPUT = 32 * 1024 * 1024
/** More than a mark and a number. */
const LONGEST_END = 100

export async function openShell(context: Context, container: string): Promise<Shell> {
  const { input, output } = await beginExec(context, container, { command: ['sh'], tty: false, stdin: true, env: [] })
  let isOpen = true
  let asked: Asked | null = null
  let last: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined

  function lose(error: Error): void {
    isOpen = false
    clearTimeout(idle)
    input.destroy()
    asked?.reject(error)
    asked = null
  }

  function lost(): void {
    lose(lostWith(container))
  }

  function take(bytes: Buffer): void {
    if (asked === null) return
    asked.pieces.push(bytes)
    asked.length += bytes.length
    if (asked.length > LONGEST_OUTPUT) {
      lose(new StepFailed('platform', `The container ${container} printed more than anybody can want.`))
      return
    }
    const answer = answerIn(asked)
    if (answer === null) return
    asked.resolve(answer)
    asked = null
    // The end of its input is the end of the shell.
    idle = setTimeout(lost, IDLE_MS).unref()
  }

  async function listen(): Promise<void> {
    for await (const { bytes } of output()) take(bytes)
  }
  input.on('error', lost)
  void listen().then(lost, lost)

  async function tell(script: string): Promise<Answer> {
    if (!isOpen) throw lostWith(container)
    clearTimeout(idle)
    const tooLong = `What was asked of the container ${container} took more than ${ENDS_WITHIN_MS / 1000} s. See what it says: docker logs ${container}`
    const limit = setTimeout(() => lose(new StepFailed('platform', tooLong)), ENDS_WITHIN_MS)
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const mark = randomUUID()
        asked = { mark, pieces: [], length: 0, resolve, reject }
        input.write(`${script}\nprintf '\\n${mark} %s\\n' "$?"\n`)
      })
    } finally {
      clearTimeout(limit)
    }
  }

  return {
    isOpen: () => isOpen,
    ask(script) {
      const mine = last.then(() => tell(script))
      last = mine.catch(() => {})
      return mine
    },
  }
}

/** Null before all of it was printed. */
function answerIn({ mark, pieces, length }: Asked): Answer | null {
  const end = Buffer.concat(lastOf(pieces)).toString('latin1')
  const at = end.lastIndexOf(`\n${mark} `)
  if (at < 0 || !end.endsWith('\n')) return null
  const output = Buffer.concat(pieces).subarray(0, length - (end.length - at))
  return { code: Number(end.slice(at).trim().split(' ')[1]), output: output.toString('utf8') }
}

/** As many as it takes to have the end. */
function lastOf(pieces: Buffer[]): Buffer[] {
  let length = 0
  let from = pieces.length
  while (from > 0 && length < LONGEST_END) length += pieces[--from]?.length ?? 0
  return pieces.slice(from)
}

function lostWith(container: string): ShellLost {
  return new ShellLost(
    'platform',
    `The connection to the container ${container} was lost. See what it says: docker logs ${container}`,
  )
}
