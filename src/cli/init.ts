import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import type { LoadedStack } from '../manifests/load.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Adapters } from './adapters.ts'
import { readDirectory } from './directory.ts'
import { EXIT } from './exit.ts'
import { checkWith } from './init/check.ts'
import { type Found, findComposeFiles } from './init/find.ts'
import { type Files, gather } from './init/gather.ts'
import { scaffold } from './init/scaffold.ts'
import { type Initiated, initLines, nextCommands } from './init/text.ts'
import { throwAwayKeys } from './keys.ts'
import { MEANING_SETTINGS, withSettings } from './options.ts'
import { loadOptionsOf } from './parts.ts'
import { personName } from './person.ts'
import { print, printJson } from './print.ts'

interface InitOptions extends Flags {
  to?: string
  dryRun?: boolean
  commit?: boolean
  json?: boolean
}

export function initCommand(adapters: Adapters): Command {
  const command = new Command('init')
    .description('make a configuration repository of a folder of Compose files, which stay as they are')
    .argument('[dir]', 'with a Compose file, or with folders that have one', '.')
    .option('--to <folder>', 'where the repository is to be (default: the same folder)')
    .option('--dry-run', 'only show what would be written')
    .option('--commit', 'make it a git repository, with all that was written as its first commit')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nNothing is overwritten. Exit code: 0 all stacks are valid, 1 some need a change first.')
  withSettings(command, MEANING_SETTINGS)
  return command.action((dir: string, options: InitOptions) => init(dir, options, adapters))
}

async function init(dir: string, options: InitOptions, adapters: Adapters): Promise<void> {
  const load = loadOptionsOf(readSettings(options), throwAwayKeys())
  const source = await readDirectory(dir)
  const found = await findComposeFiles(dir, source)
  refuse(found, dir)
  const directory = resolve(options.to ?? dir)
  const gathered = await Promise.all(found.map((one) => gather(one, source, load)))
  const all: Files = new Map([...scaffold(found, directory === resolve(dir)), ...gathered.flatMap((one) => [...one])])
  const fresh: Files = new Map([...all].filter(([path]) => !isThere(path, directory)))
  const { stacks } = await checkWith(fresh, directory, load)
  const actionOf = (path: string) => (fresh.has(path) ? 'write' : 'keep')
  const files = [...all.keys()].sort().map((path) => ({ path, action: actionOf(path) }) as const)
  const done: Initiated = {
    directory,
    files,
    stacks: found.flatMap((one) => checked(one, stacks)),
    commit: options.dryRun ? null : await write(fresh, directory, options, adapters),
  }
  const next = nextCommands(done)
  if (options.json) printJson({ ...done, next })
  else print(initLines(done, next, options.dryRun === true))
  process.exitCode = done.stacks.every(({ valid }) => valid) ? EXIT.ok : EXIT.error
}

/** What is there is left as it is; so is everything of a stack that is. */
function isThere(path: string, directory: string): boolean {
  const home = /^stacks\/[^/]+\//.exec(path)?.[0]
  return existsSync(join(directory, path)) || (home !== undefined && existsSync(join(directory, home, 'compose.yaml')))
}

function checked({ stack, file }: Found, stacks: LoadedStack[]): Initiated['stacks'] {
  return stacks.flatMap(({ name, stack: made, problems }) => {
    return name === stack ? { name, from: file, valid: made !== null, problems } : []
  })
}

async function write(
  files: Files,
  directory: string,
  { commit }: InitOptions,
  adapters: Adapters,
): Promise<string | null> {
  await writeAll(files, directory)
  if (!commit) return null
  const name = process.env['GIT_AUTHOR_NAME'] || personName() || 'holdfast'
  const author = { name, email: process.env['GIT_AUTHOR_EMAIL'] || `${name}@${hostname()}` }
  return await adapters.firstCommit(directory, { paths: [...files.keys()], message: 'Describe what runs', author })
}

/** Throws a HoldfastError where there is nothing to begin with, or two would be one stack. */
function refuse(found: Found[], dir: string): void {
  if (found.length === 0) {
    const text = `There is no Compose file in ${dir}, nor in a folder right below it.`
    throw new HoldfastError('terminal', `${text} Name another folder: holdfast init <dir>`)
  }
  const twice = found.find(({ stack }, at) => found.findIndex((other) => other.stack === stack) !== at)
  if (twice === undefined) return
  const files = found.filter(({ stack }) => stack === twice.stack).map(({ file }) => file)
  const text = `${files.join(' and ')} would both be the stack ${twice.stack}.`
  throw new HoldfastError('terminal', `${text} Give one of them another \`name\`, or make a repository of each.`)
}

async function writeAll(files: Files, directory: string): Promise<void> {
  for (const [path, bytes] of files) {
    const file = join(directory, path)
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes, { flag: 'wx' })
    } catch (cause) {
      const text = `${file} cannot be written: ${reasonOf(cause)}. Name another folder with --to.`
      throw new HoldfastError('terminal', text, { cause })
    }
  }
}
