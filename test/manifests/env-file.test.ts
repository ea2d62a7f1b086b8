import { expect, test } from 'vitest'
import { parseEnvFile } from '../../src/manifests/env-file.ts'

const OUTER = new Map([['OUTER', 'o']])

test('every form of a line is read as Compose reads it', () => {
  const text = [
    '# comment',
    '',
    'PLAIN=a b ',
    'export EXPORTED=x',
    'COMMENTED=a # gone',
    'HASH=a#b',
    'EMPTY=',
    "SINGLE='$OUTER # kept'",
    'DOUBLE="a\\nb ${OUTER} \\$5"',
    'LINES="one',
    'two"',
    'EARLIER=${PLAIN}-${OUTER}',
    '  INDENTED = spaced',
  ].join('\r\n')
  const { values, faults } = parseEnvFile(text, OUTER)
  expect(faults).toEqual([])
  expect(Object.fromEntries(values)).toEqual({
    PLAIN: 'a b',
    EXPORTED: 'x',
    COMMENTED: 'a',
    HASH: 'a#b',
    EMPTY: '',
    SINGLE: '$OUTER # kept',
    DOUBLE: 'a\nb o $5',
    LINES: 'one\ntwo',
    EARLIER: 'a b-o',
    INDENTED: 'spaced',
  })
})

test('each bad line is named by its number and never quoted: it may hold a secret', () => {
  const { values, faults } = parseEnvFile('A=1\nhunter2\nB="two\nlines"\nC=$(hunter2)\nD="hunter2', OUTER)
  expect(faults.map(({ line, code }) => `${line} ${code}`)).toEqual([
    '2 env-syntax',
    '6 env-syntax',
    '5 variable-syntax',
  ])
  expect(JSON.stringify(faults)).not.toContain('hunter2')
  expect(values.get('B')).toBe('two\nlines')
})
