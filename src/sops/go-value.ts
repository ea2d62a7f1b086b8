import type { Value } from './tree.ts'

const NULL = ['', '~', 'null', 'Null', 'NULL']
const TRUE = ['true', 'True', 'TRUE']
const FALSE = ['false', 'False', 'FALSE']
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
/** By prefix, for the parser of JavaScript. A leading zero alone means octal, too. */
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/
const INFINITE = /^([-+]?)\.(?:inf|Inf|INF)$/

/**
 * What Go's reader of YAML, and so SOPS, makes of a text without quotes; its MAC is made over that. Times stay the text
 * they are: SOPS writes them as it reads them.
 */
export function goValue(text: string): Value {
  if (NULL.includes(text)) return null
  if (TRUE.includes(text)) return true
  if (FALSE.includes(text)) return false
  const infinite = INFINITE.exec(text)
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (['.nan', '.NaN', '.NAN'].includes(text)) return Number.NaN
  if (!/^[-+.0-9]/.test(text)) return text
  return numberIn(text.replaceAll('_', '')) ?? text
}

function numberIn(text: string): Value | undefined {
  const [, sign, digits] = INTEGER.exec(text) ?? []
  if (digits !== undefined) {
    const value = BigInt(digits.replace(/^0(?=[0-7])/, '0o').toLowerCase())
    return sign === '-' ? -value : value
  }
  return FLOAT.test(text) ? Number(text) : undefined
}
