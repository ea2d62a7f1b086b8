import { HoldfastError } from '../model/errors.ts'

/** One part of a set-up, looked at. */
export interface Check {
  /** The part: `database`, `engine edge`, … */
  name: string
  state: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found. */
  what: string
  /** A command or a setting that mends it; null where nothing is to be mended. */
  fix: string | null
}

export function ok(name: string, what: string): Check {
  return { name, state: 'ok', what, fix: null }
}

export function skipped(name: string, what: string): Check {
  return { name, state: 'skipped', what, fix: null }
}

/** It works, but not as well as it could. */
export function warning(name: string, what: string, fix: string): Check {
  return { name, state: 'warning', what, fix }
}

export function failed(name: string, what: string, fix: string): Check {
  return { name, state: 'failed', what, fix }
}

/** What an error says becomes what was found. A bug in Holdfast is passed on. */
export function failedBy(name: string, error: unknown, fix: string): Check {
  if (error instanceof HoldfastError && error.handling !== 'bug') return failed(name, error.message, fix)
  throw error
}
