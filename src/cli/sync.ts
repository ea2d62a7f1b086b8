import { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { type AskOptions, ask } from './ask.ts'
import { withWaiting } from './waiting.ts'

export function syncCommand(adapters: Adapters): Command {
  const command = new Command('sync')
    .description('look at the repository now, resolve image tags anew and roll out what is new')
    .argument('[stack]', 'only this stack')
  return withWaiting(command).action((stack: string | undefined, options: AskOptions) =>
    ask({ kind: 'sync', stack: stack ?? null }, options, adapters),
  )
}
