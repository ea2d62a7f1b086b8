import { expect, test } from 'vitest'
import { brief, loadShop, problemsOf, shopOf, web, webOf } from './builders.ts'

const NET =
  'networks: { n: { ipam: { config: [{ subnet: 10.9.0.0/24, ip_range: 10.9.0.128/25, gateway: 10.9.0.254 }] } } }\n'
const PEER = '  db: { image: "db:1", healthcheck: { disable: true } }\n'

test('a fixed address and its subnet reach the model, and make it stop-first', () => {
  const stack = shopOf(web('networks: { n: { ipv4_address: 10.9.0.7 } }', NET))
  expect(stack.networks).toEqual({
    shop_n: {
      ...{ external: false, internal: false },
      subnet: { subnet: '10.9.0.0/24', range: '10.9.0.128/25', gateway: '10.9.0.254' },
    },
  })
  expect(stack.services['web']).toMatchObject({
    container: { networks: [{ network: 'shop_n', aliases: ['web'], address: '10.9.0.7' }] },
    update: { order: 'stop-first', because: 'has the fixed address 10.9.0.7' },
  })
})

test('network_mode replaces the networks', () => {
  const none = shopOf(web('network_mode: none'))
  expect(none.services['web']).toMatchObject({ container: { networks: [], networkMode: 'none' }, dependsOn: {} })
  expect(none.networks).toEqual({})
  const shared = webOf('network_mode: service:db', PEER)
  expect(shared).toMatchObject({
    container: { networks: [], networkMode: { service: 'db' } },
    dependsOn: { db: 'started' },
    update: { order: 'stop-first', because: 'shares the network of db' },
  })
})

test('who shares a network may wait for more than its start', () => {
  const healthy = '  db: { image: "db:1", healthcheck: { test: x } }\n'
  const lines = 'network_mode: service:db\ndepends_on: { db: { condition: service_healthy } }'
  expect(webOf(lines, healthy).dependsOn).toEqual({ db: 'healthy' })
})

test('a container name is kept, and makes it stop-first', () => {
  expect(webOf('container_name: the-web')).toMatchObject({
    containerName: 'the-web',
    update: { order: 'stop-first', because: 'is called the-web (container_name)' },
  })
})

test('several causes are told in one sentence', () => {
  const lines = 'container_name: the-web\nports: ["53:53/udp"]\nvolumes: ["d:/d"]'
  expect(webOf(lines, 'volumes: { d: }\n').update.because).toBe(
    'publishes the UDP port 53 on the host, writes to volume d and is called the-web (container_name)',
  )
})

/** The service `web` with these lines (from line 5 on), `db`, and the network `n`. */
test.each<[promise: string, lines: string, problems: string[]]>([
  ['address that is none', 'networks: { n: { ipv4_address: 10.9.0.300 } }', ['5:36 error wrong-value']],
  ['address elsewhere', 'networks: { n: { ipv4_address: 10.8.0.7 } }', ['5:36 error address-not-in-subnet']],
  ['first address', 'networks: { n: { ipv4_address: 10.9.0.0 } }', ['5:36 error address-not-in-subnet']],
  ['last address', 'networks: { n: { ipv4_address: 10.9.0.255 } }', ['5:36 error address-not-in-subnet']],
  ["the gateway's address", 'networks: { n: { ipv4_address: 10.9.0.254 } }', ['5:36 error address-not-in-subnet']],
  [
    'address on a network without subnet',
    'networks: { default: { ipv4_address: 10.9.0.7 } }',
    ['5:42 error address-not-in-subnet'],
  ],
  ['undefined network', 'networks: { m: { ipv4_address: 10.9.0.7 } }', ['5:17 error unresolved-reference']],
  [
    'address and replicas',
    'networks: { n: { ipv4_address: 10.9.0.7 } }\nscale: 2',
    ['5:36 error address-needs-one-replica'],
  ],
  [
    'overlap with a fixed address',
    'networks: { n: { ipv4_address: 10.9.0.7 } }\ndeploy: { update_config: { order: start-first } }',
    ['6:39 error start-first-impossible'],
  ],
  ['name and replicas', 'container_name: x1\nscale: 2', ['5:21 error container-name-replicas']],
  ['name that cannot be one', 'container_name: "a b"', ['5:21 error wrong-value']],
  [
    'overlap with a name',
    'container_name: x1\ndeploy: { update_config: { order: start-first } }',
    ['6:39 error start-first-impossible'],
  ],
  ['network of the host', 'network_mode: host', ['5:19 error policy-host-namespace']],
  ['bridge', 'network_mode: bridge', ['5:19 error unsupported-value']],
  ['network of any container', 'network_mode: "container:x"', ['5:19 error unsupported-value']],
  ['network mode that is none', 'network_mode: nonne', ['5:19 error wrong-value']],
  ['network mode and networks', 'network_mode: none\nnetworks: [n]', ['6:5 error conflicting-keys']],
  ['network mode and ports', 'network_mode: service:db\nports: ["80:80"]', ['6:5 error conflicting-keys']],
  ['shared network and hostname', 'network_mode: service:db\nhostname: x', ['6:5 error conflicting-keys']],
  ['network of nobody', 'network_mode: service:dbb', ['5:5 error unresolved-reference']],
  ['network of itself', 'network_mode: service:web', ['5:5 error dependency-cycle']],
  ['shared by several', 'network_mode: service:db\nscale: 2', ['5:19 error network-mode-impossible']],
])('%s', (_promise, lines, problems) => {
  const found = problemsOf(lines, PEER + NET)
  expect(found.filter((problem) => !problem.endsWith('no-effect'))).toEqual(problems)
})

