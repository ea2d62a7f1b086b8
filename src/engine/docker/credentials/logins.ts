import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { RegistryLogins } from '../../facts.ts'
import { readConfig } from './config.ts'

/** Reads Docker's configuration and looks for the helpers it names, without asking them for anything. Rejects with StepFailed. */
export async function registryLogins(folder: string): Promise<RegistryLogins> {
  const file = join(folder, 'config.json')
  const { auths, credHelpers, credsStore } = await readConfig(file)
  const helpers = [...new Set([credsStore, ...Object.values(credHelpers)])].filter((name) => name !== '')
  const programs = helpers.map((name) => `docker-credential-${name}`)
  const found = await Promise.all(programs.map(isInPath))
  const registries = new Set([...Object.keys(auths), ...Object.keys(credHelpers)])
  return { file, count: registries.size, missing: programs.filter((_, index) => !found[index]).sort() }
}

async function isInPath(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const looked = await Promise.all(folders.map((folder) => isExecutable(join(folder, program))))
  return looked.includes(true)
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
