import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Failure } from '../src/model/record.ts'
import type { StackStatus } from '../src/model/status.ts'
import type { Cleanup } from './cleanup.ts'

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const run = promisify(execFile)
const MAX_OUTPUT = 64 * 1024 * 1024

/** Ends the program when the pipe it reads closes, as it does when this process dies in any way. */
const GUARD = '"$@" </dev/null & pid=$!; exec >/dev/null 2>&1; read -r _; kill "$pid"; wait "$pid"'

/** What `holdfast status --json` tells of a stack, of what the demo uses. */
export interface StackReport extends StackStatus {
  stack: string
  commit: string | null
  quarantine: Record<string, Failure>
}

interface HistoryReport {
  stack: string
  kind: string
  message: string
}

/** Both reject with its last lines when it has ended by itself. */
export interface Holdfast {
  status(): Promise<StackReport[]>
  /** Newest first, steps included. */
  history(stack: string): Promise<HistoryReport[]>
}

export interface HoldfastOptions {
  repo: string
  socket: string
  /** Null: Holdfast's own. */
  pool: string | null
  data: string
  instance: string
  /** Of the gateway and the names. */
  trafficImage: string
  cleanup: Cleanup
  /** Every line that it prints. */
  onLine(line: string): void
}

/** The built program as a process of its own, as a user would run it, with an instance of its own. */
export function startHoldfast(options: HoldfastOptions): Holdfast {
  const { repo, socket, pool, data, instance, trafficImage, cleanup } = options
  const settings = ['--repo', repo, '--data', data, '--engine', `unix://${socket}`, '--instance', instance]
  settings.push('--traffic-image', trafficImage)
  if (pool !== null) settings.push('--pool', pool)
  const command = [process.execPath, PROGRAM, 'run', ...settings, '--poll', '*/2 * * * * *']
  // Ctrl-C reaches the whole foreground group: this one is to be ended in its turn.
  const shell = spawn('sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const closed = new Promise<void>((resolve) => shell.once('close', () => resolve()))
  const last: string[] = []
  let isOver = false
  const listen = (line: string) => {
    last.splice(0, last.length, ...last.slice(-7), line)
    options.onLine(line)
  }
  const lines = createInterface({ input: shell.stdout }).on('line', listen)
  createInterface({ input: shell.stderr }).on('line', listen)
  // Its first line says that its memory is open; before, there is nothing to ask.
  const greeted = Promise.race([once(lines, 'line'), closed])
  lines.once('close', () => {
    isOver = true
  })
  cleanup.add('Holdfast', () => {
    shell.stdin.end()
    return closed
  })
  async function ask<T>(words: string[]): Promise<T> {
    await greeted
    if (isOver) throw new Error(`Holdfast ended by itself. Its last lines:\n${last.join('\n')}`)
    const { stdout } = await run(process.execPath, [PROGRAM, ...words, '--data', data], { maxBuffer: MAX_OUTPUT })
    return JSON.parse(stdout)
  }
  return {
    status: async () => (await ask<{ stacks: StackReport[] }>(['status', '--json'])).stacks,
    history: (stack) => ask(['history', stack, '--json', '--steps', '-n', '10000']),
  }
}
