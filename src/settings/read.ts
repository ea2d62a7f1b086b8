import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseSubnet } from '../model/cidr.ts'
import { DEFAULT_RETENTION } from '../model/retention.ts'
import { durationOf } from './duration.ts'
import { readFile } from './file.ts'
import { type Flags, overlayOf } from './flags.ts'
import { type Layers, layersOf } from './layers.ts'
import { policySettings } from './policy.ts'
import type { Settings } from './settings.ts'
import { sourcesOf } from './sources.ts'
import { targetsOf } from './targets.ts'

const DEFAULT_DATA = '/var/lib/holdfast'
const DEFAULT_INSTANCE = 'holdfast'
const DEFAULT_POOL = '10.201.0.0/16'
const DEFAULT_PULL_TIMEOUT = '5m'
/** Five or six fields, seconds first: twice a minute. */
const DEFAULT_POLL = '*/30 * * * * *'

/** A pool holds at least one network of 256 addresses. */
const SMALLEST_POOL = 24

/**
 * Reads the settings: options win over variables, these over the file, that over the defaults. Throws a HoldfastError
 * that says what is wrong, where, and what to write instead.
 */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv = process.env): Settings {
  const file = readFile(flags.settings || undefined)
  const layers = layersOf(file, overlayOf(flags, env))
  const { data = DEFAULT_DATA, keyFile, instance, pullTimeout, dockerConfig, poll = DEFAULT_POLL } = layers.value
  return {
    ...{ file: file?.file ?? null, data, keyFile: keyFile ?? join(data, 'key') },
    instance: instanceOf(instance ?? DEFAULT_INSTANCE, layers),
    pool: poolOf(layers),
    pullTimeoutMs: durationOf(pullTimeout ?? DEFAULT_PULL_TIMEOUT, ['pullTimeout'], layers),
    retention: { ...DEFAULT_RETENTION, ...layers.value.retention },
    dockerConfig: dockerConfig ?? (env['DOCKER_CONFIG'] || join(homedir(), '.docker')),
    sources: () => sourcesOf(layers, poll, env),
    targets: () => targetsOf(flags, layers, env),
    policy: () => policySettings(layers, targetsOf(flags, layers, env)),
  }
}

/** It becomes part of the engine's names. */
function instanceOf(instance: string, { refuse }: Layers): string {
  if (/^[a-z0-9]+$/.test(instance)) return instance
  throw refuse(['instance'], `The instance "${instance}" may hold only a-z and 0-9. Choose another --instance.`)
}

/** No subnet can come from a pool that is smaller. */
function poolOf({ value, refuse }: Layers): string {
  const { pool = DEFAULT_POOL } = value
  const block = parseSubnet(pool)
  if (block !== null && block.prefix <= SMALLEST_POOL) return pool
  const text = `The pool "${pool}" is no block of at least 256 IPv4 addresses, written by its first one.`
  throw refuse(['pool'], `${text} Give --pool one such as ${DEFAULT_POOL}.`)
}
