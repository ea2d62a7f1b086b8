import type { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { holdCommand } from './hold.ts'

export function resumeCommand(adapters: Adapters): Command {
  return holdCommand('resume', 'the stack that is to go on', adapters).description(
    'go on with a stack that is suspended or down, or whose rollout is paused',
  )
}
