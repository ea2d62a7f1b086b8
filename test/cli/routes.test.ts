import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ofStack } from '../../src/cli/routes/report.ts'
import { routesText } from '../../src/cli/routes/text.ts'
import type { EntryReport, ReplicaReport, TrafficNumbers, TrafficReport } from '../../src/model/traffic.ts'
import { folder } from './folder.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

const ALONE = { isAlone: true, isFirst: true }

function numbers(change: Partial<TrafficNumbers> = {}): TrafficNumbers {
  const errors = { answers: 0, unreached: 0, brokenOff: 0 }
  const none = { requests: 0, connections: 0, perSecond: 0, responseMs: null, bytesIn: 0, bytesOut: 0 }
  return { ...none, errors, ...change }
}

function replica(slot: number, change: Partial<ReplicaReport> = {}): ReplicaReport {
  const container = `shop-web-${slot}-0a1b2c3d-1`
  const place = { address: `10.201.3.${slot + 1}`, port: 80 }
  return { container, place, state: 'up', inFlight: 0, numbers: numbers(), ...change }
}

function entry(change: Partial<EntryReport> = {}): EntryReport {
  const at = { kind: 'port' as const, address: '', port: 8080 }
  const web = { name: '8080', stack: 'shop', service: 'web', at, speaks: 'auto' as const }
  return { ...web, numbers: numbers(), replicas: [], ...change }
}

const SHOP = entry({
  numbers: numbers({ requests: 1200, perSecond: 12, responseMs: 4 }),
  replicas: [
    replica(1, { inFlight: 2, numbers: numbers({ requests: 1000, perSecond: 12, responseMs: 4 }) }),
    replica(2, {
      state: 'down',
      numbers: numbers({ requests: 200, errors: { answers: 3, unreached: 1, brokenOff: 0 } }),
    }),
    replica(3, { state: 'unchecked', place: { address: 'fd00::7', port: 80 } }),
    replica(4, { state: 'draining', inFlight: 1, numbers: numbers({ connections: 9 }) }),
  ],
})
const API = entry({
  name: 'shop.example.com/api',
  stack: 'blog',
  service: 'api',
  at: { kind: 'route', host: 'shop.example.com', path: '/api', certificate: 'ab12' },
  speaks: 'http',
})
const JOINED = {
  network: 'shop_default',
  address: '10.201.3.126',
  found: [{ stack: 'shop', container: 'shop-web-1-0a1b2c3d-1', address: '10.201.3.2', names: ['web', 'shop'] }],
}
const REPORT: TrafficReport = { gateway: { countsForMs: 7_500_000, entries: [API, SHOP] }, names: [JOINED] }

test('each entry with its replicas below it, in columns, and then who is found by name', () => {
  expect(routesText({ target: '', traffic: REPORT }, ALONE)).toEqual([
    'shop.example.com/api  blog/api  tls+http  no replica  0 req     0/s   -     0 errors',
    '8080                  shop/web  auto      1 of 4 up   1200 req  12/s  4 ms  0 errors',
    '  web.1  10.201.3.2:80  up               2 in flight  1000 req  12/s  4 ms  0 errors',
    '  web.2  10.201.3.3:80  down             0 in flight  200 req   0/s   -     3 answered 5xx, 1 not reached',
    '  web.3  [fd00::7]:80   not checked yet  0 in flight  0 req     0/s   -     0 errors',
    '  web.4  10.201.3.5:80  draining         1 in flight  9 conn    0/s   -     0 errors',
    'Counted for 2 h.',
    '',
    'shop_default  names are asked at 10.201.3.126',
    '  web.1  10.201.3.2  web, shop',
  ])
})

test('of one stack: its own entries and names, and networks where it has one', () => {
  const { gateway, names } = ofStack(REPORT, 'blog') ?? {}
  expect([gateway?.entries.map(({ name }) => name), names]).toEqual([[API.name], []])
  expect(ofStack(REPORT, 'shop')?.names).toEqual([JOINED])
  expect(ofStack(REPORT, undefined)).toEqual(REPORT)
  expect(routesText({ target: '', traffic: ofStack(REPORT, 'none') }, ALONE)).toEqual([
    'Nothing is listened on.',
    '',
    'Nobody is found by name.',
  ])
})

test('several targets have a heading each; what does not run says so, and what is off says how to have it', () => {
  const targets = [
    { target: '', traffic: { gateway: null, names: [] } },
    { target: 'edge', traffic: null },
  ]
  const lines = targets.flatMap((target, at) => routesText(target, { isAlone: false, isFirst: at === 0 }))
  expect(lines).toEqual([
    'target default',
    'The gateway does not run; the first stack with a port or a route has it started.',
    '',
    'Nobody is found by name.',
    '',
    'If one has, look at its container: docker ps -a --filter name=holdfast-',
    '',
    'target edge',
    expect.stringContaining('Traffic is off here'),
    expect.stringContaining('`traffic: on`'),
  ])
})

test('the program: traffic that is off needs no engine, and an engine that is away says nothing of the others', async () => {
  const away = join(folder({}), 'none.sock')
  const off = { HOLDFAST_ENGINE: `unix://${away}`, HOLDFAST_TRAFFIC: 'off' }
  expect(await holdfast(['routes'], off)).toMatchObject({
    code: 0,
    out: expect.stringContaining('Traffic is off here'),
  })
  const printed = await holdfast(['routes', 'shop', '--json'], off)
  expect(documented('routes', printed.out)).toEqual({ targets: [{ target: '', traffic: null }] })

  const settings = join(
    folder({
      'holdfast.yaml': `targets:\n  default: { engine: ${away} }\n  edge: { engine: ${away}, traffic: off }\n`,
    }),
    'holdfast.yaml',
  )
  const both = await holdfast(['routes', '--settings', settings])
  expect(both).toMatchObject({ code: 1, err: expect.stringContaining(away) })
  expect(both.out).toContain('target edge\nTraffic is off here')
})
