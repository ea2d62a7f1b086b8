import { isLive, openScreen as openLive } from '../src/cli/live/screen.ts'
import { renderView, type View } from './view.ts'

/** Where the demo is shown: a view that changes in place on a terminal, plain lines everywhere else. */
export interface Screen {
  /** True when steps are to be printed one by one, because there is no view that shows them. */
  isPlain: boolean
  line(text: string): void
  show(view: View): void
  /** Leaves the last view where it is, and the terminal as it was. Can be called again. */
  close(): void
}

const LEAST_ROWS = 24

/** `environment`: a CI that pretends to be a terminal keeps lines, not frames. */
export function openScreen(output: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Screen {
  return isLive(output, environment, LEAST_ROWS) ? liveScreen(output) : plainScreen(output)
}

function plainScreen(output: NodeJS.WriteStream): Screen {
  return { isPlain: true, line: (text) => void output.write(`${text}\n`), show() {}, close() {} }
}

function liveScreen(output: NodeJS.WriteStream): Screen {
  const { line, show, close } = openLive(output)
  return { isPlain: false, line, close, show: (view) => show(renderView(view, output.columns - 1)) }
}
