import { Command } from 'commander'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Adapters } from './adapters.ts'
import { openEngines } from './engines.ts'
import { explainExit } from './exit.ts'
import { ENGINE_SETTINGS, TRAFFIC_SETTINGS, withSettings } from './options.ts'
import { print, printJson } from './print.ts'
import { ofStack, type TargetRoutes } from './routes/report.ts'
import { routesText } from './routes/text.ts'

interface RoutesOptions extends Flags {
  json?: boolean
}

export function routesCommand(adapters: Adapters): Command {
  const command = new Command('routes')
    .description('show who listens where, with which replicas behind it and how they do, and who is found by name')
    .argument('[stack]', 'only what leads to this stack')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExit code: 0 shown, 1 an engine could not be asked.')
  withSettings(command, [...ENGINE_SETTINGS, ...TRAFFIC_SETTINGS])
  return command.action((stack: string | undefined, options: RoutesOptions) => routes(stack, options, adapters))
}

async function routes(stack: string | undefined, options: RoutesOptions, adapters: Adapters): Promise<void> {
  const engines = openEngines(readSettings(options), adapters)
  const asked = engines.names().map(async (target): Promise<TargetRoutes> => {
    return { target, traffic: ofStack(await engines.of(target).traffic(), stack) }
  })
  const answers = await Promise.allSettled(asked)
  const shown = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (options.json) printJson({ targets: shown })
  else print(shown.flatMap((one, at) => routesText(one, { isAlone: answers.length === 1, isFirst: at === 0 })))
  // One that does not answer says nothing of the others.
  for (const answer of answers) {
    if (answer.status === 'rejected') process.exitCode = explainExit(answer.reason, (text) => console.error(text))
  }
}
