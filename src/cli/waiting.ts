import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEPLOY_SETTINGS, withSettings } from './options.ts'

const FOOTER = `
Without a running Holdfast it is done by this command, which then always waits.
Exit code: 0 accepted, or settled as asked; 1 refused; 3 rolled back, failed, suspended, paused, or not settled in time.`

/** The options of the commands that ask for something. */
export function withWaiting(command: Command): Command {
  command
    .option('--wait', 'wait until the stack is settled, and show how it goes')
    .option('--json', 'print what came of it, and nothing else, as JSON')
    .addOption(new Option('--timeout <seconds>', 'wait at most so long').argParser(seconds).default(900))
    .addHelpText('after', FOOTER)
  return withSettings(command, DEPLOY_SETTINGS)
}

function seconds(text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new InvalidArgumentError('It must be a number above 0.')
}
