import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MASK, maskOf } from '../../src/model/mask.ts'

const CANARY = 'canary-in-the-coal-mine'

const values = (...texts: string[]) => maskOf({ values: texts, files: [] })
const files = (...texts: string[]) => maskOf({ values: [], files: texts })
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('a secret is masked', () => {
  test('wherever it stands', () => {
    const mask = values(CANARY, 'hunter2')
    expect(mask(`PW=${CANARY}`)).toBe(`PW=${MASK}`)
    expect(mask(`${CANARY}${CANARY} and hunter2.`)).toBe(`${MASK}${MASK} and ${MASK}.`)
    expect(mask('nothing of it')).toBe('nothing of it')
  })

  test('with its longest form first', () => {
    expect(values('secret', 'secret-and-more')('it is secret-and-more')).toBe(`it is ${MASK}`)
  })

  test('line by line, and with its blanks in a row', () => {
    const mask = values(`first line\n  ${CANARY} \nlast   line`)
    expect(mask('first line')).toBe(MASK)
    expect(mask(`> ${CANARY}`)).toBe(`> ${MASK}`)
    expect(mask(`said: first line ${CANARY} last line`)).toBe(`said: ${MASK}`)
  })

  test('in base64, whatever stands around it', () => {
    for (const secret of [CANARY, 'hunter2', 'Ab1!', '??>>??>>??>>']) {
      const mask = values(secret)
      for (const before of ['', 'u', 'us', 'use', 'user:']) {
        for (const after of ['', 'a', 'ab', 'abc', '\n']) {
          const bytes = Buffer.from(`${before}${secret}${after}`)
          const said = (run: string) => `header=${run} and more`
          for (const form of ['base64', 'base64url'] as const) {
            expect(mask(said(bytes.toString(form)))).toBe(said(MASK))
          }
          // Glued to what stands before it.
          expect(mask(`token/${bytes.toString('base64')}`)).toBe(MASK)
        }
      }
    }
    expect(values('hunter2')(`sha256:${'0123456789abcdef'.repeat(4)}`)).toContain('0123')
  })

  test('in base64 that is broken into lines', () => {
    const long = `${'x'.repeat(50)}${CANARY}${'y'.repeat(20)}`
    const lines = base64(long).match(/.{1,76}/g) ?? []
    const shown = lines.map(values(CANARY)).join('')
    expect(lines.length).toBe(2)
    expect(Buffer.from(shown, 'base64').toString()).not.toMatch(/canary|coal|mine/)
    expect(shown).toContain(MASK)
  })

  test('in a URL and in JSON', () => {
    const mask = values('p@ss w/ö"rd\\')
    for (const shown of [
      encodeURIComponent('p@ss w/ö"rd\\'),
      encodeURIComponent('p@ss w/ö"rd\\').toLowerCase(),
      new URLSearchParams({ q: 'p@ss w/ö"rd\\' }).toString().slice(2),
      JSON.stringify('p@ss w/ö"rd\\').slice(1, -1),
    ]) {
      expect(mask(`x ${shown} y`)).toBe(`x ${MASK} y`)
    }
  })

  test('where a text was cut in the middle of it', () => {
    const mask = values(CANARY)
    expect(mask(`PW=${CANARY.slice(0, 12)}`)).toBe(`PW=${MASK}`)
    expect(mask(`…${CANARY.slice(8)} was wrong`)).toBe(`…${MASK} was wrong`)
    expect(mask(`${CANARY.slice(8)} was wrong`)).toBe(`${MASK} was wrong`)
    // Too little to be told from chance.
    expect(mask('a canar')).toBe('a canar')
  })

  test('in a file by its lines, and by what stands behind a key', () => {
    const mask = files(`# db\nuser: "postgres"\npassword: ${CANARY}\nPIN = 'abcdefg',\n{"token": "t0ken-t0ken"}\n`)
    expect(mask(`tried ${CANARY}`)).toBe(`tried ${MASK}`)
    expect(mask('abcdefg')).toBe(MASK)
    expect(mask('user: "postgres"')).toBe(MASK)
  })

  test('but not what is everywhere: short ones, true and false, ports', () => {
    const text = 'exited with code 1: listening on 8080, debug true, abc'
    expect(values('1', 'abc', 'true', '8080', 'debug', '')(text)).toBe(text)
    expect(values('123456')('PIN 123456')).toBe(`PIN ${MASK}`)
  })

  test('whatever it is and wherever a text is cut', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 8, maxLength: 60 })
      .filter((text) => text.trim().length >= 8)
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 20 }), fc.nat(80), (text, around, at) => {
        const mask = values(text)
        expect(mask(`${around}${text}${around}`).includes(text)).toBe(MASK.includes(text))
        const cut = `${around} ${text}`.slice(0, at)
        const left = cut.slice(around.length + 1)
        if (left.length >= 6) expect(mask(cut).endsWith(MASK)).toBe(true)
      }),
    )
  })
})

test('thousands of lines take no time to speak of', () => {
  const mask = files(Array.from({ length: 5_000 }, (_, at) => `key_${at}: value-number-${at}`).join('\n'))
  const line = 'an ordinary line of a log, as programs write them '.repeat(40)
  const before = performance.now()
  for (let n = 0; n < 20; n += 1) expect(mask(line)).toBe(line)
  expect(performance.now() - before).toBeLessThan(5_000)
})
