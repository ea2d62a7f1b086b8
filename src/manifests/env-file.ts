import { interpolate, type VariableFault, type Variables } from './interpolate.ts'

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
const SECRET_HINT = 'Write $$ for a dollar sign, or put the value in single quotes: nothing is replaced in those.'
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** What an env file says. */
interface EnvValues {
  values: Map<string, string>
  /** Those made of secrets. */
  secret: Set<string>
  faults: EnvFault[]
}

/**
 * Reads KEY=value lines: comments, `export`, single quotes (literal), double quotes (escapes, several lines).
 * Values may use the variables of `outer` and those above them. In a file that is secret every value is.
 */
export function parseEnvFile(text: string, outer: Variables, isSecret = false): EnvValues {
  const faults: EnvFault[] = []
  const values = new Map<string, string>()
  const secret = new Set<string>()
  const scope = Object.assign(new Map(outer), { secret: new Set(outer.secret), isOpen: outer.isOpen ?? false })
  for (const entry of readEntries(text.replaceAll('\r\n', '\n'), faults)) {
    const value = entry.literal ? { text: entry.value, faults: [], secret: false } : interpolate(entry.value, scope)
    faults.push(...value.faults.map((fault) => faultOf(fault, entry, isSecret)))
    values.set(entry.key, value.text)
    scope.set(entry.key, value.text)
    for (const names of [secret, scope.secret]) mark(names, entry.key, isSecret || value.secret)
  }
  return { values, secret, faults }
}

/** The names in a file that was not opened, as far as they are readable in it. */
export function namesIn(text: string): string[] {
  return readEntries(text, []).flatMap(({ key }) => (key.startsWith('sops_') ? [] : key))
}

function mark(names: Set<string>, name: string, isSecret: boolean): void {
  if (isSecret) names.add(name)
  else names.delete(name)
}

/** In a secret file the name of a variable is a part of a value. */
function faultOf(fault: VariableFault, { key, line }: RawEntry, isSecret: boolean): EnvFault {
  const { code, message, hint } = fault
  if (isSecret) return { code, message: `The value of ${key} names a variable that is none`, hint: SECRET_HINT, line }
  if (code === 'variable-missing') return { code, message, hint, line }
  return { code, message: `The value of ${key} has a malformed variable`, hint, line }
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
