import type { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { holdCommand } from './hold.ts'

export function cancelCommand(adapters: Adapters): Command {
  return holdCommand('cancel', 'the stack whose rollout is given up', adapters).description(
    'give the rollout under way up and go back; its release is not tried again until it changes',
  )
}
