import type { Screen } from './screen.ts'

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** npm passes on a Ctrl-C that the terminal has sent to us as well: one key press, two signals. */
const ONE_PRESS_MS = 500

export interface Stop {
  /** Aborted by the first signal. */
  signal: AbortSignal
  /** The exit code that the first signal asks for; null when there was none. */
  code(): number | null
}

/** The first signal ends the demo and has it clean up; a second one ends this process at once. */
export function stopOnSignal(screen: Screen): Stop {
  const stopping = new AbortController()
  let first: { code: number; at: number } | null = null
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (first === null) {
        first = { code: CODES[name], at: performance.now() }
        screen.close()
        screen.line('\ndemo: stopping and cleaning up; Ctrl-C again quits at once and leaves the rest')
        stopping.abort()
      } else if (name !== 'SIGHUP' && performance.now() - first.at > ONE_PRESS_MS) {
        screen.close()
        process.exit(first.code)
      }
    })
  }
  return { signal: stopping.signal, code: () => first?.code ?? null }
}
