import { setTimeout as sleep } from 'node:timers/promises'
import type { Console, ConsoleContainer, LogLine, LogOptions } from '../../engine/console.ts'
import { merge } from './merge.ts'
import { alreadyRead, moved, type Position, sinceOf } from './position.ts'
import type { LogView } from './view.ts'

/** What logs are read from, and to where. */
export interface Reading {
  console: Console
  stack: string
  /** Where each log begins. */
  from: Pick<LogOptions, 'tail' | 'since'>
  view: LogView
  /** A log that cannot be read keeps no other from being shown. */
  onError(error: unknown): void
  signal: AbortSignal
}

/** By container: how far its log was read. */
export type Positions = Map<string, Position>

interface Written {
  container: ConsoleContainer
  line: LogLine
}

const LOOK_AGAIN_MS = 300

/** Shows what was written until now, all of it in the order of time. */
export async function readLogs(containers: ConsoleContainer[], reading: Reading): Promise<Positions> {
  const { from, view, onError, signal } = reading
  const positions: Positions = new Map()
  const logs = containers.map((container) => written(container, reading, { ...from, follow: false, signal }))
  for await (const { container, line } of merge(logs, (a, b) => a.line.time < b.line.time, onError)) {
    view.show(container, line)
    positions.set(container.id, moved(positions.get(container.id), line))
  }
  return positions
}

/** Shows what is written from the positions on, also by containers that are started later, until the signal aborts. */
export async function followLogs(
  containers: ConsoleContainer[],
  positions: Positions,
  isMeant: (container: ConsoleContainer) => boolean,
  reading: Reading,
): Promise<void> {
  const { console: engine, stack, onError, signal } = reading
  const active = new Map<string, Promise<void>>()

  function join(container: ConsoleContainer, isNew: boolean): void {
    if (active.has(container.id) || signal.aborted) return
    const work = followOne(container, isNew, positions, reading)
      // It may have been started again while the old stream came to its end.
      .then(() => sleep(LOOK_AGAIN_MS, undefined, { signal }).then(look, () => {}), onError)
      .finally(() => active.delete(container.id))
    active.set(container.id, work)
  }

  async function look(): Promise<void> {
    const found = await engine.containers(stack).catch(onError)
    for (const container of found ?? []) if (container.isUp && isMeant(container)) join(container, true)
  }

  for (const container of containers.filter(({ isUp }) => isUp)) join(container, false)
  engine.watch(stack, () => void look(), signal)
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.all(active.values())
}

async function followOne(
  container: ConsoleContainer,
  isNew: boolean,
  positions: Positions,
  reading: Reading,
): Promise<void> {
  const { view, signal, from } = reading
  const position = positions.get(container.id)
  const isRead = alreadyRead(position)
  const begin = position ? { tail: null, since: sinceOf(position) } : beginOf(from, isNew)
  for await (const { line } of written(container, reading, { ...begin, follow: true, signal })) {
    if (isRead(line)) continue
    view.show(container, line)
    positions.set(container.id, moved(positions.get(container.id), line))
  }
}

/** Nothing of it was shown: it wrote nothing until now, or nothing of that was asked for. */
function beginOf({ tail, since }: Reading['from'], isNew: boolean): Reading['from'] {
  return { tail: tail === 0 && !isNew ? 0 : null, ...(since === undefined ? {} : { since }) }
}

async function* written(
  container: ConsoleContainer,
  { console: engine }: Reading,
  options: LogOptions,
): AsyncGenerator<Written> {
  for await (const line of engine.logs(container, options)) yield { container, line }
}
