import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child {
  /** What it printed so far, by line. */
  lines(): string[]
  /** Resolves once it printed that many lines; rejects when it ends before. */
  printed(count: number): Promise<void>
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>
}

/** Runs a TypeScript file beside `from` (an `import.meta.url`) as a process of its own. */
export function runChild(from: string, file: string, args: string[]): Child {
  const script = fileURLToPath(new URL(file, from))
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const lines = () => output.split('\n').slice(0, -1)
  return {
    lines,
    async printed(count) {
      while (lines().length < count) {
        const event = await Promise.race([once(child.stdout, 'data'), ended.then(() => 'ended')])
        if (event === 'ended' && lines().length < count) throw new Error(`${file} ended early: ${output}`)
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
