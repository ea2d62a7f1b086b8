/** What was found out a moment ago. */
export interface Recent<Context, T> {
  /** Finds it out, or gives what was found out for the same `key` just before. */
  get(context: Context, key: string): Promise<T>
  /** It may be otherwise now. What is being found out at the moment counts as old, too. */
  forget(): void
}

/** Keeps what `find` gives for so long. */
export function openRecent<Context, T>(find: (context: Context) => Promise<T>, goodForMs: number): Recent<Context, T> {
  let last: { key: string; found: T; untilMs: number } | null = null
  let turn = 0
  return {
    async get(context, key) {
      if (last !== null && last.key === key && performance.now() < last.untilMs) return last.found
      const mine = turn
      const untilMs = performance.now() + goodForMs
      const found = await find(context)
      if (mine === turn) last = { key, found, untilMs }
      return found
    },
    forget() {
      turn += 1
      last = null
    },
  }
}
