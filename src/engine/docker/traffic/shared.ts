import { together } from '../listings.ts'
import type { Context } from '../ownership.ts'

/** Once for all who ask at the same moment, on one connection. */
export function shared<C extends Context, T>(work: (context: C) => Promise<T>): (context: C) => Promise<T> {
  const known = new WeakMap<Context['listings'], () => Promise<T>>()
  return (context) => {
    const once = known.get(context.listings) ?? together(() => work(context))
    known.set(context.listings, once)
    return once()
  }
}
