import { join } from 'node:path'
import { StepFailed } from '../../../model/errors.ts'
import { type ConfiguredAuth, type DockerConfig, readConfig } from './config.ts'
import { askHelper } from './helper.ts'
import { hostOf, keyOf, registryOf } from './registry.ts'

/** What the engine passes on to a registry. */
export interface RegistryAuth {
  username?: string
  password?: string
  identitytoken?: string
  registrytoken?: string
  serveraddress: string
}

/** How to log in to the registry of an image. */
export interface Login {
  /** Null when there is no credential: then the registry is asked as anybody. */
  auth: RegistryAuth | null
  /** For a person, should the registry refuse: what was tried and what to do. Never holds the credential. */
  advice: string
}

export interface Credentials {
  /** Rejects with StepFailed('platform') when it cannot be found out whether there is a credential. */
  loginFor(image: string): Promise<Login>
}

const ANSWER_WITHIN_MS = 20_000

/** The credentials that `docker login` left in a folder; null for none at all. */
export function openCredentials(folder: string | null, helperTimeoutMs = ANSWER_WITHIN_MS): Credentials {
  return {
    async loginFor(image) {
      const registry = registryOf(image)
      if (folder === null) return { auth: null, advice: `no credential for ${registry} was looked for` }
      const file = join(folder, 'config.json')
      const config = await readConfig(file)
      const helper = helperFor(config, keyOf(registry))
      const auth = helper ? await fromHelper(helper, registry, helperTimeoutMs) : fromFile(config, registry, file)
      const place = helper ? `the helper docker-credential-${helper}` : file
      return { auth, advice: adviceFor(registry, folder, place, auth !== null) }
    },
  }
}

function adviceFor(registry: string, folder: string, place: string, has: boolean): string {
  const found = has ? `it did not accept the credential from ${place}` : `there is no credential for it in ${place}`
  return `${found}; \`docker --config ${folder} login ${registry}\`, or check that the image is spelt right`
}

function helperFor({ credHelpers, credsStore }: DockerConfig, key: string): string {
  return credHelpers[key] || credsStore
}

async function fromHelper(helper: string, registry: string, limitMs: number): Promise<RegistryAuth | null> {
  const serveraddress = keyOf(registry)
  const answer = await askHelper(helper, serveraddress, limitMs)
  if (answer === null) return null
  if (answer.user === '<token>') return { identitytoken: answer.secret, serveraddress }
  return { username: answer.user, password: answer.secret, serveraddress }
}

function fromFile({ auths }: DockerConfig, registry: string, file: string): RegistryAuth | null {
  const serveraddress = keyOf(registry)
  const key =
    serveraddress in auths ? serveraddress : Object.keys(auths).find((old) => hostOf(old) === hostOf(serveraddress))
  const entry = key === undefined ? undefined : auths[key]
  if (key === undefined || entry === undefined || !Object.values(entry).some(Boolean)) return null
  return { ...passwordOf(entry, key, file), ...tokensOf(entry), serveraddress }
}

function passwordOf(entry: ConfiguredAuth, key: string, file: string): { username?: string; password?: string } {
  if (entry.auth === '') return entry.username === '' ? {} : { username: entry.username, password: entry.password }
  const decoded = Buffer.from(entry.auth, 'base64').toString()
  const colon = decoded.indexOf(':')
  if (colon > 0) return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') }
  const text = `The Docker configuration ${file} cannot be used: auths.${key}.auth is not user:password in base64.`
  throw new StepFailed('platform', `${text} Log in again.`)
}

function tokensOf({
  identitytoken,
  registrytoken,
}: ConfiguredAuth): Pick<RegistryAuth, 'identitytoken' | 'registrytoken'> {
  return { ...(identitytoken === '' ? {} : { identitytoken }), ...(registrytoken === '' ? {} : { registrytoken }) }
}
