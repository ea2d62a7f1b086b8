import { expect, test } from 'vitest'
import { shownOf } from '../../src/traffic/reached.ts'
import { readShown, type ShownGateway } from '../../src/traffic/shown.ts'
import { FACT_PREFIX, factsOf, type GatewayState } from '../../src/traffic/state.ts'
import { portAt, stateOf } from './state.ts'

const PLACE = { address: '10.1.2.3', port: 8080 }
const STATE: GatewayState = {
  ...stateOf('shop', { entries: [portAt(80)], listed: { web1: { 80: PLACE }, web2: { 80: PLACE } } }),
  ...stateOf('blog', { entries: [portAt(81)] }),
}
const STAT = '# pxname,svname,scur,status,check_status,'

interface Rows {
  servers?: string[]
  current?: string[]
  earlier?: string[]
}

function printed({ servers = [], current = [], earlier = [] }: Rows): string {
  return [
    '%% configuration abcd',
    ...factsOf(STATE).map((fact) => fact.slice(FACT_PREFIX.length)),
    '%% certificates',
    'ffff  /var/lib/holdfast/certificates/c0ffee.pem',
    '%% left-out',
    '8080',
    '%% info',
    'description: 1234',
    '%% servers',
    '1',
    '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_port',
    ...servers,
    '',
    '%% current',
    STAT,
    ...current,
    '',
    '%% earlier 17',
    STAT,
    ...earlier,
    '',
    '%% end',
    '',
  ].join('\n')
}

function read(rows: Rows): ShownGateway {
  const shown = readShown(printed(rows))
  if (shown === null) throw new Error('It was not whole.')
  return shown
}

/** As HAProxy has it with both layers of an entry. */
function both(
  name: string,
  { admin = 0, check = 'L4OK', status = 'UP', busy = 0 } = {},
): Required<Omit<Rows, 'earlier'>> {
  const parts = ['shop:80:http', 'shop:80:tcp']
  return {
    servers: parts.map((part) => `7 ${part} 1 ${name} 10.1.2.3 2 ${admin} 8080`),
    current: parts.map((part) => `${part},${name},${busy},${status},${check},`),
  }
}

test('what broke off is not read', () => {
  expect(readShown(printed({}).replace('%% end', ''))).toBeNull()
  expect(readShown('')).toBeNull()
})

test('what stands in the configuration is read back, and what runs with it', () => {
  expect(read({})).toMatchObject({
    state: STATE,
    digest: 'abcd',
    structure: '1234',
    certificates: { 'c0ffee.pem': 'ffff' },
  })
})

test('only a check that passed says that a replica is reached, and one that is under way has a star', () => {
  const up = (about: Parameters<typeof both>[1]) => shownOf(read(both('web1', about)), 'shop').reached['web1']?.up
  expect(up({})).toEqual(['80'])
  expect(up({ check: '* L4OK' })).toEqual(['80'])
  expect(up({ check: 'INI', status: 'UP 1/2' })).toEqual([])
  expect(up({ check: 'L4CON', status: 'DOWN' })).toEqual([])
  // It was down, and has passed one check of those it needs.
  expect(up({ check: 'L4OK', status: 'DOWN 1/2' })).toEqual([])
})

test('what a replica is busy with is the sum of all processes, also when it is not listed any more', () => {
  const { servers, current } = both('gone', { admin: 8, busy: 1 })
  const shown = read({
    servers,
    current,
    earlier: ['shop:80:http,gone,3,UP,L4OK,', 'shop:80:to:http,inner,9,no check,,'],
  })
  expect(shownOf(shown, 'shop').reached).toEqual({ gone: { up: ['80'], inFlight: 5 } })
  expect(shownOf(shown, 'blog').reached).toEqual({})
})

test('a replica is listed where the running process sends it requests', () => {
  const open = both('web1')
  const closed = both('web2', { admin: 1 })
  const shown = read({ servers: [...open.servers, ...closed.servers], current: open.current })
  expect(shownOf(shown, 'shop').listed).toEqual({ web1: { 80: PLACE }, web2: {} })
  expect(shownOf(shown, 'shop').entries).toEqual([portAt(80)])
  expect(shownOf(shown, 'shop').takenEntries).toEqual({ 81: 'stack blog' })
})
