import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Adapters } from './adapters.ts'
import { withSettings } from './options.ts'
import { print, printJson } from './print.ts'

interface BackupOptions extends Flags {
  json?: boolean
}

export function backupCommand(adapters: Adapters): Command {
  const command = new Command('backup')
    .description('copy the database into a new file, also while Holdfast runs; the key file is not in it')
    .argument('<file>', 'where to; a file that is there already is not written over')
    .addHelpText('after', '\nTo restore it, see docs/operations.md.')
  command.option('--json', 'print as JSON')
  withSettings(command, ['data', 'keyFile'])
  return command.action((file: string, { json = false, ...flags }: BackupOptions) => {
    const { data, keyFile } = readSettings(flags)
    const copy = resolve(file)
    const key = resolve(keyFile)
    adapters.backUp(data, copy)
    if (json) return printJson({ file: copy, keyFile: key })
    print([
      `The database is in ${copy}. Only its owner can read it.`,
      `The key file ${key} is not in it: keep a copy of it in another place. Going back to a stored release needs both.`,
    ])
  })
}
