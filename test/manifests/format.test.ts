import { expect, test } from 'vitest'
import { formatProblem } from '../../src/manifests/format.ts'
import { loadShop, web } from './builders.ts'

test('a problem reads as place, sentence, code, excerpt with caret, and hint', () => {
  const [problem] = loadShop(web('enviroment: {}')).problems
  expect(problem === undefined ? '' : formatProblem(problem)).toBe(
    [
      'stacks/shop/compose.yaml:5:5: error: `enviroment` is not a key in services.web [unknown-key]',
      '  5 |     enviroment: {}',
      '    |     ^',
      '  hint: Did you mean `environment`?',
    ].join('\n'),
  )
})

test('a problem of a whole file has neither position nor excerpt', () => {
  const problem = {
    severity: 'error',
    code: 'c',
    message: 'm',
    hint: 'h',
    file: 'f',
    line: 0,
    column: 0,
    excerpt: '',
  } as const
  expect(formatProblem(problem)).toBe('f: error: m [c]\n  hint: h')
})
