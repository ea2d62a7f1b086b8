import type { Value } from './tree.ts'

/** What a single value adds to the MAC: its text, as Go writes it. */
export function bytesOf(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'number') return Buffer.from(floatText(value))
  if (typeof value === 'boolean') return Buffer.from(value ? 'True' : 'False')
  return Buffer.from(value === null ? '' : String(value))
}

/** The shortest digits that mean the same number, never with an exponent: Go's format `f`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(digits(value)) ?? []
  const point = whole.length + Number(power)
  const all = `${whole}${part}`
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  if (point >= all.length) return `${sign}${all}${'0'.repeat(point - all.length)}`
  return `${sign}${all.slice(0, point)}.${all.slice(point)}`
}

function digits(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
