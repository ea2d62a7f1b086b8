import { Command } from 'commander'
import { formatProblem } from '../manifests/format.ts'
import { type Loaded, type LoadedStack, loadAll } from '../manifests/load.ts'
import { hasErrors } from '../manifests/report.ts'
import { MAX_FILE_BYTES } from '../manifests/repository.ts'
import { shown, toYaml } from '../manifests/shown.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Settings } from '../settings/settings.ts'
import { untrustedProblem } from '../untrusted.ts'
import type { Adapters } from './adapters.ts'
import { readDirectory } from './directory.ts'
import { EXIT } from './exit.ts'
import { throwAwayKeys } from './keys.ts'
import { MEANING_SETTINGS, SOURCE_SETTINGS, withSettings } from './options.ts'
import { loadOptionsOf } from './parts.ts'
import { printJson } from './print.ts'
import { withSnapshot } from './snapshot.ts'

interface RenderOptions extends Flags {
  dir?: string
  json?: boolean
}

export function renderCommand(adapters: Adapters): Command {
  const command = new Command('render')
    .description('show what the manifests mean: variables filled in, files merged, defaults added; no engine is needed')
    .argument('[stack]', 'only this stack')
    .option('--dir <folder>', "of this folder, which needs no network (default: the repository's newest commit)")
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nSecrets are not shown. Exit code: 0 all could be read, 1 a manifest has errors.')
  withSettings(command, [...SOURCE_SETTINGS, ...MEANING_SETTINGS])
  return command.action((stack: string | undefined, options: RenderOptions) => render(stack, options, adapters))
}

async function render(wanted: string | undefined, options: RenderOptions, adapters: Adapters): Promise<void> {
  const settings = readSettings(options)
  const { stacks, problems } = await read(options.dir, settings, adapters)
  const chosen = stacks.filter(({ name }) => wanted === undefined || name === wanted)
  if (wanted !== undefined && chosen.length === 0) throw unknown(wanted, stacks)
  const all = [...problems, ...chosen.flatMap((stack) => stack.problems)]
  if (options.json) printJson({ problems, stacks: chosen.map(asJson) })
  else {
    for (const problem of all) console.error(formatProblem(problem))
    process.stdout.write(chosen.flatMap(asYaml).join('---\n'))
  }
  process.exitCode = hasErrors(all) ? EXIT.error : EXIT.ok
}

async function read(dir: string | undefined, settings: Settings, adapters: Adapters): Promise<Loaded> {
  const load = loadOptionsOf(settings, throwAwayKeys())
  if (dir !== undefined) {
    const { entries, read } = await readDirectory(dir)
    return await loadAll(entries, read, load)
  }
  const looks = settings.sources().map((source) => {
    return withSnapshot(source, adapters, async ({ entries, read, untrusted }): Promise<Loaded> => {
      if (untrusted !== null) return { stacks: [], problems: [untrustedProblem(untrusted)] }
      return await loadAll(entries, (path) => read(path, MAX_FILE_BYTES), load)
    })
  })
  const loaded = await Promise.all(looks)
  return { stacks: loaded.flatMap(({ stacks }) => stacks), problems: loaded.flatMap(({ problems }) => problems) }
}

function asJson({ name, folder, stack, problems, hidden }: LoadedStack): unknown {
  return { name, folder, manifest: stack === null ? null : shown(stack, hidden), problems }
}

function asYaml({ folder, stack, hidden }: LoadedStack): string[] {
  return stack === null ? [] : [`# ${folder || 'the root of the repository'}\n${toYaml(shown(stack, hidden))}`]
}

function unknown(wanted: string, stacks: LoadedStack[]): HoldfastError {
  const names = stacks.map(({ name }) => name).join(', ') || 'none'
  return new HoldfastError('terminal', `There is no stack ${wanted}. There are: ${names}.`)
}
