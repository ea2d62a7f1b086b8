import { durationMs } from '../manifests/normalise/quantity.ts'
import type { Path } from '../manifests/path.ts'
import type { Layers } from './layers.ts'

/** Milliseconds of a text such as `90s` or `10m`. Throws a HoldfastError for one that is none. */
export function durationOf(text: string, path: Path, { refuse }: Layers): number {
  const ms = /^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text) ? durationMs(text) : 0
  if (ms > 0) return ms
  throw refuse(path, `"${text}" is not a duration for \`${path.at(-1)}\`. Write it as 90s or 10m.`)
}
