import type { Format } from '../format.ts'
import { floatText } from '../mac-bytes.ts'
import { Refusal } from '../refusal.ts'
import type { Branch, Value } from '../tree.ts'
import { ownOf, withoutOwn } from './own.ts'
import { requireText } from './text.ts'
import { parseDocuments } from './yaml-tree.ts'

/** Under this key SOPS keeps a file that it encrypted as a whole. */
const WHOLE = 'data'

export const json: Format = {
  read,
  write: ([value = null]) => Buffer.from(`${written(requireText(value), '')}\n`),
}

/** A file that was encrypted as a whole, whatever it is. */
export const binary: Format & { fits(text: string): boolean } = {
  read,
  write([root]) {
    const whole = root instanceof Map ? root.get(WHOLE) : undefined
    if (whole instanceof Uint8Array) return whole
    if (typeof whole === 'string') return Buffer.from(whole)
    throw new Refusal('what it holds is not a file that was encrypted as a whole')
  },
  fits: (text) => [...rootOf(text).keys()].sort().join() === 'data,sops',
}

function read(text: string): ReturnType<Format['read']> {
  const root = rootOf(text)
  return { documents: [{ root: withoutOwn(root), plain: jsonValue }], metadata: ownOf(root) }
}

/** JSON is YAML, and the reader of YAML keeps keys in their order, which JavaScript's own does not. */
function rootOf(text: string): Branch {
  try {
    JSON.parse(text)
  } catch {
    throw new Refusal('it is not JSON: it was cut off, or changed by hand')
  }
  return parseDocuments(text)[0] ?? new Map()
}

function jsonValue(text: string): Value {
  if (/^-?\d+$/.test(text) && !/^-0$/.test(text)) return BigInt(text)
  return JSON.parse(text)
}

function written(value: Value, indent: string): string {
  const inner = `${indent}\t`
  if (Array.isArray(value))
    return enclosed(
      value.map((item) => written(item, inner)),
      '[]',
      indent,
    )
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => `${JSON.stringify(key)}: ${written(member, inner)}`)
    return enclosed(members, '{}', indent)
  }
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') return JSON.stringify(value)
  if (Number.isFinite(value)) return floatText(value)
  throw new Refusal('a number in it cannot be written as JSON')
}

function enclosed(items: string[], [open, close]: string, indent: string): string {
  if (items.length === 0) return `${open}${close}`
  return `${open}\n${items.map((item) => `${indent}\t${item}`).join(',\n')}\n${indent}${close}`
}
