import { type Document, parseDocument, type YAMLError } from 'yaml'
import type { ProblemCode } from './codes.ts'
import { type Path, pointer } from './path.ts'
import { type Place, type Report, wholeFile } from './report.ts'
import { placeAt, type SourceText, sourceText } from './source-text.ts'
import { toTree } from './tree.ts'

/** A YAML file as plain data that still knows where everything stands. */
export interface Manifest {
  file: string
  /** Strings as written: before interpolation. */
  raw: unknown
  /** The place of a value, or of the closest thing around it that is in the file. */
  at(path: Path): Place
  /** The place of a key. */
  keyAt(path: Path): Place
  /** The place of `snippet` inside a value; the value's own place when it is not found there. */
  within(path: Path, snippet: string): Place
}

/** One slip makes the parser complain many times. */
const MAX_FAULTS = 5

/** Reads one YAML document of data that can be JSON; null when nothing useful can be said about it further. */
export function parseYaml(file: string, bytes: Uint8Array, report: Report): Manifest | null {
  const text = decode(file, bytes, report)
  if (text === null) return null
  const source = sourceText(file, text)
  const document = parsed(source, report)
  if (document === null) return null
  const faults = [...document.errors, ...document.warnings]
  for (const fault of faults.slice(0, MAX_FAULTS)) reportFault(fault, source, report)
  const tree = faults.length > 0 ? null : toTree(document, source, report)
  if (tree === null) return null
  const mark = (path: Path) => tree.marks.get(pointer(nearest(tree.marks, path))) ?? { key: 0, value: 0, end: 0 }
  return {
    file,
    raw: tree.value,
    at: (path) => placeAt(source, mark(path).value),
    keyAt: (path) => placeAt(source, mark(path).key),
    within: (path, snippet) => {
      const found = text.indexOf(snippet, mark(path).value)
      return placeAt(source, found >= 0 && found < mark(path).end ? found : mark(path).value)
    },
  }
}

function nearest(marks: ReadonlyMap<string, unknown>, path: Path): Path {
  return path.length === 0 || marks.has(pointer(path)) ? path : nearest(marks, path.slice(0, -1))
}

function decode(file: string, bytes: Uint8Array, report: Report): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    report.error(wholeFile(file), 'not-text', 'The file is not UTF-8 text', 'Save it as UTF-8.')
    return null
  }
}

/** Duplicate keys are found by `toTree`: the parser's own search is quadratic. */
function parsed(source: SourceText, report: Report): Document | null {
  try {
    return parseDocument(source.text, {
      lineCounter: source.lines,
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
    })
  } catch {
    const hint = 'Compose files need no more than a dozen levels.'
    report.error(wholeFile(source.file), 'yaml-limits', 'The file is nested too deeply to be read', hint)
    return null
  }
}

function reportFault(fault: YAMLError, source: SourceText, report: Report): void {
  const { code, message, hint } = wordsFor(fault)
  report.error(placeAt(source, fault.pos[0]), code, message, hint)
}

function wordsFor(fault: YAMLError): { code: ProblemCode; message: string; hint: string } {
  if (fault.code === 'MULTIPLE_DOCS') {
    const hint = 'Put each stack into a folder of its own, or delete the `---` that starts the second document.'
    return { code: 'yaml-documents', message: 'The file holds more than one YAML document', hint }
  }
  if (fault.code === 'TAG_RESOLVE_FAILED') {
    const hint = 'Remove the tag; !reset and !override are not supported by this version.'
    return { code: 'yaml-tag', message: firstLine(fault.message), hint }
  }
  const hint = 'Check indentation, quotes and colons here and on the line before.'
  return { code: 'yaml-syntax', message: firstLine(fault.message), hint }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
