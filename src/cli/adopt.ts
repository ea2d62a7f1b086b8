import type { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { holdCommand } from './hold.ts'

export function adoptCommand(adapters: Adapters): Command {
  return holdCommand('adopt', 'the stack that Docker Compose runs until now', adapters).description(
    'take over what docker compose up made under the name of a stack; look first: holdfast plan <stack> --adopt',
  )
}
