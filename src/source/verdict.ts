import type { At } from './source.ts'

/** The repository as people know it, and how it is followed. */
export interface Followed {
  shown: string
  at: At
  timeoutMs: number
  /** Credentials are sent to the server. */
  hasLogin?: boolean
  /** Certificates are checked against an authority that the settings name. */
  hasOwnAuthority?: boolean
  /** What HTTP goes through; null or absent without one. */
  proxy?: string | null
}

/** What is wrong, and what a person does about it. */
export interface Verdict {
  handling: 'terminal' | 'retry'
  what: string
  next: string
}

export const CHECK_URL = "Check the source's url."

export function terminal(what: string, next: string): Verdict {
  return { handling: 'terminal', what, next }
}

export function retry(what: string, next: string): Verdict {
  return { handling: 'retry', what, next }
}
