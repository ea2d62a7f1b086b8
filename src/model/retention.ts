/** How much is kept of each stack. */
export interface Retention {
  /** Entries of its history. */
  history: number
  /** Releases, beside those that are in use. */
  releases: number
}

export const DEFAULT_RETENTION: Retention = { history: 1000, releases: 100 }
