const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, ns: 0.000001 }
const SIZE_POWER: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 }

/** Milliseconds of a duration that the schema let through, such as `1m30s`. */
export function durationMs(text: string): number {
  let total = 0
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ms|us|ns|h|m|s)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  }
  return Math.round(total)
}

/** Bytes of a size that the schema let through, such as `64m`; units are powers of 1024. */
export function sizeBytes(size: string | number): number {
  if (typeof size === 'number') return size
  const unit = /[kmgt]/i.exec(size)?.[0].toLowerCase() ?? ''
  return Math.round(Number.parseFloat(size) * 1024 ** (SIZE_POWER[unit] ?? 0))
}

/** A duration as people read it: `90s` is `1m30s`. */
export function durationText(ms: number): string {
  if (ms % 1000 !== 0) return `${ms}ms`
  const [minutes, seconds] = [Math.floor(ms / 60_000), (ms % 60_000) / 1000]
  if (minutes === 0) return `${seconds}s`
  return seconds === 0 ? `${minutes}m` : `${minutes}m${seconds}s`
}
