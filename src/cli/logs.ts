import { Command, InvalidArgumentError, Option } from 'commander'
import type { ConsoleContainer } from '../engine/console.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Adapters } from './adapters.ts'
import { findStack } from './consoles.ts'
import { EXIT, explainExit } from './exit.ts'
import { followLogs, type Reading, readLogs } from './logs/read.ts'
import { logView, type ViewOptions } from './logs/view.ts'
import { momentOf } from './moment.ts'
import { ENGINE_SETTINGS, withSettings } from './options.ts'
import { current, isMeant, pick } from './pick.ts'
import { stopSignal } from './signals.ts'

interface LogsOptions extends Flags, ViewOptions {
  follow?: boolean
  tail?: number | 'all'
  since?: string
  all?: boolean
}

const TAIL = 100

export function logsCommand(adapters: Adapters): Command {
  const command = new Command('logs')
    .description('show what the replicas of a stack write, in the order of time')
    .argument('<stack>', 'whose logs')
    .argument('[services...]', 'only these, each a service or one slot of it: web, web.2')
    .option('-f, --follow', 'go on with what is written from now on, also by replicas that are started later')
    .addOption(tailOption())
    .addOption(new Option('--since <when>', 'only what is newer: 10m, 1h30m, 2030-12-31T23:59:59Z').argParser(since))
    .option('-t, --timestamps', 'show when each line was written')
    .option('-a, --all', 'of every container that is kept: of earlier releases, and those that failed')
    .option('--no-prefix', 'leave out whose line it is')
    .option('--json', 'print each line as a JSON document of its own')
    .addHelpText('after', '\nExit code: 0 shown, 130 ended by Ctrl-C, 1 a log could not be read.')
  withSettings(command, ['data', ...ENGINE_SETTINGS])
  return command.action((stack: string, services: string[], options: LogsOptions) =>
    logs(stack, services, options, adapters),
  )
}

async function logs(stack: string, services: string[], options: LogsOptions, adapters: Adapters): Promise<void> {
  const stop = new AbortController()
  void stopSignal().then(() => stop.abort())
  const { console: engine, containers } = await findStack(stack, readSettings(options), adapters)
  const chosen = pick(containers, stack, services)
  const shown = options.all ? chosen : current(chosen)
  const reading: Reading = {
    console: engine,
    stack,
    from: beginOf(options),
    view: logView(shown, options),
    onError: (error) => {
      process.exitCode = explainExit(error, (text) => console.error(text))
    },
    signal: stop.signal,
  }
  const positions = reading.from.tail === 0 ? new Map() : await readLogs(shown, reading)
  const isChosen = (container: ConsoleContainer) =>
    services.length === 0 || services.some((name) => isMeant(container, name))
  if (options.follow) await followLogs(shown, positions, isChosen, reading)
  if (stop.signal.aborted) process.exitCode = EXIT.interrupted
}

function beginOf({ tail, since }: LogsOptions): Reading['from'] {
  const lines = tail ?? (since === undefined ? TAIL : 'all')
  return { tail: lines === 'all' ? null : lines, ...(since === undefined ? {} : { since }) }
}

function tailOption(): Option {
  const text = `at most so many of the last lines of each, or all (default: ${TAIL}, with --since all)`
  return new Option('-n, --tail <lines>', text).argParser((value) => {
    if (value === 'all') return value
    const number = Number(value)
    if (Number.isInteger(number) && number >= 0) return number
    throw new InvalidArgumentError('It must be a whole number, or all.')
  })
}

function since(text: string): string {
  return momentOf(text)
}
