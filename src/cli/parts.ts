import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ControllerParts } from '../controller/controller.ts'
import { reasonOf } from '../model/errors.ts'
import type { HistoryEntry, Store } from '../store/store.ts'
import type { Adapters } from './adapters.ts'
import { openEngines } from './engines.ts'
import { noteKey, readKeys } from './keys.ts'
import { loadOptionsOf, poolOf, repoOf, type Settings } from './options.ts'
import { eventLines, print } from './print.ts'
import { progressPrinter } from './progress.ts'

/** What the controller works with, from the settings. Throws a HoldfastError for settings that cannot be used. */
export function openParts(settings: Settings, store: Store, adapters: Adapters): ControllerParts {
  const { branch, data } = settings
  const run = randomUUID()
  const keys = readKeys(settings)
  noteKey(keys, store, (entry) => report(entry, store))
  return {
    store,
    openProber: adapters.openProber,
    source: adapters.openSource({ repo: repoOf(settings), branch, directory: join(data, 'git') }),
    engines: openEngines(settings, adapters),
    pool: poolOf(settings),
    load: loadOptionsOf(settings, keys),
    now: () => ({ run, ms: performance.now() }),
    report: (entry) => report(entry, store),
    showProgress: progressPrinter(),
  }
}

/** A history that cannot be written stops nothing: it is still shown. */
function report(entry: HistoryEntry, store: Store): void {
  print(eventLines(new Date().toISOString(), entry))
  try {
    store.append(entry)
  } catch (error) {
    console.error(`holdfast: the history could not be written: ${reasonOf(error)}`)
  }
}
