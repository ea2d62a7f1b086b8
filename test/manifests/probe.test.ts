import { expect, test } from 'vitest'
import { brief, loadShop, shopOf } from './builders.ts'

function file(probe: string, lines = '', others = ''): string {
  return `services:\n  web:\n    image: web:1\n    x-holdfast: { probe: ${probe} }\n${lines}${others}`
}

test.each<[text: string, probe: object]>([
  [
    '{ http: { port: 8080 } }',
    { kind: 'http', port: 8080, path: '/', intervalMs: 10_000, timeoutMs: 5_000, retries: 3, startPeriodMs: 0 },
  ],
  [
    '{ http: { port: "${P:-80}", path: "/ready?full=1", status: 204 }, interval: 2s, timeout: 500ms, retries: 5, start_period: 1m }',
    {
      ...{ kind: 'http', port: 80, path: '/ready?full=1', status: 204 },
      ...{ intervalMs: 2_000, timeoutMs: 500, retries: 5, startPeriodMs: 60_000 },
    },
  ],
  [
    '{ tcp: { port: 5432 } }',
    { kind: 'tcp', port: 5432, intervalMs: 10_000, timeoutMs: 5_000, retries: 3, startPeriodMs: 0 },
  ],
])('%s', (text, probe) => {
  expect(shopOf(file(text)).services['web']?.probe).toEqual(probe)
})

test("it takes the place of the image's own check, and the monitor follows it", () => {
  const { web } = shopOf(file('{ tcp: { port: 1 }, interval: 20s }')).services
  expect(web).toMatchObject({ container: { healthcheck: 'none' }, update: { monitorMs: 60_000 } })
  expect(loadShop(file('{ tcp: { port: 1 } }')).problems).toEqual([])
})

test.each<[promise: string, text: string, problems: string[]]>([
  [
    'beside a health check',
    file('{ tcp: { port: 1 } }', '    healthcheck: { test: x }\n'),
    ['4:19 error conflicting-keys'],
  ],
  ['neither http nor tcp', file('{ interval: 1s }'), ['4:19 error missing-key']],
  ['both http and tcp', file('{ http: { port: 1 }, tcp: { port: 1 } }'), ['4:19 error conflicting-keys']],
  ['http without port', file('{ http: {} }'), ['4:28 error missing-key']],
  ['port out of range', file('{ tcp: { port: 70000 } }'), ['4:41 error wrong-value']],
  ['path that is none', file('{ http: { port: 1, path: health } }'), ['4:51 error wrong-value']],
  ['no interval at all', file('{ tcp: { port: 1 }, interval: 0s }'), ['4:56 error wrong-value']],
  ['a command', file('{ exec: [x] }'), ['4:19 error missing-key', '4:28 error unsupported-key']],
  [
    'monitor too short for it',
    file('{ tcp: { port: 1 } }', '    deploy: { update_config: { monitor: 29s } }\n'),
    ['5:41 error monitor-too-short'],
  ],
  [
    'another service that waits for its health',
    file(
      '{ tcp: { port: 1 } }',
      '',
      '  a: { image: "a:1", healthcheck: { disable: true }, depends_on: { web: { condition: service_healthy } } }\n',
    ),
    [],
  ],
])('%s', (_promise, text, problems) => {
  expect(brief(loadShop(text).problems)).toEqual(problems)
})
