import { Command, InvalidArgumentError } from 'commander'
import { HoldfastError } from '../model/errors.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Adapters } from './adapters.ts'
import { findStack } from './consoles.ts'
import { ENGINE_SETTINGS, withSettings } from './options.ts'
import { pick } from './pick.ts'
import { attach } from './session.ts'

interface ExecOptions extends Flags {
  /** Absent: where this process has one. */
  tty?: boolean
  user?: string
  workdir?: string
  env: string[]
}

export function execCommand(adapters: Adapters): Command {
  const command = new Command('exec')
    .description('run a command inside of a replica; it ends with the exit code of the command')
    .argument('<stack>', 'the stack of the replica')
    .argument('<service>', 'its service, or one slot of it: web, web.2 (default: the first that runs)')
    .argument('[command...]', 'the command and its arguments')
    .passThroughOptions()
    .option('-t, --tty', 'give the command a terminal (default: where input and output are one)')
    .option('-T, --no-tty', 'give the command no terminal, also where this one is one')
    .option('-u, --user <user>', 'as this user, or user:group')
    .option('-w, --workdir <dir>', 'in this folder')
    .option('-e, --env <name=value>', 'with this variable; can be repeated', variables, [])
    .addHelpText('after', '\nOptions come before the stack: holdfast exec --user 0 shop web sh -c "echo hello"')
  withSettings(command, ['data', ...ENGINE_SETTINGS])
  return command.action((stack: string, service: string, words: string[], options: ExecOptions) =>
    exec(stack, service, words, options, adapters),
  )
}

async function exec(
  stack: string,
  service: string,
  words: string[],
  options: ExecOptions,
  adapters: Adapters,
): Promise<void> {
  const command = commandOf(words)
  const { console, containers } = await findStack(stack, readSettings(options), adapters)
  const chosen = pick(containers, stack, [service]).filter(({ isUp }) => isUp)
  // Of the first slot the newest: while a slot is replaced two run in it.
  const container = chosen.findLast(({ slot }) => slot === chosen[0]?.slot)
  if (container === undefined) {
    throw new HoldfastError(
      'terminal',
      `Nothing of ${service} runs. See what it wrote: holdfast logs ${stack} ${service}`,
    )
  }
  const { tty = process.stdin.isTTY && process.stdout.isTTY, user, workdir, env } = options
  const session = await console.exec(container, {
    command,
    tty,
    stdin: true,
    env,
    ...(user === undefined ? {} : { user }),
    ...(workdir === undefined ? {} : { workdir }),
  })
  process.exitCode = await attach(session, tty)
}

/** Two dashes may stand before the command. Throws a HoldfastError where there is none. */
function commandOf(words: string[]): string[] {
  const [first, ...rest] = words
  const command = first === '--' ? rest : words
  if (command[0] === undefined) throw new HoldfastError('terminal', 'Which command? Such as: holdfast exec shop web sh')
  if (first === '--' || !command[0].startsWith('-')) return command
  const text = `"${command[0]}" is no command. Options come before the stack: holdfast exec ${command[0]} …`
  throw new HoldfastError('terminal', text)
}

function variables(text: string, before: string[]): string[] {
  if (/^[^=]+=/.test(text)) return [...before, text]
  throw new InvalidArgumentError('It must be written NAME=value.')
}
