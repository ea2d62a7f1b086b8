import type { Endpoint } from '../engine/endpoint.ts'
import type { TrafficOptions } from '../engine/traffic.ts'
import type { TargetOptions } from '../manifests/options.ts'
import type { Policy } from '../manifests/policy/policy.ts'
import type { Retention } from '../model/retention.ts'
import type { SourceSettings } from '../source/source.ts'

/** What options, variables and the settings file come to, checked and with its defaults. */
export interface Settings {
  /** The file they were read from; null without one. */
  file: string | null
  /** Folder for memory and history. */
  data: string
  keyFile: string
  instance: string
  /** Where networks of ours get their subnets from, in CIDR notation. */
  pool: string
  pullTimeoutMs: number
  /** How much is kept of each stack. */
  retention: Retention
  /** Folder with Docker's own `config.json`. */
  dockerConfig: string
  /** Sorted by name; at least one. Reads the files they name. Throws a HoldfastError for what cannot be used. */
  sources(): FollowedSettings[]
  /** By name, the default one with the empty name; at least one. Throws a HoldfastError for what cannot be used. */
  targets(): Record<string, TargetSettings>
  /** What manifests may ask for. Throws a HoldfastError for what cannot be used. */
  policy(): Policy
}

/** A repository that is followed. */
export interface FollowedSettings extends SourceSettings {
  name: string
  /** Cron expression: when to look at it. */
  poll: string
  /** After so long without a good look it counts as stale. */
  staleAfterMs: number
  /** The text of an age key file; null without one. */
  ageKeys: string | null
}

export interface TargetSettings extends Omit<TargetOptions, 'traffic'> {
  endpoint: Endpoint
  /** How the gateway and the names are run; null where there are none. */
  traffic: TrafficOptions | null
}
