import type { HistoryEntry } from '../store/store.ts'

/** Tells of trouble once, not at each try, and when it is over. */
export interface Reporter {
  /** `stack` is empty for what concerns no stack; `about` then tells one such thing from another. */
  trouble(stack: string, kind: string, message: string, about?: string): void
  isOver(stack: string, message: string, about?: string): void
}

export function createReporter(report: (entry: HistoryEntry) => void): Reporter {
  const told = new Map<string, string>()
  return {
    trouble(stack, kind, message, about = '') {
      const subject = `${stack} ${about}`
      if (told.get(subject) === message) return
      told.set(subject, message)
      report({ stack, kind, release: null, message, logs: [] })
    },
    isOver(stack, message, about = '') {
      if (told.delete(`${stack} ${about}`)) report({ stack, kind: 'recovered', release: null, message, logs: [] })
    },
  }
}
