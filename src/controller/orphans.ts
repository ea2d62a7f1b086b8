import type { Store } from '../store/store.ts'
import { sourceOf } from '../store/target.ts'

/**
 * Blocks the stacks whose source is not followed any more: they go on as they are, and their folder cannot say what
 * becomes of them. A source of that name, or another one that brings the stack, takes them up again.
 */
export function holdOrphans(sources: readonly string[], store: Store): void {
  for (const name of store.stacks()) {
    const entry = store.stack(name)
    const source = sourceOf(entry)
    if (!entry.latest || source === null || sources.includes(source)) continue
    const why = `its source ${source} is not in the settings any more, so it stays as it is`
    const next = 'put the source back, or bring the stack with another one'
    store.save(name, { latest: { ...entry.latest, blocked: `${why}: ${next}` } })
  }
}
