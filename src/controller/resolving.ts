import type { Engines } from '../engine/engines.ts'
import { manifestDigest } from '../model/release.ts'
import { type Resolve, resolveImages } from '../tip.ts'
import { backOffMs } from './backoff.ts'

/** Resolves images of stacks, and gives a registry that could not be asked time to recover. */
export interface Resolving {
  /** A stack whose last try failed is refused with the same error until its wait is over, except when asked anew. */
  resolve: Resolve
  stop(): void
}

export interface ResolvingOptions {
  engines: Engines
  /** The wait of some stack is over: it should be taken up again. */
  onDue(): void
  /** First wait after a failure, doubled with each more. */
  retryMs?: number
}

interface Failed {
  manifest: string
  failures: number
  error: unknown
  /** Null once the wait is over. */
  timer: NodeJS.Timeout | null
}

const FIRST_RETRY_MS = 10_000
const LONGEST_RETRY_MS = 300_000

export function openResolving({ engines, onDue, retryMs = FIRST_RETRY_MS }: ResolvingOptions): Resolving {
  const failed = new Map<string, Failed>()
  let stopped = false

  function fail(stack: string, manifest: string, error: unknown, before: Failed | null): void {
    if (stopped) return
    const failures = (before?.failures ?? 0) + 1
    const entry: Failed = { manifest, failures, error, timer: null }
    entry.timer = setTimeout(
      () => {
        entry.timer = null
        onDue()
      },
      backOffMs(failures, retryMs, LONGEST_RETRY_MS),
    )
    failed.set(stack, entry)
  }

  return {
    async resolve(stack, anew) {
      const manifest = manifestDigest(stack)
      const last = failed.get(stack.name) ?? null
      const before = last?.manifest === manifest ? last : null
      if (before && before.timer !== null && !anew) throw before.error
      if (last?.timer) clearTimeout(last.timer)
      failed.delete(stack.name)
      try {
        return await resolveImages(stack, engines.of(stack.target))
      } catch (error) {
        fail(stack.name, manifest, error, before)
        throw error
      }
    },
    stop() {
      stopped = true
      for (const { timer } of failed.values()) if (timer) clearTimeout(timer)
    },
  }
}
