import type { ConsoleContainer, LogLine } from '../../engine/console.ts'
import { colors, errorColors } from '../colors.ts'
import { tame } from '../tame.ts'

/** Prints lines of logs, each with whose it is. */
export interface LogView {
  show(container: ConsoleContainer, line: LogLine): void
}

export interface ViewOptions {
  timestamps?: boolean
  prefix: boolean
  json?: boolean
}

type Hue = 'cyan' | 'yellow' | 'green' | 'magenta' | 'blue' | 'cyanBright'
const HUES: readonly Hue[] = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'cyanBright']

/** For those that are known by now; others may come. What goes to a terminal cannot steer it. */
export function logView(containers: ConsoleContainer[], options: ViewOptions): LogView {
  if (options.json) return { show: showJson }
  const labelOf = labels(containers)
  return {
    show(container, { stream, time, text }) {
      const out = process[stream]
      const { name, hue } = labelOf(container)
      const paint = (stream === 'stdout' ? colors : errorColors)[hue]
      const head = `${options.prefix ? `${paint(`${name} |`)} ` : ''}${options.timestamps ? `${time} ` : ''}`
      const line = out.isTTY ? Buffer.from(tame(text.toString('utf8'))) : text
      out.write(Buffer.concat([Buffer.from(head), line, Buffer.from('\n')]))
    },
  }
}

function showJson({ service, slot, name }: ConsoleContainer, { stream, time, text }: LogLine): void {
  const line = { service, slot, container: name, stream, time, text: text.toString('utf8') }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

interface Label {
  name: string
  hue: Hue
}

/** `web.2`, and where a slot has several containers the end of their names as well: `web.2/1a2b3c4d-1`. */
function labels(known: ConsoleContainer[]): (container: ConsoleContainer) => Label {
  const given = new Map<string, Label>()
  const slots = new Map<string, number>()
  for (const { service, slot } of known) slots.set(`${service}.${slot}`, (slots.get(`${service}.${slot}`) ?? 0) + 1)
  let width = 0

  function give(container: ConsoleContainer): Label {
    const slot = `${container.service}.${container.slot}`
    const isKnown = known.some(({ id }) => id === container.id)
    const beside = slots.get(slot) ?? 0
    if (!isKnown) slots.set(slot, beside + 1)
    const isAlone = isKnown ? beside === 1 : beside === 0
    const name = isAlone ? slot : `${slot}/${container.name.split('-').slice(-2).join('-')}`
    const label: Label = { name, hue: HUES[given.size % HUES.length] ?? 'cyan' }
    given.set(container.id, label)
    width = Math.max(width, name.length)
    return label
  }

  known.forEach(give)
  return (container) => {
    const { name, hue } = given.get(container.id) ?? give(container)
    return { name: name.padEnd(width), hue }
  }
}
