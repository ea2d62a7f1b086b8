import { HoldfastError } from '../model/errors.ts'
import { backOffMs } from './backoff.ts'

/** Reconciles every stack in a lane of its own: never twice at once, different ones side by side. */
export interface Lanes {
  /** Asks for a pass. One that comes during a pass causes one more after it; many cause one. */
  trigger(stack: string): void
  /** The same, also when the lane is waiting after an unexpected error. */
  triggerNow(stack: string): void
  /** Does `work` at the next safe point of the stack, when no pass is under way; resolves after the pass behind it. */
  between(stack: string, work: () => void): Promise<void>
  /** Is a pass running or due now? Waiting for a time to come does not count. */
  isBusy(): boolean
  /** Resolves as soon as no lane is busy. */
  idle(): Promise<void>
  /** Starts no more passes; resolves when those that run have ended. */
  stop(): Promise<void>
}

export interface LanesOptions {
  /**
   * Goes on until there is nothing to do but wait, or `isInterrupted` says that somebody wants the lane. Gives the
   * milliseconds until it should look again, null when only a trigger matters.
   */
  pass(stack: string, isInterrupted: () => boolean): Promise<number | null>
  /** A pass ended with an unexpected error, the `failures`-th in a row; it is tried again by itself. */
  onFailure(stack: string, error: unknown): void
  /** First wait after a failure, doubled with each more. */
  retryMs?: number
}

interface Lane {
  stack: string
  due: boolean
  works: Work[]
  running: Promise<void> | null
  timer: NodeJS.Timeout | null
  failures: number
}

interface Work {
  run(): void
  resolve(): void
  reject(error: unknown): void
}

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000

export function openLanes(options: LanesOptions): Lanes {
  const { pass, onFailure, retryMs = FIRST_RETRY_MS } = options
  const lanes = new Map<string, Lane>()
  let stopping = false

  function laneOf(stack: string): Lane {
    const known = lanes.get(stack)
    if (known) return known
    const lane: Lane = { stack, due: false, works: [], running: null, timer: null, failures: 0 }
    lanes.set(stack, lane)
    return lane
  }

  function wake(lane: Lane): void {
    if (stopping) return
    lane.due = true
    lane.running ??= drive(lane).finally(() => {
      lane.running = null
      // Between the end of the drive and this moment somebody may have asked for one more.
      if (lane.due) wake(lane)
    })
  }

  async function drive(lane: Lane): Promise<void> {
    while (lane.due && !stopping) {
      lane.due = false
      if (lane.timer) clearTimeout(lane.timer)
      const done = doWorks(lane)
      const waitMs = await attempt(lane)
      for (const work of done) work.resolve()
      if (waitMs !== null && !stopping) lane.timer = setTimeout(() => wake(lane), waitMs)
    }
  }

  async function attempt(lane: Lane): Promise<number | null> {
    try {
      const waitMs = await pass(lane.stack, () => stopping || lane.works.length > 0)
      lane.failures = 0
      return waitMs
    } catch (error) {
      lane.failures += 1
      onFailure(lane.stack, error)
      return backOffMs(lane.failures, retryMs, LONGEST_RETRY_MS)
    }
  }

  function running(): Promise<void>[] {
    return [...lanes.values()].flatMap((lane) => lane.running ?? [])
  }

  return {
    trigger(stack) {
      const lane = laneOf(stack)
      if (lane.failures === 0) wake(lane)
    },
    triggerNow: (stack) => wake(laneOf(stack)),
    between(stack, run) {
      if (stopping) return Promise.reject(isStopping())
      const lane = laneOf(stack)
      return new Promise((resolve, reject) => {
        lane.works.push({ run, resolve, reject })
        wake(lane)
      })
    },
    isBusy: () => running().length > 0,
    async idle() {
      while (running().length > 0) await Promise.all(running())
    },
    async stop() {
      stopping = true
      for (const { timer } of lanes.values()) if (timer) clearTimeout(timer)
      await Promise.all(running())
      for (const { works } of lanes.values()) for (const { reject } of works.splice(0)) reject(isStopping())
    },
  }
}

/** Those that went well; they are answered for after the next pass. */
function doWorks(lane: Lane): Work[] {
  return lane.works.splice(0).filter((work) => {
    try {
      work.run()
      return true
    } catch (error) {
      work.reject(error)
      return false
    }
  })
}

function isStopping(): HoldfastError {
  return new HoldfastError('retry', 'Holdfast is stopping and took nothing more on. Ask again when it runs.')
}
