import { Argument, Command } from 'commander'
import type { Adapters } from './adapters.ts'
import { candidatesFor } from './completion/candidates.ts'
import { knownFrom } from './completion/known.ts'
import { completionScript, SHELLS, type Shell } from './completion/scripts.ts'
import { print } from './print.ts'

const HOW = `
What it prints is for the shell to read:

  bash   source <(holdfast completion bash), in ~/.bashrc
  zsh    source <(holdfast completion zsh), in ~/.zshrc behind compinit
  fish   holdfast completion fish > ~/.config/fish/completions/holdfast.fish`

export function completionCommand(): Command {
  return new Command('completion')
    .description('print what makes a shell complete commands, options, and names of stacks and services')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', HOW)
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell))
    })
}

/** For the scripts: a candidate a line, with its meaning behind a tab. It never fails. */
export function candidatesCommand(program: Command, adapters: Adapters): Command {
  return new Command('__complete').argument('[words...]').action((words: string[]) => {
    const found = candidatesFor(words, program, knownFrom(words, adapters))
    if (typeof found === 'string') print([`:${found}`])
    else print(found.map(({ text, meaning }) => (meaning === '' ? text : `${text}\t${meaning}`)))
  })
}
