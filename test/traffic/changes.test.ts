import { expect, test } from 'vitest'
import { isSettled, type RunningServer, serverCommands } from '../../src/traffic/changes.ts'
import { serversOf } from '../../src/traffic/servers.ts'
import { portAt, stateOf } from './state.ts'

const CHECKED = 'check inter 2s fastinter 250ms downinter 500ms fall 4 rise 1'

const wanted = (listed: Record<string, string>, change: Parameters<typeof portAt>[1] = { speaks: 'http' }) => {
  const places = Object.entries(listed).map(([name, address]) => [name, { 80: { address, port: 8080 } }])
  return serversOf(stateOf('shop', { entries: [portAt(80, change)], listed: Object.fromEntries(places) }))
}
const running = (name: string, change: Partial<RunningServer> = {}): RunningServer => {
  return { backend: 'shop:80:http', name, address: '10.1.2.3:8080', isOpen: true, current: 0, ...change }
}

test('a replica is added, checked and opened, and nothing is said of those that are right', () => {
  expect(serverCommands(wanted({ old: '10.1.2.3', new: '10.1.2.4' }), [running('old')])).toEqual([
    `add server shop:80:http/new 10.1.2.4:8080 ${CHECKED}`,
    'enable health shop:80:http/new',
    'set server shop:80:http/new state ready',
  ])
})

test('whatever it may be spoken at an entry, its replica is behind each', () => {
  const added = serverCommands(wanted({ new: '10.1.2.4' }, {}), []).filter((command) => command.startsWith('add'))
  expect(added.map((command) => command.split(' ')[2])).toEqual(['shop:80:http/new', 'shop:80:tcp/new'])
})

test('HTTP/2 and the PROXY protocol are asked of the replica', () => {
  const [first] = serverCommands(wanted({ new: 'fd00::4' }, { speaks: 'http2', proxyProtocol: true }), [])
  expect(first).toBe(`add server shop:80:http2/new [fd00::4]:8080 ${CHECKED} proto h2 send-proxy-v2`)
})

test('one that is not wanted goes, and one that is busy gets nothing new until it is not', () => {
  expect(serverCommands([], [running('idle'), running('busy', { current: 2 })])).toEqual([
    'set server shop:80:http/idle state maint',
    'del server shop:80:http/idle',
    'set server shop:80:http/busy state drain',
  ])
  expect(serverCommands([], [running('busy', { current: 1, isOpen: false })])).toEqual([])
})

test('one that comes back is opened again, where it is now', () => {
  const before = running('old', { isOpen: false, current: 1, address: '10.1.2.9:8080' })
  expect(serverCommands(wanted({ old: '10.1.2.3' }), [before])).toEqual([
    'set server shop:80:http/old addr 10.1.2.3 port 8080',
    'set server shop:80:http/old state ready',
  ])
})

test("the gateway's own sockets are left alone", () => {
  expect(serverCommands([], [running('inner', { backend: 'shop:80:to:http' })])).toEqual([])
})

test('it is settled when exactly the wanted ones are open, each at its address', () => {
  const servers = wanted({ old: '10.1.2.3' })
  expect(isSettled(servers, [running('old')])).toBe(true)
  expect(isSettled(servers, [running('old'), running('gone', { isOpen: false, current: 1 })])).toBe(true)
  expect(isSettled(servers, [running('old'), running('other')])).toBe(false)
  expect(isSettled(servers, [running('old', { isOpen: false })])).toBe(false)
  expect(isSettled(servers, [running('old', { address: '10.1.2.4:8080' })])).toBe(false)
  expect(isSettled(servers, [])).toBe(false)
})
