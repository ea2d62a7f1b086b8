import { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { historyCommand } from './history.ts'
import { planCommand } from './plan.ts'
import { retryCommand } from './retry.ts'
import { rollbackCommand } from './rollback.ts'
import { runCommand } from './run.ts'
import { statusCommand } from './status.ts'
import { syncCommand } from './sync.ts'
import { validateCommand } from './validate.ts'

/** The command line, one file for each command. */
export function createProgram(adapters: Adapters, version: string): Command {
  return new Command('holdfast')
    .description('GitOps for Docker: rolls Compose files out from git, and puts the last good release back')
    .version(version)
    .showHelpAfterError('See: holdfast --help')
    .addCommand(validateCommand())
    .addCommand(planCommand(adapters))
    .addCommand(runCommand(adapters))
    .addCommand(syncCommand(adapters))
    .addCommand(statusCommand(adapters))
    .addCommand(historyCommand(adapters))
    .addCommand(rollbackCommand(adapters))
    .addCommand(retryCommand(adapters))
}
