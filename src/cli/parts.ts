import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ControllerParts } from '../controller/controller.ts'
import { assertSchedule } from '../controller/schedule.ts'
import type { LoadOptions, TargetOptions } from '../manifests/options.ts'
import { reasonOf } from '../model/errors.ts'
import type { Keys } from '../model/keys.ts'
import type { FollowedSettings, Settings, TargetSettings } from '../settings/settings.ts'
import type { HistoryEntry, Store } from '../store/store.ts'
import type { Adapters } from './adapters.ts'
import { openEngines } from './engines.ts'
import { noteKey, readKeys } from './keys.ts'
import { eventLines, print } from './print.ts'
import { progressPrinter } from './progress.ts'

/** Shows people what happens, at once. */
export interface Telling {
  event(entry: HistoryEntry): void
  progress(stack: string, text: string): void
}

/** What the controller works with, from the settings. Throws a HoldfastError for settings that cannot be used. */
export function openParts(
  settings: Settings,
  store: Store,
  adapters: Adapters,
  tell: Telling = printing(),
): ControllerParts {
  const run = randomUUID()
  const keys = readKeys(settings)
  noteKey(keys, store, (entry) => report(entry, store, tell))
  const common = loadOptionsOf(settings, keys)
  const sources = settings.sources().map(({ name, poll, staleAfterMs, ageKeys, ...source }) => {
    assertSchedule(poll)
    const load = { ...common, decrypt: decryptFor({ name, ageKeys }, adapters) }
    return { name, poll, load, staleAfterMs, source: adapters.openSource(source, copiesOf(name, settings)) }
  })
  return {
    ...{ store, sources, pool: settings.pool, openProber: adapters.openProber },
    engines: openEngines(settings, adapters),
    now: () => ({ run, ms: performance.now() }),
    report: (entry) => report(entry, store, tell),
    showProgress: tell.progress,
  }
}

function printing(): Telling {
  const event = (entry: HistoryEntry) => print(eventLines(new Date().toISOString(), entry))
  return { event, progress: progressPrinter() }
}

/** What the settings add to the meaning of manifests. Throws a HoldfastError for settings that cannot be used. */
export function loadOptionsOf(settings: Settings, { names, id }: Keys): LoadOptions {
  const targets = Object.entries(settings.targets()).map(([name, target]) => [name, meaningOfTarget(target)])
  return { secrets: { key: names, id }, targets: Object.fromEntries(targets), policy: settings.policy() }
}

function meaningOfTarget({ endpoint: _, traffic, ...options }: TargetSettings): TargetOptions {
  if (traffic === null) return { ...options, traffic: 'off' }
  return { ...options, traffic: { http: traffic.httpPort, https: traffic.httpsPort } }
}

/** What opens the encrypted files of a source. Throws a HoldfastError for a key that is none. */
export function decryptFor({ name, ageKeys }: Pick<FollowedSettings, 'name' | 'ageKeys'>, adapters: Adapters) {
  return adapters.openDecrypt(ageKeys, `the age key of the source ${name}`)
}

/** Where copies of a source's repository are kept. */
function copiesOf(source: string, { data }: Settings): string {
  return join(data, 'git', source)
}

/** A history that cannot be written stops nothing: it is still shown. */
function report(entry: HistoryEntry, store: Store, tell: Telling): void {
  tell.event(entry)
  try {
    store.append(entry)
  } catch (error) {
    console.error(`holdfast: the history could not be written: ${reasonOf(error)}`)
  }
}
