import { expect, test } from 'vitest'
import { nothingCounted } from '../../demo/client.ts'
import type { Replica } from '../../demo/look.ts'
import { type Chapter, renderView, type View } from '../../demo/view.ts'
import { clock } from '../../src/cli/live/screen.ts'

function chapter(parts: Partial<Chapter> = {}): Chapter {
  return { commit: '606fccd'.padEnd(40, '0'), title: 'Shop 1.1', state: 'now', outcome: '', ms: 10_640, ...parts }
}

function replica(parts: Partial<Replica> = {}): Replica {
  return { id: 'a', stack: 'shop', service: 'web', slot: 1, image: 'sample/shop:1.0', health: 'healthy', ...parts }
}

function view(parts: Partial<View> = {}): View {
  return { elapsedMs: 25_000, chapters: [chapter()], replicas: [], counted: nothingCounted(), doing: [], ...parts }
}

function textOf(shown: View, width = 80): string[] {
  return renderView(shown, width).map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  )
}

test('the view tells the commits, what runs and why, side by side in time', () => {
  const shown = view({
    chapters: [
      chapter({ title: 'Shop 1.0', state: 'good', outcome: 'all stable', ms: 15_100 }),
      chapter(),
      chapter({ commit: null, title: 'Shop 1.2', state: 'waiting' }),
    ],
    replicas: [
      replica({ image: 'sample/shop:1.1' }),
      replica({ slot: 2 }),
      replica({ slot: 2, image: 'sample/shop:1.1', health: 'starting' }),
      replica({ slot: 3 }),
      replica({ stack: 'site', image: 'sample/site:1.0' }),
    ],
    counted: { requests: 812, failures: 0, answers: { '1.0': 500, '1.1': 312 }, trouble: '' },
    doing: [{ stack: 'shop', text: 'create web.2: image sample/shop:1.0 → sample/shop:1.1' }],
  })
  expect(textOf(shown)).toEqual([
    '  Holdfast demo                                                             0:25',
    '',
    '  git',
    '    ✓ 606fccd  Shop 1.0                      all stable             15.1 s',
    '    ▸ 606fccd  Shop 1.1                                             10.6 s',
    '    ·          Shop 1.2',
    '',
    '  running   ● healthy  ◐ starting  ✗ unhealthy',
    '    shop/web       ● 1.1   ● 1.0 → ◐ 1.1   ● 1.0',
    '    site/web       ● 1.0',
    '',
    '  client    requests 812, failures 0    answered by 1.0: 500, 1.1: 312',
    '',
    '  Holdfast',
    '    shop    create web.2: image sample/shop:1.0 → sample/shop:1.1',
    '',
    '',
    '',
    '',
  ])
})

test('what stopped is not shown beside what serves, and is shown where nothing else is', () => {
  const stopped = replica({ image: 'sample/shop:1.2-broken', health: 'stopped' })
  expect(textOf(view({ replicas: [stopped, replica()] }))).toContain('    shop/web       ● 1.0')
  expect(textOf(view({ replicas: [stopped] }))).toContain('    shop/web       - 1.2-broken')
})

test('a failure is told in place of who answered', () => {
  const counted = { requests: 812, failures: 1, answers: { '1.0': 811 }, trouble: '503: no replica' }
  expect(textOf(view({ counted }))).toContain('  client    requests 812, failures 1    503: no replica')
})

test('a failing replica is not shown as a good one', () => {
  const shown = view({ replicas: [replica({ health: 'unhealthy' }), replica({ slot: 2, health: 'running' })] })
  expect(textOf(shown)).toContain('    shop/web       ✗ 1.0   ○ 1.0')
})

test('no line is wider than the terminal, and only the last steps are kept, so that it is redrawn in place', () => {
  const doing = Array.from({ length: 9 }, (_, n) => ({ stack: 'shop', text: `step ${n} `.padEnd(200, 'x') }))
  const lines = textOf(view({ doing }), 60)
  expect(lines.filter((line) => line.length > 60)).toEqual([])
  expect(lines).toHaveLength(textOf(view()).length)
  expect(lines.filter((line) => line.includes('step')).map((line) => line.slice(12, 18))).toEqual(
    [4, 5, 6, 7, 8].map((n) => `step ${n}`),
  )
})

test('time is told in minutes and seconds', () => {
  expect([0, 9_999, 65_000, 600_000].map(clock)).toEqual(['0:00', '0:09', '1:05', '10:00'])
})