/** Whose network `web` shares, in line 6. */
test.each<[promise: string, peer: string, problems: string[]]>([
  [
    'of several replicas',
    '{ image: "db:1", healthcheck: { test: x }, scale: 2 }',
    ['5:19 error network-mode-impossible'],
  ],
  ['of none', '{ image: "db:1", healthcheck: { test: x }, scale: 0 }', ['5:19 error network-mode-impossible']],
  ['of a job', '{ image: "db:1", deploy: { mode: replicated-job } }', ['5:19 error network-mode-impossible']],
  [
    'of one that has none of its own',
    '{ image: "db:1", healthcheck: { test: x }, network_mode: "service:c" }\n  c: { image: "c:1", healthcheck: { test: x } }',
    ['5:19 error network-mode-impossible'],
  ],
  ['of one without network', '{ image: "db:1", healthcheck: { test: x }, network_mode: none }', []],
])('a shared network %s', (_promise, peer, problems) => {
  expect(problemsOf('network_mode: service:db', `  db: ${peer}\n`)).toEqual(problems)
})

/** Networks at the top level; `n` begins in line 5, column 13. */
test.each<[promise: string, network: string, problems: string[]]>([
  ['subnet that is none', '{ ipam: { config: [{ subnet: 10.9.0.0 }] } }', ['5:45 error wrong-value']],
  ['subnet by an address inside it', '{ ipam: { config: [{ subnet: 10.9.0.1/24 }] } }', ['5:45 error wrong-value']],
  ['subnet too small', '{ ipam: { config: [{ subnet: 10.9.0.0/30 }] } }', ['5:45 error wrong-value']],
  ['IPv6', '{ ipam: { config: [{ subnet: "fd00::/64" }] } }', ['5:45 error wrong-value']],
  [
    'range outside',
    '{ ipam: { config: [{ subnet: 10.9.0.0/24, ip_range: 10.8.0.0/25 }] } }',
    ['5:68 error wrong-value'],
  ],
  ['gateway outside', '{ ipam: { config: [{ subnet: 10.9.0.0/24, gateway: 10.8.0.1 }] } }', ['5:67 error wrong-value']],
  [
    'two subnets',
    '{ ipam: { config: [{ subnet: 10.9.0.0/24 }, { subnet: 10.8.0.0/24 }] } }',
    ['5:60 error unsupported-value'],
  ],
  ['without subnet', '{ ipam: { config: [{ gateway: 10.9.0.1 }] } }', ['5:35 error missing-key']],
  ['another driver', '{ ipam: { driver: dhcp } }', ['5:34 error wrong-value']],
  [
    'further addresses',
    '{ ipam: { config: [{ subnet: 10.9.0.0/24, aux_addresses: { a: 10.9.0.5 } }] } }',
    ['5:58 error unsupported-key'],
  ],
  ['of an external network', '{ external: true, ipam: { config: [] } }', ['5:34 error conflicting-keys']],
])('addresses of a network: %s', (_promise, network, problems) => {
  const text = `services: { web: { image: "web:1", healthcheck: { test: x }, networks: [n] } }\n\n\n\nnetworks: { n: ${network} }\n`
  expect(brief(loadShop(text).problems)).toEqual(problems)
})

test('on an external network any address is allowed: its subnet is unknown', () => {
  const text = web('networks: { n: { ipv4_address: 192.0.2.7 } }', 'networks: { n: { external: true } }\n')
  expect(shopOf(text).services['web']?.container.networks).toEqual([
    { network: 'n', aliases: ['web'], address: '192.0.2.7' },
  ])
})
