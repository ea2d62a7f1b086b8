import type { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { holdCommand } from './hold.ts'

export function suspendCommand(adapters: Adapters): Command {
  return holdCommand('suspend', 'the stack to leave alone', adapters).description(
    'leave a stack alone: no rollout, no healing, no removal, until it is resumed',
  )
}
