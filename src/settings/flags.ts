import { DEFAULT_SOURCE } from '../model/default-names.ts'
import { HoldfastError } from '../model/errors.ts'
import type { SettingsFile, SourceFile } from './schema.generated.ts'

/** What the command line says, or the variables that stand for its options. */
export interface Flags {
  settings?: string
  repo?: string
  branch?: string
  data?: string
  keyFile?: string
  engine?: string
  engineTls?: string
  sshKey?: string
  sshKnownHosts?: string
  /** Each `name=endpoint`. */
  target?: string[]
  instance?: string
  dockerConfig?: string
  pullTimeout?: string
  poll?: string
  pool?: string
  bindRoot?: string
  /** `on` or `off`. */
  traffic?: string
  trafficImage?: string
}

/** What can be said of the source `default` by a variable alone: nobody should write it on a command line. */
export const SOURCE_VARIABLES = {
  HOLDFAST_TAG: 'tag',
  HOLDFAST_COMMIT: 'commit',
  HOLDFAST_STALE_AFTER: 'staleAfter',
  HOLDFAST_GIT_USERNAME: 'username',
  HOLDFAST_GIT_PASSWORD: 'password',
  HOLDFAST_GIT_PASSWORD_FILE: 'passwordFile',
  HOLDFAST_GIT_TOKEN: 'token',
  HOLDFAST_GIT_TOKEN_FILE: 'tokenFile',
  HOLDFAST_GIT_CA_FILE: 'caFile',
  HOLDFAST_GIT_PROXY: 'proxy',
  HOLDFAST_GIT_SSH_KEY_FILE: 'sshKeyFile',
  HOLDFAST_GIT_SSH_PASSPHRASE: 'sshPassphrase',
  HOLDFAST_GIT_SSH_PASSPHRASE_FILE: 'sshPassphraseFile',
  HOLDFAST_GIT_KNOWN_HOSTS_FILE: 'knownHostsFile',
  HOLDFAST_AGE_KEY: 'ageKey',
  HOLDFAST_AGE_KEY_FILE: 'ageKeyFile',
  HOLDFAST_ALLOWED_SIGNERS_FILE: 'allowedSignersFile',
  HOLDFAST_GPG_KEYRING_FILE: 'gpgKeyringFile',
} as const satisfies Record<string, keyof SourceFile>

/**
 * Options and variables in the form of the settings file, which they are laid over. Throws a HoldfastError for a word
 * that is none of those it may be.
 */
export function overlayOf(flags: Flags, env: NodeJS.ProcessEnv): SettingsFile {
  const { data, keyFile, instance, pool, poll, pullTimeout, dockerConfig, bindRoot, trafficImage } = flags
  const onEngines = given({ pullTimeout, dockerConfig, bindRoot, traffic: onOrOff(flags.traffic), trafficImage })
  const general = { ...given({ data, keyFile, instance, pool, poll }), ...onEngines }
  const source = { ...variables(env), ...given({ url: flags.repo, branch: flags.branch }) }
  const isNamed = Object.keys(source).length > 0
  return { ...general, ...(isNamed ? { sources: { [DEFAULT_SOURCE]: source } } : {}) }
}

function onOrOff(text: string | undefined): 'on' | 'off' | undefined {
  if (text === undefined || text === '') return undefined
  if (text === 'on' || text === 'off') return text
  throw new HoldfastError('terminal', `"${text}" is neither on nor off. Write --traffic on, or --traffic off.`)
}

function variables(env: NodeJS.ProcessEnv): SourceFile {
  const set = Object.entries(SOURCE_VARIABLES).map(([name, key]) => [key, env[name]])
  return given(Object.fromEntries(set))
}

/** An empty text is as good as none: it is how a variable is taken back. */
function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(set) as { [K in keyof T]?: NonNullable<T[K]> }
}
