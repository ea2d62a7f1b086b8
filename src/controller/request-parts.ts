import type { Engines } from '../engine/engines.ts'
import type { HistoryEntry, Store } from '../store/store.ts'
import type { Followings } from './followings.ts'
import type { Lanes } from './lanes.ts'

/** What carrying out a person's request works with. */
export interface RequestParts {
  store: Store
  engines: Engines
  following: Pick<Followings, 'look'>
  lanes: Pick<Lanes, 'between'>
  /** Keeps an entry in the history and shows it to whoever watches. */
  report(entry: HistoryEntry): void
}
