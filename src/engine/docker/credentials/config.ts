import { readFile } from 'node:fs/promises'
import { reasonOf, StepFailed } from '../../../model/errors.ts'

/** What of Docker's `config.json` says how to log in to registries. */
export interface DockerConfig {
  auths: Record<string, ConfiguredAuth>
  /** The helper that keeps the credentials of all registries which `credHelpers` does not name; empty for none. */
  credsStore: string
  credHelpers: Record<string, string>
}

export interface ConfiguredAuth {
  /** `user:password` in base64. */
  auth: string
  username: string
  password: string
  identitytoken: string
  registrytoken: string
}

/**
 * Reads the file anew each time: it is small, and `docker login` must need no restart. A file that is not there says
 * that there are no credentials. Rejects with StepFailed; its text never repeats what is in the file.
 */
export async function readConfig(file: string): Promise<DockerConfig> {
  const text = await read(file)
  return text === null ? { auths: {}, credsStore: '', credHelpers: {} } : parseConfig(text, file)
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw new StepFailed('platform', `The Docker configuration ${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

function parseConfig(text: string, file: string): DockerConfig {
  const config = objectIn(parse(text, file), file, 'the whole')
  const auths = Object.entries(objectIn(config['auths'], file, 'auths'))
  const helpers = Object.entries(objectIn(config['credHelpers'], file, 'credHelpers'))
  return {
    auths: Object.fromEntries(auths.map(([key, entry]) => [key, authIn(entry, file, `auths.${key}`)])),
    credsStore: textIn(config['credsStore'], file, 'credsStore'),
    credHelpers: Object.fromEntries(helpers.map(([key, name]) => [key, textIn(name, file, `credHelpers.${key}`)])),
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own words quote the text, which may hold a password, so they are not kept as the cause.
    throw broken(file, 'it is not JSON')
  }
}

function authIn(value: unknown, file: string, key: string): ConfiguredAuth {
  const entry = objectIn(value, file, key)
  const text = (name: string) => textIn(entry[name], file, `${key}.${name}`)
  return {
    auth: text('auth'),
    username: text('username'),
    password: text('password'),
    identitytoken: text('identitytoken'),
    registrytoken: text('registrytoken'),
  }
}

function objectIn(value: unknown, file: string, key: string): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value }
  throw broken(file, `${key} is not an object`)
}

function textIn(value: unknown, file: string, key: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  throw broken(file, `${key} is not a string`)
}

function broken(file: string, what: string): StepFailed {
  return new StepFailed('platform', `The Docker configuration ${file} cannot be used: ${what}. Mend it.`)
}
