import type { Problem } from '../model/problem.ts'
import type { ProblemCode } from './codes.ts'

/** Where something stands in a file of the repository. */
export type Place = Pick<Problem, 'file' | 'line' | 'column' | 'excerpt'>

/** Collects problems; the same finding at the same place counts once. */
export interface Report {
  error(place: Place, code: ProblemCode, message: string, hint: string): void
  warning(place: Place, code: ProblemCode, message: string, hint: string): void
  /** Sorted by file and position. */
  problems(): Problem[]
}

export function createReport(known: readonly Problem[] = []): Report {
  const found = new Map(known.map((problem) => [keyOf(problem), problem]))
  function add(severity: Problem['severity'], place: Place, code: ProblemCode, message: string, hint: string): void {
    const problem: Problem = { severity, code, message, hint, ...place }
    found.set(keyOf(problem), problem)
  }
  return {
    error: (...finding) => add('error', ...finding),
    warning: (...finding) => add('warning', ...finding),
    problems: () => [...found.values()].sort(byPlace),
  }
}

function keyOf({ file, line, column, code, message }: Problem): string {
  return [file, line, column, code, message].join('\0')
}

/** The place of a finding that concerns the whole file. */
export function wholeFile(file: string): Place {
  return { file, line: 0, column: 0, excerpt: '' }
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}

function byPlace(a: Problem, b: Problem): number {
  return (
    compare(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compare(a.code, b.code) ||
    compare(a.message, b.message)
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
