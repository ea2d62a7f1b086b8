import type { Problem } from '../model/problem.ts'

/** A problem as text for a terminal, without colours and without a line break at the end. */
export function formatProblem(problem: Problem): string {
  const position = problem.line > 0 ? `:${problem.line}:${problem.column}` : ''
  const lines = [`${problem.file}${position}: ${problem.severity}: ${problem.message} [${problem.code}]`]
  if (problem.excerpt !== '') lines.push(...excerptLines(problem))
  lines.push(`  hint: ${problem.hint}`)
  return lines.join('\n')
}

function excerptLines(problem: Problem): string[] {
  const gutter = String(problem.line)
  const [source = '', caret = ''] = problem.excerpt.split('\n')
  return [`  ${gutter} | ${source}`, `  ${' '.repeat(gutter.length)} | ${caret}`]
}
