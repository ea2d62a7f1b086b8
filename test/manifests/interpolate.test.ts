import { expect, test } from 'vitest'
import { interpolate } from '../../src/manifests/interpolate.ts'

const VARIABLES = new Map([
  ['SET', 'value'],
  ['EMPTY', ''],
  ['OTHER', 'other'],
])

test.each([
  ['plain', 'plain'],
  ['$SET-x', 'value-x'],
  ['${SET}x', 'valuex'],
  ['a${SET}b$OTHER', 'avaluebother'],
  ['$$SET $${SET}', '$SET ${SET}'],
  ['${SET:-d}', 'value'],
  ['${EMPTY:-d}', 'd'],
  ['${EMPTY-d}', ''],
  ['${NONE:-d}', 'd'],
  ['${NONE-d}', 'd'],
  ['${NONE-}', ''],
  ['${NONE:-${OTHER}}', 'other'],
  ['${NONE:-${NONE2:-deep}}!', 'deep!'],
  ['${NONE:-a$$b}', 'a$b'],
  ['${SET:+yes}', 'yes'],
  ['${EMPTY:+yes}', ''],
  ['${EMPTY+yes}', 'yes'],
  ['${NONE+yes}', ''],
  ['${SET:?needed}', 'value'],
  ['${EMPTY?needed}', ''],
  ['${SET:-$NONE}', 'value'],
])("the specification's form %s gives %s", (text, expected) => {
  expect(interpolate(text, VARIABLES)).toEqual({ text: expected, faults: [], secret: false })
})

test.each([
  ['$NONE', 'variable-missing', 'The variable NONE has no value'],
  ['${NONE}', 'variable-missing', 'The variable NONE has no value'],
  ['${NONE:?say why}', 'variable-missing', 'The variable NONE is required: say why'],
  ['${EMPTY:?say why}', 'variable-missing', 'The variable EMPTY is required: say why'],
  ['${NONE:-${NONE2}}', 'variable-missing', 'The variable NONE2 has no value'],
  ['a $(date)', 'variable-syntax', '`$(` is not a variable'],
  ['costs 5$', 'variable-syntax', '`$` is not a variable'],
  ['${SET', 'variable-syntax', '`${SET` is not a variable'],
  ['${SET!x}', 'variable-syntax', '`${SET!x}` is not a variable'],
  ['${}', 'variable-syntax', '`${}` is not a variable'],
])('%s is refused instead of becoming empty', (text, code, message) => {
  expect(interpolate(text, VARIABLES).faults.map((fault) => [fault.code, fault.message])).toEqual([[code, message]])
})

test('nesting without end is refused and does not exhaust the stack', () => {
  const text = `${'${A:-'.repeat(50_000)}x${'}'.repeat(50_000)}`
  expect(interpolate(text, new Map()).faults.map(({ code }) => code)).toContain('variable-syntax')
})
