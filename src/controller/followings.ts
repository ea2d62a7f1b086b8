import type { Followed, FollowOptions } from '../follow.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Store } from '../store/store.ts'
import { sourceOf } from '../store/target.ts'
import type { Following } from './following.ts'

/** Looks at the repositories of all sources; none of them waits for another. */
export interface Followings {
  /** Looks because it is time. Never rejects. */
  poll(): Promise<void>
  /**
   * Looks because a person asks: where the stack comes from, or everywhere when that is unknown or no stack is named.
   * Rejects when one of them cannot be read, after all were looked at.
   */
  look(stack: string | null, options: FollowOptions): Promise<FollowedSource[]>
  idle(): Promise<void>
  stop(): void
}

export interface FollowedSource extends Followed {
  source: string
}

export function openFollowings(byName: ReadonlyMap<string, Following>, store: Store): Followings {
  const all = [...byName.values()]

  async function lookAt(names: string[], options: FollowOptions): Promise<FollowedSource[]> {
    const looks = names.map(async (source) => {
      const followed = await byName.get(source)?.look(options)
      return followed ? [{ source, ...followed }] : []
    })
    const ended = await Promise.allSettled(looks)
    const failed = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    if (failed.length > 0) throw failed.length === 1 ? failed[0] : together(failed)
    return ended.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
  }

  return {
    async poll() {
      await Promise.all(all.map((following) => following.poll()))
    },
    look(stack, options) {
      const source = stack !== null && store.stacks().includes(stack) ? sourceOf(store.stack(stack)) : null
      return lookAt(source !== null && byName.has(source) ? [source] : [...byName.keys()], options)
    },
    async idle() {
      await Promise.all(all.map((following) => following.idle()))
    },
    stop() {
      for (const following of all) following.stop()
    },
  }
}

function together(errors: unknown[]): HoldfastError {
  const isTerminal = errors.some((error) => error instanceof HoldfastError && error.handling === 'terminal')
  return new HoldfastError(isTerminal ? 'terminal' : 'retry', errors.map(reasonOf).join(' '))
}
