import { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { adoptCommand } from './adopt.ts'
import { backupCommand } from './backup.ts'
import { cancelCommand } from './cancel.ts'
import { candidatesCommand, completionCommand } from './completion.ts'
import { doctorCommand } from './doctor.ts'
import { downCommand } from './down.ts'
import { execCommand } from './exec.ts'
import { historyCommand } from './history.ts'
import { initCommand } from './init.ts'
import { logsCommand } from './logs.ts'
import { pauseCommand } from './pause.ts'
import { planCommand } from './plan.ts'
import { renderCommand } from './render.ts'
import { resumeCommand } from './resume.ts'
import { retryCommand } from './retry.ts'
import { rollbackCommand } from './rollback.ts'
import { routesCommand } from './routes.ts'
import { runCommand } from './run.ts'
import { statusCommand } from './status.ts'
import { suspendCommand } from './suspend.ts'
import { syncCommand } from './sync.ts'
import { validateCommand } from './validate.ts'
import { versionCommand } from './version.ts'

/** The command line, one file for each command. Rejects with a CommanderError for one that cannot be understood. */
export function createProgram(adapters: Adapters, version: string): Command {
  const program = new Command('holdfast')
    .description('GitOps for Docker: rolls Compose files out from git, and puts the last good release back')
    .version(version)
    .enablePositionalOptions()
    .addHelpCommand(
      new Command('help').argument('[command]').description('show help for a command').helpGroup('Beside:'),
    )
  for (const command of commands(adapters, version)) program.addCommand(command)
  program.addCommand(candidatesCommand(program, adapters), { hidden: true })
  for (const command of [program, ...program.commands]) explainMistakes(command, program)
  return program
}

function commands(adapters: Adapters, version: string): Command[] {
  const groups = {
    'Begin:': [
      initCommand(adapters),
      validateCommand(version),
      renderCommand(adapters),
      planCommand(adapters),
      adoptCommand(adapters),
      runCommand(adapters),
    ],
    'Look:': [
      statusCommand(adapters),
      routesCommand(adapters),
      historyCommand(adapters),
      logsCommand(adapters),
      execCommand(adapters),
    ],
    'Ask for something:': [
      syncCommand(adapters),
      rollbackCommand(adapters),
      retryCommand(adapters),
      pauseCommand(adapters),
      cancelCommand(adapters),
      suspendCommand(adapters),
      downCommand(adapters),
      resumeCommand(adapters),
    ],
    'Look after it:': [doctorCommand(adapters), backupCommand(adapters)],
    'Beside:': [completionCommand(), versionCommand(version)],
  }
  return Object.entries(groups).flatMap(([group, members]) => members.map((command) => command.helpGroup(group)))
}

function explainMistakes(command: Command, program: Command): void {
  const name = command === program ? 'holdfast' : `holdfast ${command.name()}`
  command.showHelpAfterError(`See: ${name} --help`).exitOverride()
}
