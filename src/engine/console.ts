import type { Duplex } from 'node:stream'

/**
 * What people see of containers and do inside of them, beside what `Engine` does for rollouts. Only containers of ours
 * are found: their labels say instance and stack. Calls reject with a HoldfastError that says what to do next.
 */
export interface Console {
  /** The containers of a stack, whatever state they are in, by service and slot, and then as they were created. */
  containers(stack: string): Promise<ConsoleContainer[]>
  /** What a container wrote, oldest first; with `follow` until it ends or the signal aborts, which is no error. */
  logs(container: ConsoleContainer, options: LogOptions): AsyncIterable<LogLine>
  /** Begins a command inside of a running container. */
  exec(container: ConsoleContainer, options: ExecOptions): Promise<Session>
  /** Calls `onStarted` whenever a container of the stack was started, or that may have been missed, until `signal` aborts. */
  watch(stack: string, onStarted: () => void, signal: AbortSignal): void
}

export interface ConsoleContainer {
  id: string
  /** Its own, see `ObservedContainer`. */
  name: string
  service: string
  slot: number
  role: 'service' | 'job'
  /** It has processes: runs, is restarting, or is paused. */
  isUp: boolean
  /** Seconds, by the engine's clock. */
  createdAt: number
}

export interface LogOptions {
  /** At most so many lines from the end; null: all of them. */
  tail: number | null
  /** Seconds since 1970, with up to nine decimals: only what was written then or later. */
  since?: string
  follow: boolean
  signal: AbortSignal
}

export interface LogLine {
  /** What a container with a terminal writes is all `stdout`. */
  stream: 'stdout' | 'stderr'
  /** RFC 3339 in UTC with nine decimals, by the engine's clock: as text they sort by time. */
  time: string
  /** Without the end of the line. */
  text: Buffer
}

export interface ExecOptions {
  command: readonly string[]
  /** Gives the command a terminal; what it writes is then one stream. */
  tty: boolean
  /** Leaves its input open; closed from the start otherwise. */
  stdin: boolean
  /** Name or id, with `:group` behind it or not. */
  user?: string
  workdir?: string
  /** Each `NAME=value`. */
  env: readonly string[]
}

/** A command that runs inside of a container. */
export interface Session {
  /** Its input; with a terminal its output as well. Ending it ends the input alone. */
  input: Duplex
  /** What it writes, until it ends or the connection is lost. */
  output(): AsyncIterable<{ stream: 'stdout' | 'stderr'; bytes: Buffer }>
  resize(size: { columns: number; rows: number }): Promise<void>
  /** How it ended, to be asked after its output did. */
  exitCode(): Promise<number>
}
