import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { until } from '../support/until.ts'

export interface Ended {
  code: number | null
  out: string
  err: string
}

export interface Running {
  child: ChildProcess
  ended: Promise<Ended>
  /** What it printed so far, errors included. */
  text(): string
  printed(part: string): Promise<void>
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Runs the built program to its end. */
export async function holdfast(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const { ended } = launch(args, env)
  return ended
}

/** Starts the built program, and gives it `input` to read; it is ended with the test, whatever happens. */
export function start(args: string[], env: Record<string, string> = {}, input?: string): Running {
  const { child, ended, said } = launch(args, env, input)
  const text = () => said.out + said.err
  return {
    child,
    ended,
    text,
    printed: (part) => until(async () => text().includes(part), `"${part}" in: ${text()}`),
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

function launch(args: string[], env: Record<string, string>, input?: string) {
  const own = { PATH: process.env['PATH'] ?? '', ...env }
  const child = spawn(process.execPath, [MAIN, ...args], { env: own, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk.toString()
  })
  const ended = once(child, 'close').then((): Ended => ({ code: child.exitCode, ...said }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, said }
}
