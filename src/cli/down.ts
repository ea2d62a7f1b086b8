import type { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { confirm } from './confirm.ts'
import { holdCommand } from './hold.ts'

export function downCommand(adapters: Adapters): Command {
  return holdCommand('down', 'the stack to take down', adapters)
    .description('take the containers and networks of a stack away, but no data, until it is resumed')
    .option('-y, --yes', 'do not ask whether it is meant')
    .hook('preAction', async (command) => {
      const [stack] = command.args
      const question = `Take ${stack} down? Its containers and networks are removed, its volumes stay.`
      if (!command.opts()['yes']) await confirm(question)
    })
}
