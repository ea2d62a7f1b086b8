import { Command, Option } from 'commander'
import { formatProblem } from '../manifests/format.ts'
import { type Loaded, loadAll } from '../manifests/load.ts'
import type { Problem } from '../model/problem.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import { readDirectory } from './directory.ts'
import { EXIT } from './exit.ts'
import { throwAwayKeys } from './keys.ts'
import { MEANING_SETTINGS, withSettings } from './options.ts'
import { loadOptionsOf } from './parts.ts'
import { print, printJson } from './print.ts'
import { asSarif } from './sarif.ts'

export function validateCommand(version: string): Command {
  const command = new Command('validate')
    .description('check the manifests of a folder; needs no engine, no repository and no network')
    .argument('[dir]', 'folder of the repository', '.')
    .addOption(
      new Option('--format <format>', 'how: for people, for programs, or for code reviews (SARIF 2.1.0)')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .addOption(new Option('--json', 'short for --format json').implies({ format: 'json' }))
    .option('--source <name>', 'judge it as this source, where exceptions of the policy are for one source alone')
    .addHelpText('after', '\nExit code: 0 no errors, 1 errors, or no stack at all.')
  withSettings(command, MEANING_SETTINGS)
  return command.action((directory: string, options: ValidateOptions) => validate(directory, options, version))
}

interface ValidateOptions extends Flags {
  format: 'text' | 'json' | 'sarif'
  source?: string
}

async function validate(directory: string, options: ValidateOptions, version: string): Promise<void> {
  const { entries, read } = await readDirectory(directory)
  const { source } = options
  const load = loadOptionsOf(readSettings(options), throwAwayKeys())
  const loaded = await loadAll(entries, read, { ...load, ...(source === undefined ? {} : { source }) })
  const problems = [...loaded.problems, ...loaded.stacks.flatMap((stack) => stack.problems)]
  if (options.format === 'json') printJson(asJson(loaded))
  else if (options.format === 'sarif') printJson(asSarif(problems, directory, version))
  else print([...problems.map(formatProblem), summary(loaded, problems, directory)])
  const isBad = loaded.stacks.length === 0 || count(problems, 'error') > 0
  process.exitCode = isBad ? EXIT.error : EXIT.ok
}

function summary({ stacks }: Loaded, problems: Problem[], directory: string): string {
  const errors = count(problems, 'error')
  if (stacks.length === 0 && errors === 0) {
    return `There is no stack in ${directory}: a stack is a folder stacks/<name> with a compose.yaml.`
  }
  const counts = [[stacks.length, 'stack'] as const, [errors, 'error'] as const]
  return [...counts, [count(problems, 'warning'), 'warning'] as const]
    .map(([number, noun]) => `${number} ${noun}${number === 1 ? '' : 's'}`)
    .join(', ')
}

function asJson({ stacks, problems }: Loaded): unknown {
  return {
    problems,
    stacks: stacks.map(({ name, folder, stack, problems }) => ({ name, folder, valid: stack !== null, problems })),
  }
}

function count(problems: Problem[], severity: Problem['severity']): number {
  return problems.filter((problem) => problem.severity === severity).length
}
