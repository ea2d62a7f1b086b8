import { expect, test } from 'vitest'
import { clashing, listenerIn, listenersOf, takenOnHost } from '../../src/traffic/listeners.ts'
import type { GatewayState } from '../../src/traffic/state.ts'
import { portAt, routeAt, stateOf } from './state.ts'

const SETTINGS = { httpPort: 80, httpsPort: 443, trustedProxies: [] }
const REST = '00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0'
const line = (local: string, state = '0A') => `   0: ${local} 00000000:0000 ${state} ${REST}`
const own = (state: GatewayState) => listenersOf(state, SETTINGS)
const taken = (wanted: GatewayState, running: GatewayState, ...lines: string[]) =>
  takenOnHost(own(wanted), own(running), lines).map(({ what }) => what)

test("the kernel's lines are read, for both kinds of address", () => {
  expect(listenerIn(line('00000000:1F90'))).toEqual({ address: '', port: 8080 })
  expect(listenerIn(line('0100007F:0050'))).toEqual({ address: '127.0.0.1', port: 80 })
  expect(listenerIn(line('00000000000000000000000000000000:0050'))).toEqual({ address: '', port: 80 })
  expect(listenerIn(line('00000000000000000000000001000000:0050'))).toEqual({ address: '::1', port: 80 })
  expect(listenerIn(line('000000FD000000000000000001000000:0050'))).toEqual({ address: 'fd00::1', port: 80 })
  expect(listenerIn(line('00000000:1F90', '01'))).toBeNull()
  expect(listenerIn('  sl  local_address rem_address   st')).toBeNull()
})

test("a program's port is taken, the gateway's own is not", () => {
  const both = stateOf('shop', { entries: [portAt(8080), portAt(8081)] })
  const one = stateOf('shop', { entries: [portAt(8080)] })
  const lines = [line('00000000:1F90'), line('00000000:1F91')]
  expect(taken(both, one, ...lines)).toEqual(['port 8081'])
  expect(taken(both, both, ...lines)).toEqual([])
  expect(taken(one, {}, line('0100007F:1F90'))).toEqual(['port 8080'])
})

test('an address that is not asked for is not missed', () => {
  const local = stateOf('shop', { entries: [portAt(8080, { address: '127.0.0.1' })] })
  expect(taken(local, {}, line('0200000A:1F90'))).toEqual([])
  expect(taken(local, {}, line('00000000:1F90'))).toEqual(['port 127.0.0.1:8080'])
})

test('an entry may give up an address for all of them', () => {
  const local = stateOf('shop', { entries: [portAt(8080, { address: '127.0.0.1' })] })
  expect(taken(stateOf('shop', { entries: [portAt(8080)] }), local, line('0100007F:1F90'))).toEqual([])
})

test('two entries cannot have one port, but for routes among themselves', () => {
  const clash = (...entries: Parameters<typeof stateOf>[1]['entries'] & object) =>
    clashing(own(stateOf('shop', { entries })))?.map(({ what }) => what) ?? []
  expect(clash(portAt(8080), portAt(8080, { address: '127.0.0.1' }))).toEqual(['port 127.0.0.1:8080', 'port 8080'])
  expect(clash(portAt(8080, { address: '127.0.0.1' }), portAt(8080, { address: '10.0.0.1' }))).toEqual([])
  expect(clash(routeAt('a.example.com', '/'), routeAt('b.example.com', '/'))).toEqual([])
  expect(clash(routeAt('a.example.com', '/'), portAt(80))).toEqual(['port 80', 'route a.example.com/'])
  expect(clash(routeAt('a.example.com', '/'), portAt(443))).toEqual([])
  expect(clash(routeAt('a.example.com', '/', { certificate: 'a' }), portAt(443))).toHaveLength(2)
})
