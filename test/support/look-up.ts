import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { kill } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const LOOKER = fileURLToPath(new URL('looker.ts', import.meta.url))

/** Sorted addresses, or the resolver's code for why there are none: `ENOTFOUND`, `ENODATA`, `ETIMEOUT`. */
export interface Answer {
  a: string[]
  aaaa: string[]
}

export interface Load {
  /** Ends it. `counts`: how often each answer came, addresses or a code. */
  end(): Promise<{ counts: Record<string, number>; slowestMs: number }>
}

/** Looks names up from inside of the network of the container with that id, by the engine's resolver there. */
export async function lookUpIn(id: string, names: string[]): Promise<Record<string, Answer>> {
  const child = startIn(id, names)
  child.stdin.end()
  return JSON.parse(await text(child.stdout))
}

/** Looks names up there without a pause until it is ended. Resolves once it has begun. */
export async function loadIn(id: string, names: string[]): Promise<Load> {
  const child = startIn(id, ['--load', ...names])
  const output = text(child.stdout)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return {
    async end() {
      child.stdin.end()
      return JSON.parse(await output)
    },
  }
}

function startIn(id: string, words: string[]) {
  const command = [process.execPath, '--import', 'tsx', LOOKER, ...words]
  return spawn('nsenter', ['-n', '-t', String(processOf(id)), ...command], { stdio: ['pipe', 'pipe', 'inherit'] })
}

/** Kills all that runs in the container, as a crash does: after the engine's own kill it would be left down. */
export function crash(id: string): void {
  for (const found of processesOf(id)) killIfThere(found)
}

/** The first one that dies takes the others along. */
function killIfThere(found: number): void {
  try {
    kill(found, 'SIGKILL')
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ESRCH') throw error
  }
}

function processOf(id: string): number {
  const [found] = processesOf(id)
  if (found === undefined) throw new Error(`No process of the container ${id} is running.`)
  return found
}

/** What an inspected container of a private engine says of its process is of another namespace. */
function processesOf(id: string): number[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return numbers.filter((name) => groupsOf(name).includes(id)).map(Number)
}

function groupsOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cgroup`, 'utf8')
  } catch {
    return ''
  }
}
