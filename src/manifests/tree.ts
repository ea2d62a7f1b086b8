import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml'
import { type Path, pointer } from './path.ts'
import type { Report } from './report.ts'
import { placeAt, type SourceText } from './source-text.ts'

/** Character offsets of a key and of its value's start and end. */
interface Mark {
  key: number
  value: number
  end: number
}

export interface Tree {
  value: unknown
  /** By JSON Pointer. */
  marks: Map<string, Mark>
}

interface Walk extends Tree {
  source: SourceText
  report: Report
  anchors: Map<string, unknown>
  /** How many nodes were seen, those behind aliases counted each time: what an alias bomb blows up. */
  seen: number
  stopped: boolean
}

const MAX_DEPTH = 32
const MAX_NODES = 50_000

/** Turns YAML nodes into plain data with marks; aliases and merge keys are expanded. Null when that has no end or no sense. */
export function toTree(document: Document, source: SourceText, report: Report): Tree | null {
  const walk: Walk = { value: null, marks: new Map(), source, report, anchors: new Map(), seen: 0, stopped: false }
  const value = convert(document.contents, [], walk, 0)
  return walk.stopped ? null : { value, marks: walk.marks }
}

function convert(node: unknown, path: Path, walk: Walk, keyOffset: number): unknown {
  if (exceeds(node, path.length, walk)) return null
  if (isAlias(node)) return convertAlias(node, path, walk, keyOffset)
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node)
  const [start, end] = node.range ?? [keyOffset, keyOffset]
  walk.marks.set(pointer(path), { key: path.length === 0 ? start : keyOffset, value: start, end })
  if (isMap(node)) return convertMap(node, path, walk)
  if (isSeq(node)) return node.items.map((item, at) => convert(item, [...path, at], walk, offsetOf(item) ?? start))
  return scalar(node.value, node.source)
}

function convertAlias(node: Alias, path: Path, walk: Walk, keyOffset: number): unknown {
  const target = walk.anchors.get(node.source)
  if (target === undefined) {
    walk.stopped = true
    const place = placeAt(walk.source, offsetOf(node) ?? 0)
    walk.report.error(
      place,
      'yaml-syntax',
      `The alias *${node.source} has no anchor`,
      `Define &${node.source} above it.`,
    )
  }
  return convert(target, path, walk, keyOffset)
}

function convertMap(node: YAMLMap, path: Path, walk: Walk): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const merges: Pair[] = []
  for (const pair of node.items) {
    const key = keyOf(pair)
    if (key === '<<') merges.push(pair)
    else if (Object.hasOwn(result, key)) reportDuplicate(key, pair, walk)
    else define(result, key, convert(pair.value, [...path, key], walk, offsetOf(pair.key) ?? 0))
  }
  for (const pair of merges) merge(pair.value, result, path, walk)
  return result
}

/** Keys that are there win over merged ones, and earlier merges over later ones. */
function merge(value: unknown, into: Record<string, unknown>, path: Path, walk: Walk, depth = path.length): void {
  const node = isAlias(value) ? walk.anchors.get(value.source) : value
  if (exceeds(node, depth, walk)) return
  if (isSeq(node)) {
    for (const item of node.items) merge(item, into, path, walk, depth + 1)
    return
  }
  if (!isMap(node)) {
    const place = placeAt(walk.source, offsetOf(value) ?? 0)
    walk.report.error(place, 'yaml-syntax', '`<<` merges maps only', 'Give it an alias of a map: `<<: *name`.')
    return
  }
  for (const pair of node.items) {
    const key = keyOf(pair)
    if (key === '<<') merge(pair.value, into, path, walk, depth + 1)
    else if (!Object.hasOwn(into, key)) {
      define(into, key, convert(pair.value, [...path, key], walk, offsetOf(pair.key) ?? 0))
    }
  }
}

/** Plain assignment would let a key named `__proto__` change the object. */
function define(into: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
}

function reportDuplicate(key: string, pair: Pair, walk: Walk): void {
  const place = placeAt(walk.source, offsetOf(pair.key) ?? 0)
  walk.report.error(place, 'duplicate-key', `The key \`${key}\` stands here twice`, 'Keep one of the two.')
}

function exceeds(node: unknown, depth: number, walk: Walk): boolean {
  walk.seen++
  if (!walk.stopped && (walk.seen > MAX_NODES || depth > MAX_DEPTH)) {
    walk.stopped = true
    const what = walk.seen > MAX_NODES ? `more than ${MAX_NODES} values, aliases expanded` : 'more than 32 levels'
    const place = placeAt(walk.source, offsetOf(node) ?? 0)
    walk.report.error(place, 'yaml-limits', `The file has ${what}`, 'Remove aliases of aliases, or split the stack.')
  }
  return walk.stopped
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function offsetOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined
}

/** Integers that JavaScript cannot hold, and those with a leading zero, keep their digits as a string. */
function scalar(value: unknown, source: string | undefined): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'number') return value ?? null
  if (source !== undefined && /^0[0-9]+$/.test(source)) return source
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  return exact ? value : (source ?? String(value))
}
