import { readFileSync, statSync } from 'node:fs'
import { DEFAULT_SOURCE } from '../model/default-names.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { SourceSettings } from '../source/source.ts'
import { durationOf } from './duration.ts'
import type { Layers } from './layers.ts'
import type { SourceFile } from './schema.generated.ts'
import type { FollowedSettings } from './settings.ts'

const DEFAULT_STALE_AFTER = '15m'

/** Every source, sorted by name, with the files it names read. Throws a HoldfastError for what cannot be used. */
export function sourcesOf(layers: Layers, poll: string, env: NodeJS.ProcessEnv): FollowedSettings[] {
  const sources = Object.entries(layers.value.sources ?? {})
  if (sources.length > 0) return sources.map(([name, source]) => sourceOf(name, source, layers, poll, env))
  const next = 'Name it with --repo <url|path> or HOLDFAST_REPO, or under `sources` in a settings file.'
  throw new HoldfastError('terminal', `Which repository? ${next}`)
}

function sourceOf(
  name: string,
  source: SourceFile,
  layers: Layers,
  poll: string,
  env: NodeJS.ProcessEnv,
): FollowedSettings {
  const { url, staleAfter = DEFAULT_STALE_AFTER } = source
  if (url === undefined) {
    const next = name === DEFAULT_SOURCE ? 'Name it with --repo <url|path> or HOLDFAST_REPO.' : 'Give it a `url`.'
    throw layers.refuse(['sources', name], `Which repository is the source ${name}? ${next}`)
  }
  const read = (key: keyof SourceFile) => textOf(source[key], () => ['sources', name, key], key, layers)
  return {
    ...{ name, url, at: refOf(source), poll: source.poll ?? poll },
    staleAfterMs: durationOf(staleAfter, ['sources', name, 'staleAfter'], layers),
    ageKeys: source.ageKey ?? ownersAlone(source.ageKeyFile, name, layers) ?? null,
    ...present('http', {
      username: source.username,
      password: source.password ?? read('passwordFile')?.trimEnd(),
      token: source.token ?? read('tokenFile')?.trim(),
      ca: read('caFile'),
      proxy: source.proxy,
    }),
    ...present('ssh', {
      key: source.sshKeyFile,
      passphrase: source.sshPassphrase ?? read('sshPassphraseFile')?.replace(/\r?\n$/, ''),
      knownHosts: source.knownHostsFile,
      agent: env['SSH_AUTH_SOCK'] || undefined,
    }),
    ...present('signers', { ssh: read('allowedSignersFile'), gpg: read('gpgKeyringFile') }),
  }
}

/** As `textOf`, of a file that nobody but its owner may read; undefined when none is named. */
function ownersAlone(file: string | undefined, source: string, layers: Layers): string | undefined {
  const path = () => ['sources', source, 'ageKeyFile']
  const text = textOf(file, path, 'ageKeyFile', layers)
  if (file === undefined || (statSync(file).mode & 0o077) === 0) return text
  throw layers.refuse(path(), `The age key file ${file} can be read by others than its owner. Run: chmod 600 ${file}`)
}

function refOf({ branch, tag, commit }: SourceFile): SourceSettings['at'] {
  if (commit !== undefined) return { kind: 'commit', name: commit }
  return tag === undefined ? { kind: 'branch', name: branch ?? 'main' } : { kind: 'tag', name: tag }
}

function textOf(file: string | undefined, path: () => string[], key: string, layers: Layers): string | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const next = `Put it there, or correct \`${key}\`.`
    throw layers.refuse(path(), `The file ${file} cannot be read: ${reasonOf(cause)}. ${next}`, cause)
  }
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The group under its name with what is known of it; nothing when nothing is. */
function present<N extends string, T extends object>(name: N, group: T): { [K in N]?: Known<T> } {
  const known = Object.entries(group).filter(([, value]) => value !== undefined)
  return (known.length === 0 ? {} : { [name]: Object.fromEntries(known) }) as { [K in N]?: Known<T> }
}
