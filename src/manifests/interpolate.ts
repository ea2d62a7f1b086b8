/** Something wrong with a variable. `snippet` is the text it was found in. */
export interface VariableFault {
  code: 'variable-missing' | 'variable-syntax'
  message: string
  hint: string
  snippet: string
}

export type Variables = ReadonlyMap<string, string> & Secrecy

interface Secrecy {
  /** Those that hold secrets. */
  secret?: ReadonlySet<string>
  /** An encrypted file was not opened: one that is not here may be in there. */
  isOpen?: boolean
}

export interface Interpolated {
  text: string
  faults: VariableFault[]
  /** There is something of a secret in the text. */
  secret: boolean
}

interface Scope {
  variables: Variables
  faults: VariableFault[]
  found: { secret: boolean }
  depth: number
}

/** What a variable holds as long as the encrypted file it stands in was not opened. */
export const UNOPENED = 'encrypted'

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATORS = [':-', '-', ':?', '?', ':+', '+'] as const
type Operator = (typeof OPERATORS)[number]

/** Deeper nesting than anybody writes, shallow enough for the stack. */
const MAX_DEPTH = 16

/**
 * Replaces variables as the Compose Specification says: `$VAR`, `${VAR}`, the operators `:-` `-` `:?` `?` `:+` `+`
 * with nested words, and `$$` for a dollar sign. Stricter in one point: a missing variable is a fault, not empty.
 */
export function interpolate(text: string, variables: Variables): Interpolated {
  const faults: VariableFault[] = []
  const found = { secret: false }
  return { text: expand(text, { variables, faults, found, depth: 0 }), faults, secret: found.secret }
}

function expand(text: string, scope: Scope): string {
  let result = ''
  let at = 0
  for (let next = text.indexOf('$'); next >= 0; next = text.indexOf('$', at)) {
    const token = readToken(text, next, scope)
    result += text.slice(at, next) + token.value
    at = token.end
  }
  return result + text.slice(at)
}

function readToken(text: string, start: number, scope: Scope): { value: string; end: number } {
  const follower = text[start + 1]
  if (follower === '$') return { value: '$', end: start + 2 }
  if (follower === '{') return readBraces(text, start, scope)
  const name = nameAt(text, start + 1)
  if (name !== '') return { value: lookUp(name, `$${name}`, scope), end: start + 1 + name.length }
  return malformed(text.slice(start, start + 2), start + 1, scope)
}

function readBraces(text: string, start: number, scope: Scope): { value: string; end: number } {
  const close = closingBrace(text, start + 2)
  if (close < 0) return malformed(text.slice(start, start + 20), text.length, scope)
  const end = close + 1
  const snippet = text.slice(start, end)
  const name = nameAt(text, start + 2)
  const rest = text.slice(start + 2 + name.length, close)
  const operator = OPERATORS.find((candidate) => rest.startsWith(candidate))
  if (name === '' || (rest !== '' && operator === undefined)) return malformed(snippet, end, scope)
  if (operator === undefined) return { value: lookUp(name, snippet, scope), end }
  return { value: operate({ name, operator, word: rest.slice(operator.length), snippet }, scope), end }
}

function operate(use: { name: string; operator: Operator; word: string; snippet: string }, scope: Scope): string {
  const value = scope.variables.get(use.name)
  const filled = use.operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (use.operator.endsWith('+')) return filled ? nested(use.word, scope) : ''
  if (filled) return taken(use.name, value ?? '', scope)
  if (use.operator.endsWith('-')) return nested(use.word, scope)
  if (value === undefined && scope.variables.isOpen) return unopened(scope)
  const reason = nested(use.word, scope)
  scope.faults.push(missing(use.name, use.snippet, reason))
  return ''
}

function nested(word: string, scope: Scope): string {
  if (scope.depth >= MAX_DEPTH) return malformed(word.slice(0, 20), 0, scope).value
  return expand(word, { ...scope, depth: scope.depth + 1 })
}

function lookUp(name: string, snippet: string, scope: Scope): string {
  const value = scope.variables.get(name)
  if (value !== undefined) return taken(name, value, scope)
  if (scope.variables.isOpen) return unopened(scope)
  scope.faults.push(missing(name, snippet, ''))
  return ''
}

function taken(name: string, value: string, { variables, found }: Scope): string {
  if (variables.secret?.has(name)) found.secret = true
  return value
}

function unopened({ found }: Scope): string {
  found.secret = true
  return UNOPENED
}

function missing(name: string, snippet: string, reason: string): VariableFault {
  const message = reason === '' ? `The variable ${name} has no value` : `The variable ${name} is required: ${reason}`
  const hint = `Set ${name} in the stack's .env or under x-holdfast.env, or give a default: \${${name}:-default}. The environment of Holdfast itself is never used.`
  return { code: 'variable-missing', message, hint, snippet }
}

function malformed(snippet: string, end: number, scope: Scope): { value: string; end: number } {
  scope.faults.push({
    code: 'variable-syntax',
    message: `\`${snippet}\` is not a variable`,
    hint: `Write $$ for a dollar sign; variables are \${NAME}, \${NAME:-default}, \${NAME:?message} or \${NAME:+alternative}.`,
    snippet,
  })
  return { value: '', end }
}

function nameAt(text: string, at: number): string {
  NAME.lastIndex = at
  return NAME.exec(text)?.[0] ?? ''
}

/** The offset of the brace that closes the one before `from`, or -1. */
function closingBrace(text: string, from: number): number {
  let open = 1
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('$$', at)) at++
    else if (text.startsWith('${', at)) {
      open++
      at++
    } else if (text[at] === '}' && --open === 0) return at
  }
  return -1
}
