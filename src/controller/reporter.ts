import type { HistoryEntry } from '../store/store.ts'

/** Tells of trouble once, not at each try, and when it is over. */
export interface Reporter {
  /** `stack` is empty for what concerns no stack. */
  trouble(stack: string, kind: string, message: string): void
  isOver(stack: string, message: string): void
}

export function createReporter(report: (entry: HistoryEntry) => void): Reporter {
  const told = new Map<string, string>()
  return {
    trouble(stack, kind, message) {
      if (told.get(stack) === message) return
      told.set(stack, message)
      report({ stack, kind, release: null, message, logs: [] })
    },
    isOver(stack, message) {
      if (told.delete(stack)) report({ stack, kind: 'recovered', release: null, message, logs: [] })
    },
  }
}
