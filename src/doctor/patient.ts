import type { Endpoint } from '../engine/endpoint.ts'
import type { EngineFacts, RegistryLogins } from '../engine/facts.ts'
import type { FollowedSettings, Settings } from '../settings/settings.ts'

/** What is looked at, and how; every call may reject or throw with a HoldfastError. */
export interface Patient {
  settings(): Settings
  /** Reads the key file that is there. */
  readKey(settings: Settings): void
  /** Looks the database through. */
  checkDatabase(directory: string): void
  /** Null when another Holdfast holds the data directory. */
  tryLock(directory: string): { release(): void } | null
  /** `instance`: whose networks are ours. */
  engineFacts(endpoint: Endpoint, instance: string): Promise<EngineFacts>
  registryLogins(dockerConfig: string): Promise<RegistryLogins>
  /** Reads the repository into a folder; resolves to the commit that is followed. */
  readSource(source: FollowedSettings, directory: string): Promise<SourceFacts>
}

export interface SourceFacts {
  commit: string
  subject: string
  /** See `Snapshot`. */
  untrusted: string | null
}
