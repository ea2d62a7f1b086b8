import { Command, InvalidArgumentError } from 'commander'
import { short } from '../model/release.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { StoredHistoryEntry } from '../store/store.ts'
import type { Adapters } from './adapters.ts'
import { openExisting } from './data.ts'
import { withSettings } from './options.ts'
import { eventLines, print, printJson } from './print.ts'

interface HistoryOptions extends Flags {
  json?: boolean
  steps?: boolean
  number: number
}

/** So many entries are looked through for those that are asked for. */
const SEARCHED = 10_000

export function historyCommand(adapters: Adapters): Command {
  const command = new Command('history')
    .description('show what happened, newest first, with the last words of what failed')
    .argument('[stack]', 'only this stack')
    .option('-n, --number <count>', 'at most so many entries', positive, 20)
    .option('--steps', 'show each step that was carried out as well')
    .option('--json', 'print as JSON')
  withSettings(command, ['data'])
  return command.action((stack: string | undefined, options: HistoryOptions) => {
    const store = openExisting(readSettings(options), adapters)
    try {
      const all = store.history(stack ?? null, SEARCHED)
      const entries = all.filter(({ kind }) => options.steps || kind !== 'step').slice(0, options.number)
      if (options.json) printJson(entries)
      else print(entries.length === 0 ? ['Nothing happened yet.'] : entries.flatMap(lines))
    } finally {
      store.close()
    }
  })
}

/** With the release, which `rollback` takes. */
function lines(entry: StoredHistoryEntry): string[] {
  const release = entry.release ? ` [${short(entry.release)}]` : ''
  return eventLines(entry.at, { ...entry, message: `${entry.kind}: ${entry.message}${release}` })
}

function positive(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new InvalidArgumentError('It must be a whole number above 0.')
}
