import type { Console } from '../engine/console.ts'
import type { Endpoint } from '../engine/endpoint.ts'
import type { Engine } from '../engine/engine.ts'
import type { Keys } from '../model/keys.ts'
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
}

/** What the commands need of the outside world; only the composition root knows who provides it. */
export interface Adapters {
  /** Makes a folder a git repository with one commit; gives its 40 digits. */
  firstCommit(folder: string, commit: FirstCommit): Promise<string>
  /** `directory`: where copies of a remote repository are kept. */
  openSource(settings: SourceSettings, directory: string): Source
  openEngine(options: EngineOptions): Engine
  /** For people: logs, and commands inside of containers. */
  openConsole(options: EngineOptions): Console
  openProber(options: ProberOptions): Prober
  /** Without the keys stored releases can be neither read nor written. */
  openStore(directory: string, keys?: Keys): Store
  /** Makes this process the one writer of a data directory; null when another process is. */
  tryLock(directory: string): { release(): void } | null
}
