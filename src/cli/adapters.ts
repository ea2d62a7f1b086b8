import type { Console } from '../engine/console.ts'
import type { Endpoint } from '../engine/endpoint.ts'
import type { Engine } from '../engine/engine.ts'
import type { EngineFacts, RegistryLogins } from '../engine/facts.ts'
import type { TrafficOptions } from '../engine/traffic.ts'
import type { LoadOptions } from '../manifests/options.ts'
import type { Keys } from '../model/keys.ts'
import type { Retention } from '../model/retention.ts'
import type { Prober, ProberOptions } from '../probe/prober.ts'
import type { FirstCommit } from '../source/first-commit.ts'
import type { Source, SourceSettings } from '../source/source.ts'
import type { Store } from '../store/store.ts'

export interface EngineOptions {
  endpoint: Endpoint
  instance: string
  /** Folder with Docker's own `config.json`. */
  dockerConfig: string
  pullTimeoutMs: number
  /** Null for an engine without a gateway and names. */
  traffic: TrafficOptions | null
}

/** What the commands need of the outside world; only the composition root knows who provides it. */
export interface Adapters {
  /** Makes a folder a git repository with one commit; gives its 40 digits. */
  firstCommit(folder: string, commit: FirstCommit): Promise<string>
  /** `directory`: where copies of a remote repository are kept. */
  openSource(settings: SourceSettings, directory: string): Source
  /**
   * Opens encrypted files with the keys in the text of an age key file, which `origin` names in errors; without a text
   * they are refused. Throws a HoldfastError for a text that holds no key.
   */
  openDecrypt(ageKeys: string | null, origin: string): NonNullable<LoadOptions['decrypt']>
  openEngine(options: EngineOptions): Engine
  /** For people: logs, and commands inside of containers. */
  openConsole(options: Pick<EngineOptions, 'endpoint' | 'instance'>): Console
  /** What an engine tells of itself. Rejects with a HoldfastError when it cannot be asked. */
  engineFacts(options: Pick<EngineOptions, 'endpoint' | 'instance'>): Promise<EngineFacts>
  /** Reads Docker's own configuration. Rejects with a HoldfastError. */
  registryLogins(dockerConfig: string): Promise<RegistryLogins>
  openProber(options: ProberOptions): Prober
  /** Without the keys stored releases can be neither read nor written. */
  openStore(directory: string, keys?: Keys, retention?: () => Retention): Store
  /** Looks the database through. Throws a HoldfastError for one that is damaged. */
  checkDatabase(directory: string): void
  /** Copies the database into a new file. Throws a HoldfastError. */
  backUp(directory: string, file: string): void
  /** Makes this process the one writer of a data directory; null when another process is. */
  tryLock(directory: string): { release(): void } | null
}
