import { expect, test } from 'vitest'
import { saidOf, web } from './builders.ts'

const ON_EDGE = 'x-holdfast: { target: edge }\n'

test('one container name in two stacks is a problem of both, unless they run on two targets', () => {
  const file = web('container_name: proxy')
  expect(saidOf({ a: file, b: file })).toEqual({
    a: ['name-conflict: The container name `proxy` is also that of `web` of stack `b`'],
    b: ['name-conflict: The container name `proxy` is also that of `web` of stack `a`'],
  })
  expect(saidOf({ a: file, b: `${file}${ON_EDGE}` })).toEqual({ a: [], b: [] })
})

test('one container name twice in a stack is a problem of both services', () => {
  const other = '  db: { image: "db:1", healthcheck: { test: x }, container_name: proxy }\n'
  expect(saidOf({ a: web('container_name: proxy', other) })['a']).toEqual([
    'name-conflict: The container name `proxy` is also that of `db`',
    'name-conflict: The container name `proxy` is also that of `web`',
  ])
})

test.each([
  [
    'network',
    'networks: [n]',
    'networks: { n: { name: shared } }\n',
    'networks: { n: { name: shared, external: true } }\n',
  ],
  [
    'volume',
    'volumes: ["n:/n"]',
    'volumes: { n: { name: shared } }\n',
    'volumes: { n: { name: shared, external: true } }\n',
  ],
])(
  'a %s that two stacks make under one name is a problem of both; one may use that of the other',
  (kind, lines, own, external) => {
    const file = web(lines, own)
    expect(saidOf({ a: file, b: file })).toEqual({
      a: [`name-conflict: The ${kind} \`shared\` is also that of stack \`b\``],
      b: [`name-conflict: The ${kind} \`shared\` is also that of stack \`a\``],
    })
    expect(saidOf({ a: file, b: web(lines, external) })).toEqual({ a: [], b: [] })
    expect(saidOf({ a: file, b: `${file}${ON_EDGE}` })).toEqual({ a: [], b: [] })
  },
)

test('names that meet by the way they are made are a problem too', () => {
  const said = saidOf({
    a: web('networks: [b_c]', 'networks: { b_c: }\n'),
    a_b: web('networks: [c]', 'networks: { c: }\n'),
  })
  expect(said['a']).toEqual(['name-conflict: The network `a_b_c` is also that of stack `a_b`'])
})

test('one address on one network is a problem of both services, in one stack or in two', () => {
  const joined = 'networks: { n: { ipv4_address: 10.9.0.7 } }'
  const own = 'networks: { n: { ipam: { config: [{ subnet: 10.9.0.0/24 }] } } }\n'
  const both = web(joined, `  db: { image: "db:1", healthcheck: { test: x }, ${joined} }\n${own}`)
  expect(saidOf({ a: both })['a']).toEqual([
    'address-conflict: The address `10.9.0.7` is also that of `db`',
    'address-conflict: The address `10.9.0.7` is also that of `web`',
  ])
  const outside = (name: string) => web(joined, `networks: { n: { external: true, name: ${name} } }\n`)
  expect(saidOf({ a: outside('one'), b: outside('two') })).toEqual({ a: [], b: [] })
  expect(saidOf({ a: outside('one'), b: outside('one') })['a']).toEqual([
    'address-conflict: The address `10.9.0.7` is also that of `web` of stack `b`',
  ])
})

test('subnets that overlap on one target are a problem of both networks', () => {
  const file = (subnet: string, more = '') =>
    web('networks: [n]', `networks: { n: { ipam: { config: [{ subnet: ${subnet} }] } } }\n${more}`)
  expect(saidOf({ a: file('10.9.0.0/16'), b: file('10.9.4.0/24') })).toEqual({
    a: ['subnet-conflict: The subnet `10.9.0.0/16` overlaps with that of the network `b_n`'],
    b: ['subnet-conflict: The subnet `10.9.4.0/24` overlaps with that of the network `a_n`'],
  })
  expect(saidOf({ a: file('10.9.0.0/24'), b: file('10.9.1.0/24') })).toEqual({ a: [], b: [] })
  expect(saidOf({ a: file('10.9.0.0/24'), b: file('10.9.0.0/24', ON_EDGE) })).toEqual({ a: [], b: [] })
})

test('a port of the host is one on each target', () => {
  const file = web('ports: ["80:80"]')
  expect(saidOf({ a: file, b: `${file}${ON_EDGE}` })).toEqual({ a: [], b: [] })
})

test('a name out of a variable is shown as written', () => {
  const file = (value: string) => web('container_name: ${NAME}', `x-holdfast: { env: { NAME: ${value} } }\n`)
  const said = JSON.stringify(saidOf({ a: file('hunter2'), b: file('hunter2') }))
  expect(said).toContain('${NAME}')
  expect(said).not.toContain('hunter2')
})
