import { expect, test } from 'vitest'
import type { Entry, EntryReport } from '../../src/model/traffic.ts'
import { gatewayReport } from '../../src/traffic/report.ts'
import { readShown } from '../../src/traffic/shown.ts'

const WEB: Entry = { name: '8080', service: 'web', at: { kind: 'port', address: '', port: 8080 }, speaks: 'auto' }
const ONE = 'shop-web-1-0a1b2c3d-1'
const TWO = 'shop-web-2-0a1b2c3d-1'

/** A server in one layer of the entry; what HAProxy itself would say of one that does well. */
interface Line {
  server?: string
  layer?: 'http' | 'tcp'
  admin?: number
  status?: string
  check?: string
  current?: number
  stat?: Record<string, number>
}

const STATS = ['stot', 'rate', 'bin', 'bout', 'econ', 'srv_abrt', 'hrsp_5xx', 'req_tot', 'rtime', 'ttime']
const HEAD = `# pxname,svname,scur,status,check_status,addr,${STATS.join(',')},`

function statLine({ server = ONE, layer = 'http', status = 'UP', check = 'L4OK', current = 0, stat = {} }: Line) {
  const columns = [`shop:8080:${layer}`, server, current, status, check, '10.201.0.3:80']
  return `${[...columns, ...STATS.map((column) => stat[column] ?? 0)].join(',')},`
}

/** What is reported of the one entry, from what `gateway-show` prints. */
function reported(lines: Line[], { parts = [], earlier = [] }: { parts?: Line[]; earlier?: Line[] } = {}): EntryReport {
  const printed = [
    '%% configuration 0123',
    JSON.stringify({ stack: 'shop', entry: WEB }),
    '%% info',
    'Description: 4567',
    'Uptime_sec: 61',
    '%% servers',
    '# be_name srv_name srv_addr srv_admin_state srv_port',
    ...lines.map(
      ({ layer = 'http', server = ONE, admin = 0 }) => `shop:8080:${layer} ${server} 10.201.0.3 ${admin} 80`,
    ),
    '%% current',
    HEAD,
    ...lines.map(statLine),
    ...parts.map((part) => statLine({ ...part, server: 'BACKEND', check: '' })),
    '%% earlier 17',
    HEAD,
    ...earlier.map(statLine),
    '%% end',
  ].join('\n')
  const shown = readShown(printed)
  if (shown === null) throw new Error('it broke off')
  const { entries, countsForMs } = gatewayReport(shown)
  expect(countsForMs).toBe(61_000)
  const [entry] = entries
  if (entry === undefined) throw new Error('there is no entry')
  return entry
}

test('an entry that finds out how it is spoken counts requests and connections apart, and errors and bytes together', () => {
  const http = { stot: 70, rate: 3, bin: 1, bout: 10, econ: 4, srv_abrt: 1, hrsp_5xx: 6, req_tot: 70, rtime: 9 }
  const tcp = { stot: 5, rate: 2, bin: 2, bout: 20, econ: 1, srv_abrt: 2, rtime: 500 }
  const found = reported([{ stat: { stot: 60, req_tot: 60, rtime: 8 } }, { layer: 'tcp' }], {
    parts: [{ stat: http }, { layer: 'tcp', stat: tcp }],
  })
  expect(found).toMatchObject({ ...WEB, stack: 'shop' })
  expect(found.numbers).toEqual({
    requests: 70,
    connections: 5,
    perSecond: 5,
    errors: { answers: 6, unreached: 5, brokenOff: 3 },
    responseMs: 9,
    bytesIn: 3,
    bytesOut: 30,
  })
  expect(found.replicas).toMatchObject([{ container: ONE, numbers: { requests: 60, connections: 0, responseMs: 8 } }])
})

test('before the first answer there is no time that one takes', () => {
  expect(reported([{ stat: { stot: 1 } }], { parts: [{}] }).numbers.responseMs).toBeNull()
})

test.each<[string, Line, Line, string]>([
  ['found by its check', {}, { check: '* L4OK' }, 'up'],
  ['missed once', {}, { status: 'UP 1/2', check: 'L4CON' }, 'up'],
  ['not checked yet in one layer', {}, { check: 'INI' }, 'unchecked'],
  ['being checked for the first time', { check: '* INI' }, {}, 'unchecked'],
  ['down in one layer', { check: 'INI' }, { status: 'DOWN', check: 'L4CON' }, 'down'],
  ['coming back', {}, { status: 'DOWN 1/2', check: 'L4OK' }, 'down'],
  ['leaving', { status: 'DOWN', check: 'L4CON' }, { status: 'DRAIN', admin: 8 }, 'draining'],
])('a replica that is %s', (_what, http, tcp, state) => {
  expect(reported([http, { layer: 'tcp', ...tcp }]).replicas).toMatchObject([{ container: ONE, state }])
})

test('what a process of before is still busy with is in flight, also for a replica that the new one does not know', () => {
  const earlier = [{ current: 2 }, { layer: 'tcp' as const, current: 1 }, { server: TWO, current: 1 }]
  const gone = { server: 'shop-web-3-0a1b2c3d-1' }
  expect(reported([{ current: 4 }, { layer: 'tcp' }], { earlier: [...earlier, gone] }).replicas).toMatchObject([
    { container: ONE, state: 'up', inFlight: 7 },
    { container: TWO, state: 'draining', inFlight: 1, place: { address: '10.201.0.3', port: 80 } },
  ])
})
