import { describe, expect, test } from 'vitest'
import { clip, openScreen, type Span } from '../../../src/cli/live/screen.ts'
import { viewLines } from '../../../src/cli/live/view.ts'

const text = (lines: Span[][]) =>
  lines.map((line) =>
    line
      .map((span) => span.text)
      .join('')
      .trimEnd(),
  )

test('each stack with its services, what was done last, and how long it took', () => {
  const services = { web: { ready: 2, wanted: 3 }, db: { ready: 1, wanted: 1 } }
  const shop = { sync: 'OutOfSync', health: 'Progressing', message: 'rolling out release 1a2b3c4d', services } as const
  const lines = viewLines({
    elapsedMs: 65_000,
    stacks: [
      { name: 'blog', status: null },
      { name: 'website', status: shop },
    ],
    steps: [{ stack: 'website', text: 'start web.3: nothing else runs in its slot' }],
  })
  expect(text(lines)).toEqual([
    '',
    '  blog     not looked at yet',
    '  website  Progressing  rolling out release 1a2b3c4d',
    '           web 2/3   db 1/1',
    '',
    '  website  start web.3: nothing else runs in its slot',
    '  1:05',
  ])
})

describe('a screen', () => {
  /** A terminal that keeps what is written to it. */
  function terminal(columns = 60, rows = 5) {
    const written: string[] = []
    const output = { isTTY: true, columns, rows, write: (text: string) => written.push(text) }
    return { output: output as unknown as NodeJS.WriteStream, written }
  }
  const line = (words: string): Span[] => [{ text: words, tone: 'plain' }]

  test('draws over what it drew before, keeps lines above it, and leaves the terminal as it was', () => {
    const { output, written } = terminal()
    const screen = openScreen(output)
    screen.show([line('one'), line('two')])
    screen.line('stays')
    screen.show([line('three')])
    screen.clear()
    screen.close()
    expect(written).toEqual([
      '\u001b[?25l\u001b[2Kone\n\u001b[2Ktwo\n\u001b[J',
      '\u001b[2A\r\u001b[Jstays\n',
      '\u001b[?25l\u001b[2Kthree\n\u001b[J',
      '\u001b[1A\r\u001b[J',
      '\u001b[?25h',
    ])
  })

  test('draws no more than there is room for', () => {
    const { output, written } = terminal(10, 3)
    openScreen(output).show([line('much too long for it'), line('two'), line('three'), line('four')])
    expect(written.join('')).toBe('\u001b[?25l\u001b[2Kmuch too…\n\u001b[2Ktwo\n\u001b[J')
    expect(text([clip(line('fits'), 4)])).toEqual(['fits'])
  })
})
