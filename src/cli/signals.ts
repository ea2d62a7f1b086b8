const HANDLED = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Resolves when somebody asks this process to end. A second signal ends it at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
}

/**
 * The signals that come from now on, in their order; none is lost while nobody asks. SIGHUP asks to read the settings
 * again, the others ask to end. After one of those, a second one ends the process at once.
 */
export function watchSignals(): { next(): Promise<NodeJS.Signals> } {
  const come: NodeJS.Signals[] = []
  let waiting: ((signal: NodeJS.Signals) => void) | null = null
  function take(signal: NodeJS.Signals): void {
    if (signal !== 'SIGHUP') process.off('SIGTERM', take).off('SIGINT', take)
    if (waiting === null) come.push(signal)
    else waiting(signal)
    waiting = null
  }
  for (const signal of HANDLED) process.on(signal, take)
  return {
    next() {
      const first = come.shift()
      return first ? Promise.resolve(first) : new Promise((resolve) => (waiting = resolve))
    },
  }
}
