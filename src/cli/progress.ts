import { eventLines, print } from './print.ts'

const EVERY_MS = 10_000

/** Prints now and then how far a step is; one that is over within ten seconds needs no line. */
export function progressPrinter(): (stack: string, text: string) => void {
  const toldAt = new Map<string, number>()
  return (stack, text) => {
    const now = performance.now()
    const before = toldAt.get(stack)
    if (before !== undefined && now - before < EVERY_MS) return
    toldAt.set(stack, now)
    if (before === undefined) return
    print(eventLines(new Date().toISOString(), { stack, kind: 'step', release: null, message: text, logs: [] }))
  }
}
