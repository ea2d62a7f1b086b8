import { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { type AskOptions, ask } from './ask.ts'
import { withWaiting } from './waiting.ts'

export function retryCommand(adapters: Adapters): Command {
  const command = new Command('retry')
    .description('try a release that failed once more')
    .argument('<stack>', 'the stack whose release failed')
  return withWaiting(command).action((stack: string, options: AskOptions) =>
    ask({ kind: 'retry', stack }, options, adapters),
  )
}
