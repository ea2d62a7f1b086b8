import { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { adoptCommand } from './adopt.ts'
import { backupCommand } from './backup.ts'
import { cancelCommand } from './cancel.ts'
import { doctorCommand } from './doctor.ts'
import { downCommand } from './down.ts'
import { execCommand } from './exec.ts'
import { historyCommand } from './history.ts'
import { logsCommand } from './logs.ts'
import { pauseCommand } from './pause.ts'
import { planCommand } from './plan.ts'
import { renderCommand } from './render.ts'
import { resumeCommand } from './resume.ts'
import { retryCommand } from './retry.ts'
import { rollbackCommand } from './rollback.ts'
import { runCommand } from './run.ts'
import { statusCommand } from './status.ts'
import { suspendCommand } from './suspend.ts'
import { syncCommand } from './sync.ts'
import { validateCommand } from './validate.ts'
import { versionCommand } from './version.ts'

/** The command line, one file for each command. */
export function createProgram(adapters: Adapters, version: string): Command {
  return new Command('holdfast')
    .description('GitOps for Docker: rolls Compose files out from git, and puts the last good release back')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('See: holdfast --help')
    .addCommand(validateCommand())
    .addCommand(renderCommand(adapters))
    .addCommand(planCommand(adapters))
    .addCommand(adoptCommand(adapters))
    .addCommand(runCommand(adapters))
    .addCommand(syncCommand(adapters))
    .addCommand(statusCommand(adapters))
    .addCommand(historyCommand(adapters))
    .addCommand(logsCommand(adapters))
    .addCommand(execCommand(adapters))
    .addCommand(rollbackCommand(adapters))
    .addCommand(retryCommand(adapters))
    .addCommand(pauseCommand(adapters))
    .addCommand(cancelCommand(adapters))
    .addCommand(suspendCommand(adapters))
    .addCommand(downCommand(adapters))
    .addCommand(resumeCommand(adapters))
    .addCommand(doctorCommand(adapters))
    .addCommand(backupCommand(adapters))
    .addCommand(versionCommand(version))
}
