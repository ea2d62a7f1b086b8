import { Command } from 'commander'
import type { AdoptRequest, HoldRequest } from '../store/store.ts'
import type { Adapters } from './adapters.ts'
import { type AskOptions, ask } from './ask.ts'
import { personName } from './person.ts'
import { withWaiting } from './waiting.ts'

interface HoldOptions extends AskOptions {
  reason?: string
}

/** A command that holds a stack, lets it go or takes it over; the history tells who asked for it and why. */
export function holdCommand(
  kind: HoldRequest['kind'] | AdoptRequest['kind'],
  stack: string,
  adapters: Adapters,
): Command {
  const command = new Command(kind).argument('<stack>', stack).option('--reason <text>', 'why, for the history')
  return withWaiting(command).action((name: string, options: HoldOptions) => {
    const { reason } = options
    const request = { kind, stack: name, by: personName(), ...(reason === undefined ? {} : { reason }) }
    return ask(request, options, adapters)
  })
}
