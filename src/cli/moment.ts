import { InvalidArgumentError } from 'commander'
import { durationMs } from '../manifests/normalise/quantity.ts'

/** Seconds since 1970 of a moment that is written as one, or as how long ago it is: `10m`, `2030-12-31T23:59:59Z`. */
export function momentOf(text: string, nowMs = Date.now()): string {
  const ms = /^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text) ? nowMs - durationMs(text) : Date.parse(text)
  if (/\d/.test(text) && Number.isFinite(ms)) return (ms / 1000).toFixed(3)
  throw new InvalidArgumentError('It must be a duration such as 10m, or a moment such as 2030-12-31T23:59:59Z.')
}
