import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LoadFigures, LoadPlan, LoadReport } from './program/load.ts'

/** Before everything else: it is to measure how long others take, and not how long it waits for a processor itself. */
const PRIORITY = -10
const PROGRAM = fileURLToPath(new URL('program/load.ts', import.meta.url))

/** Clients that run somewhere else. */
export interface Load {
  start(): Promise<void>
  figures(): Promise<LoadFigures>
  /** Sends nothing new, waits for what is under way, and ends it. */
  end(): Promise<LoadReport>
}

/** The load that runs behind this address, say in a container. */
export function reachLoad(url: string): Load {
  return {
    start: async () => void (await ask(`${url}/start`)),
    figures: async () => (await ask(`${url}/figures`)) as LoadFigures,
    end: async () => (await ask(`${url}/end`)) as LoadReport,
  }
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url)
  return await response.json()
}

/** Makes clients ready on this host, in a process of their own. */
export async function openLoad(plan: LoadPlan): Promise<Load & { kill(): void }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    env: { ...process.env, LOAD: JSON.stringify(plan) },
    // Over the channel it notices that this process died, however that happened.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const port = await printedPort(child)
  if (child.pid !== undefined && process.getuid?.() === 0) setPriority(child.pid, PRIORITY)
  return { ...reachLoad(`http://127.0.0.1:${port}`), kill: () => void child.kill('SIGKILL') }
}

async function printedPort(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The load has no output.')
  const ended = once(child, 'exit').then(() => [''])
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  if (line === '') throw new Error('The load ended at once.')
  return line
}
