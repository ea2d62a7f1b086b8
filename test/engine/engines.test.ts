import { expect, test } from 'vitest'
import { emptyWorld } from '../../src/decide/simulation/world.ts'
import { enginesOf } from '../../src/engine/engines.ts'
import { modelEngine } from '../../src/engine/model/engine.ts'

const engine = () => modelEngine(emptyWorld())

test('an engine is found by the name of its target, the default one by the empty name', () => {
  const [local, web] = [engine(), engine()]
  const engines = enginesOf({ web, '': local })
  expect(engines.names()).toEqual(['', 'web'])
  expect(engines.of('')).toBe(local)
  expect(engines.of('web')).toBe(web)
})

test('while it is not known where a stack runs, the default engine is asked, or any', () => {
  const [local, web] = [engine(), engine()]
  expect(enginesOf({ '': local, web }).of(null)).toBe(local)
  expect(enginesOf({ web }).of(null)).toBe(web)
})

test('an unknown target is refused with those there are', () => {
  const engines = enginesOf({ '': engine(), web: engine(), db: engine() })
  expect(() => engines.of('wbe')).toThrow('There is no target "wbe" (known: db, web)')
  expect(() => engines.of('toString')).toThrow('There is no target "toString"')
})

test('without a default target a stack must name one', () => {
  expect(() => enginesOf({ web: engine() }).of('')).toThrow(/names no target.*one of web/)
})
