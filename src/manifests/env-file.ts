import { interpolate, type Variables } from './interpolate.ts'

/** Something wrong in a line of an env file. It never quotes a value: env files hold secrets. */
export interface EnvFault {
  code: 'env-syntax' | 'variable-missing' | 'variable-syntax'
  message: string
  hint: string
  line: number
}

interface RawEntry {
  key: string
  value: string
  /** Single quotes keep their content as it is. */
  literal: boolean
  line: number
}

const ENTRY = /(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y
const SYNTAX_HINT = 'Write KEY=value, one per line; quote values with spaces or #; comments start with #.'
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * Reads KEY=value lines: comments, `export`, single quotes (literal), double quotes (escapes, several lines).
 * Values may use the variables of `outer` and those above them.
 */
export function parseEnvFile(text: string, outer: Variables): { values: Map<string, string>; faults: EnvFault[] } {
  const faults: EnvFault[] = []
  const values = new Map<string, string>()
  const scope = new Map(outer)
  for (const entry of readEntries(text.replaceAll('\r\n', '\n'), faults)) {
    const value = entry.literal ? entry.value : substituted(entry, scope, faults)
    values.set(entry.key, value)
    scope.set(entry.key, value)
  }
  return { values, faults }
}

function substituted(entry: RawEntry, scope: Variables, faults: EnvFault[]): string {
  const result = interpolate(entry.value, scope)
  for (const fault of result.faults) {
    const message =
      fault.code === 'variable-syntax' ? `The value of ${entry.key} has a malformed variable` : fault.message
    faults.push({ code: fault.code, message, hint: fault.hint, line: entry.line })
  }
  return result.text
}

function readEntries(text: string, faults: EnvFault[]): RawEntry[] {
  const entries: RawEntry[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const start = at + (/^[ \t]*/.exec(text.slice(at, at + 200))?.[0].length ?? 0)
    const lineEnd = endOfLine(text, start)
    let end = lineEnd
    if (start < lineEnd && text[start] !== '#') {
      const entry = readEntry(text, start, line)
      if (entry === null) faults.push(badLine(line))
      else entries.push(entry)
      end = endOfLine(text, entry?.end ?? start)
    }
    line += text.slice(at, end + 1).split('\n').length - 1
    at = end + 1
  }
  return entries
}

function badLine(line: number): EnvFault {
  return { code: 'env-syntax', message: `Line ${line} is not KEY=value`, hint: SYNTAX_HINT, line }
}

function readEntry(text: string, start: number, line: number): (RawEntry & { end: number }) | null {
  ENTRY.lastIndex = start
  const match = ENTRY.exec(text)
  const key = match?.[1]
  if (match === null || key === undefined) return null
  const from = start + match[0].length
  const quote = text[from]
  if (quote === "'" || quote === '"') return readQuoted({ text, from, quote, key, line })
  const end = endOfLine(text, from)
  const value = text
    .slice(from, end)
    .replace(/(^|[ \t]+)#.*$/, '')
    .trimEnd()
  return { key, value, literal: false, line, end }
}

function readQuoted(use: {
  text: string
  from: number
  quote: string
  key: string
  line: number
}): (RawEntry & { end: number }) | null {
  let value = ''
  for (let at = use.from + 1; at < use.text.length; at++) {
    const char = use.text[at]
    if (char === use.quote) return closed(use, value, at + 1)
    if (char === '\\' && use.quote === '"') value += unescaped(use.text[++at] ?? '')
    else value += char
  }
  return null
}

function closed(
  use: { text: string; quote: string; key: string; line: number },
  value: string,
  end: number,
): (RawEntry & { end: number }) | null {
  const rest = use.text.slice(end, endOfLine(use.text, end))
  if (!/^[ \t]*(#.*)?$/.test(rest)) return null
  return { key: use.key, value, literal: use.quote === "'", line: use.line, end }
}

/** `\$` becomes the `$$` that interpolation turns into one dollar sign. */
function unescaped(char: string): string {
  return char === '$' ? '$$' : (ESCAPES[char] ?? char)
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
