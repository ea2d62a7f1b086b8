import type { EventEmitter } from 'node:events'
import type { Command, Option } from 'commander'
import type { Adapters } from '../src/cli/adapters.ts'
import { SETTINGS_GROUP } from '../src/cli/options.ts'
import { createProgram } from '../src/cli/program.ts'

/** Every command as its help describes it, in Markdown. */
export function commandDocs(): string {
  // Nothing is carried out: what commands need of the world is not asked for.
  const program = createProgram({} as Adapters, '')
  const commands = program.createHelp().visibleCommands(program)
  return commands
    .filter((command) => command.name() !== 'help')
    .map(section)
    .join('\n\n')
}

function section(command: Command): string {
  const help = command.createHelp()
  const own = help.visibleOptions(command).filter(({ long }) => long !== '--help')
  const settings = own.filter(({ helpGroupHeading }) => helpGroupHeading === SETTINGS_GROUP)
  const options = own.filter((option) => !settings.includes(option))
  const usage = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? ` <${name}>` : ` [${name}]`
  })
  const rows = [
    ...command.registeredArguments.map((argument) => row(argument.name(), help.argumentDescription(argument))),
    ...options.map((option) => row(option.flags, help.optionDescription(option))),
  ]
  return [
    `### holdfast ${command.name()}${usage.join('')}`,
    `${capitalised(command.description())}.`,
    ...(rows.length === 0 ? [] : [['| | |', '|---|---|', ...rows].join('\n')]),
    ...notes(command),
    ...(settings.length === 0 ? [] : [`[Settings](settings.md): ${settings.map(longName).join(', ')}.`]),
  ].join('\n\n')
}

function row(name: string, description: string): string {
  return `| \`${name.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')} |`
}

function longName({ long }: Option): string {
  return `\`${long}\``
}

/** What the help says below the options. */
function notes(command: Command): string[] {
  const written: string[] = []
  const events = command as unknown as EventEmitter
  events.emit('afterHelp', { command, error: false, write: (text: string) => written.push(text) })
  const text = written.join('').trim()
  if (text === '') return []
  return text
    .split('\n\n')
    .map((part) => (/^ {2}/m.test(part) ? part.replace(/^ {2}/gm, '    ') : part.replaceAll('\n', '\n\n')))
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
