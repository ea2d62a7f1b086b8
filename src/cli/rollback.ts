import { Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { type AskOptions, ask } from './ask.ts'
import { withWaiting } from './waiting.ts'

export function rollbackCommand(adapters: Adapters): Command {
  const command = new Command('rollback')
    .description("go back to a release that was stable; git's release is not tried again until it changes")
    .argument('<stack>', 'the stack to take back')
    .argument('[release]', 'beginning of its digest, see history (default: the stable release before)')
  return withWaiting(command).action((stack: string, release: string | undefined, options: AskOptions) =>
    ask({ kind: 'rollback', stack, release: release ?? null }, options, adapters),
  )
}
