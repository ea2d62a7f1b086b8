import { existsSync, mkdirSync } from 'node:fs'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import type { Adapters } from './adapters.ts'

/** Makes the data directory where there is none; it holds what the manifests hold, so it is the owner's alone. */
export function makeDataDirectory({ data }: Pick<Settings, 'data'>): string {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    return data
  } catch (cause) {
    const text = `The data directory ${data} cannot be made: ${reasonOf(cause)}. Choose another one with --data.`
    throw new HoldfastError('terminal', text, { cause })
  }
}

/** The store of a Holdfast that ran here before; looking must not leave an empty one behind. */
export function openExisting(settings: Pick<Settings, 'data'>, adapters: Adapters): Store {
  if (existsSync(settings.data)) return adapters.openStore(settings.data)
  const text = `There is no data directory ${settings.data}: Holdfast has not run here.`
  throw new HoldfastError('terminal', `${text} Name the right one with --data, or start: holdfast run`)
}
