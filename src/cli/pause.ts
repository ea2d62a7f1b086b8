import type { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { holdCommand } from './hold.ts'

export function pauseCommand(adapters: Adapters): Command {
  return holdCommand('pause', 'the stack whose rollout is to wait', adapters).description(
    'begin no further slot of the rollout under way; what runs is kept at its own version',
  )
}
