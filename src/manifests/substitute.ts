import { interpolate, type Variables } from './interpolate.ts'
import type { Path } from './path.ts'
import type { Report } from './report.ts'
import type { Manifest } from './yaml.ts'

/**
 * The manifest's data with variables replaced in every string value. Keys stay as they are, and so does what lies
 * under `x-` at the root: it means something only where an alias uses it, and there it is replaced.
 */
export function substitute(manifest: Manifest, variables: Variables, report: Report): unknown {
  function walk(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return replace(value, path)
    if (Array.isArray(value)) return value.map((item, at) => walk(item, [...path, at]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, isInert(path, key) ? member : walk(member, [...path, key])]),
    )
  }
  function replace(text: string, path: Path): string {
    if (!text.includes('$')) return text
    const result = interpolate(text, variables)
    for (const fault of result.faults) {
      report.error(manifest.within(path, fault.snippet), fault.code, fault.message, fault.hint)
    }
    return result.text
  }
  return walk(manifest.raw, [])
}

function isInert(path: Path, key: string): boolean {
  return path.length === 0 && key.startsWith('x-') && key !== 'x-holdfast'
}
