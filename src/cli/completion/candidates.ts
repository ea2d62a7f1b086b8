import type { Argument, Command, Option } from 'commander'

/** One way to go on, and what it means. */
export interface Candidate {
  text: string
  meaning: string
}

/** What is known of the world where somebody types. */
export interface Known {
  stacks(): Candidate[]
  /** Services and slots of a stack. */
  services(stack: string): Candidate[]
  /** Releases that a stack can go back to. */
  releases(stack: string): Candidate[]
}

/** The shell completes paths itself. */
export type Candidates = Candidate[] | 'files' | 'folders'

/** How the last of the words can go on; the others stand before it. `words`: what was typed behind the program's name. */
export function candidatesFor(words: readonly string[], program: Command, known: Known): Candidates {
  const current = words.at(-1) ?? ''
  const found = possible(words.slice(0, -1), current, program, known)
  return typeof found === 'string' ? found : found.filter(({ text }) => text.startsWith(current))
}

function possible(before: string[], current: string, program: Command, known: Known): Candidates {
  const command = program.commands.find((one) => one.name() === before[0])
  if (command === undefined) {
    if (before.length > 0 && before[0] !== 'help') return []
    return current.startsWith('-') ? optionsOf(program, before) : commandsOf(program)
  }
  const typed = before.slice(1)
  const awaiting = command.options.find((option) => isMeant(option, typed.at(-1)) && takesValue(option))
  if (awaiting) return valuesOf(awaiting)
  const given = positionals(typed, command)
  if (given === null) return 'files'
  if (current.startsWith('-')) return optionsOf(command, typed)
  const argument = command.registeredArguments[given.length] ?? lastIfMany(command)
  return argument === undefined ? [] : argumentValues(argument, given, known)
}

function commandsOf(program: Command): Candidate[] {
  const visible = program.createHelp().visibleCommands(program)
  return visible.map((command) => ({ text: command.name(), meaning: command.description() }))
}

function optionsOf(command: Command, typed: string[]): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => option.variadic || !typed.some((word) => isMeant(option, word)))
    .flatMap(({ long, description }) => (long ? [{ text: long, meaning: description }] : []))
}

/** The words that are no options and no values of options; null behind those that belong to another program. */
function positionals(typed: string[], command: Command): string[] | null {
  const found: string[] = []
  for (let at = 0; at < typed.length; at += 1) {
    const word = typed[at] ?? ''
    const option = command.options.find((one) => isMeant(one, word))
    if (option && takesValue(option)) at += 1
    else if (word === '--' || (command.name() === 'exec' && found.length >= 2)) return null
    else if (!word.startsWith('-')) found.push(word)
  }
  return command.name() === 'exec' && found.length >= 2 ? null : found
}

function argumentValues(argument: Argument, given: string[], known: Known): Candidates {
  const name = argument.name()
  const [stack = ''] = given
  if (argument.argChoices) return argument.argChoices.map((text) => ({ text, meaning: '' }))
  if (name === 'stack') return known.stacks()
  if (name === 'service' || name === 'services') return known.services(stack)
  if (name === 'release') return known.releases(stack)
  return name === 'dir' ? 'folders' : []
}

function valuesOf({ argChoices, flags }: Option): Candidates {
  if (argChoices) return argChoices.map((text) => ({ text, meaning: '' }))
  if (flags.includes('<dir>') || flags.includes('<folder>')) return 'folders'
  return flags.includes('<file>') || flags.includes('path') ? 'files' : []
}

function lastIfMany({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1)
  return last?.variadic ? last : undefined
}

function isMeant({ long, short }: Option, word: string | undefined): boolean {
  return word !== undefined && (word === long || word === short)
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}
