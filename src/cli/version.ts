import { Command } from 'commander'
import { print, printJson } from './print.ts'

interface VersionOptions {
  json?: boolean
}

export function versionCommand(version: string): Command {
  return new Command('version')
    .description('show the version, and what it runs on')
    .option('--json', 'print as JSON')
    .action(({ json }: VersionOptions) => {
      const about = { version, node: process.versions.node, platform: `${process.platform}/${process.arch}` }
      if (json) printJson(about)
      else print([`holdfast ${version}`, `node ${about.node}`, about.platform])
    })
}
