import type { Followed, FollowOptions } from '../follow.ts'
import { backOffMs } from './backoff.ts'

/** Looks at the repository, one look at a time. */
export interface Following {
  /** A look because it is time; none while the repository is left alone after a failure. Never rejects. */
  poll(): Promise<void>
  /** A look because a person asks. Rejects when the repository cannot be read. */
  look(options: FollowOptions): Promise<Followed>
  idle(): Promise<void>
  stop(): void
}

export interface FollowingOptions {
  follow(options: FollowOptions): Promise<Followed>
  /** The first of a row of failures with the same reason, and null when the row is over. */
  onTrouble(error: unknown | null): void
  /** First wait after a failure, doubled with each more. */
  retryMs?: number
}

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 300_000

export function openFollowing(options: FollowingOptions): Following {
  const { retryMs = FIRST_RETRY_MS } = options
  let last: Promise<unknown> = Promise.resolve()
  let failures = 0
  let timer: NodeJS.Timeout | null = null
  let stopped = false

  async function attempt(request: FollowOptions): Promise<Followed> {
    try {
      const followed = await options.follow(request)
      recovered()
      return followed
    } catch (error) {
      failed(error)
      throw error
    }
  }

  function failed(error: unknown): void {
    failures += 1
    options.onTrouble(error)
    if (timer) clearTimeout(timer)
    if (!stopped) timer = setTimeout(again, backOffMs(failures, retryMs, LONGEST_RETRY_MS))
  }

  function recovered(): void {
    if (timer) clearTimeout(timer)
    timer = null
    if (failures > 0) options.onTrouble(null)
    failures = 0
  }

  function again(): void {
    timer = null
    void poll()
  }

  async function poll(): Promise<void> {
    if (timer !== null || stopped) return
    // The failure was told by then.
    await look({}).catch(() => {})
  }

  function look(request: FollowOptions): Promise<Followed> {
    const next = last.then(() => attempt(request))
    last = next.catch(() => {})
    return next
  }

  return {
    poll,
    look,
    async idle() {
      await last
    },
    stop() {
      stopped = true
      if (timer) clearTimeout(timer)
    },
  }
}
