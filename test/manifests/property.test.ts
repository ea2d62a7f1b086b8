import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadFiles, loadShop, web } from './builders.ts'

const SEED = web(
  'ports: ["8080:80"]\nvolumes: ["d:/d", "./f:/f:ro", "./w:/w"]\nenvironment: { A: "${B:-c}" }\ndepends_on: { db: { condition: service_healthy } }\ndeploy: { replicas: 1 }',
  `${[
    '  db: { image: "db:1", healthcheck: { test: [CMD, x] }, container_name: the-db, networks: { n: { ipv4_address: 10.0.0.9 } } }',
    '  side: { image: "db:1", network_mode: "service:db" }',
    '  asked: { image: "db:1", x-holdfast: { probe: { tcp: { port: 1 }, interval: 1s } } }',
    '  seed: { image: "db:1", x-holdfast: { hook: pre-deploy, run: changed } }',
    'networks: { n: { ipam: { config: [{ subnet: 10.0.0.0/24 }] } } }',
    'volumes: { d: }',
    'x-holdfast: { rollback: off, dependsOn: [], sync: { selfHeal: off, prune: false }, target: here }',
  ].join('\n')}\n`,
)

const words = fc.constantFrom(
  'services',
  'web',
  '$',
  '${',
  '}',
  '<<: *a',
  '&a ',
  '*a',
  'null',
  '[',
  ']',
  '{',
  '\n',
  '  ',
  ': ',
  '- ',
  '!x',
  '"',
  '__proto__',
  '0',
  '-1',
  '1e999',
  'constructor',
  '../',
  '\t',
  '---\n',
)
const mutation = fc.record({ at: fc.nat(SEED.length), remove: fc.nat(30), insert: fc.oneof(words, fc.string()) })

/** A stack or an error, never neither and never both; and positions that exist. */
function holds(text: string): void {
  const { stack, problems } = loadShop(text, { 'stacks/shop/f': 'x' }, [], { targets: { '': { bindRoot: '/srv' } } })
  expect(stack === null).toBe(problems.some(({ severity }) => severity === 'error'))
  for (const problem of problems) {
    expect(problem.line).toBeLessThanOrEqual(text.split(/\r\n|\n|\r/).length)
    expect(problem.hint).not.toBe('')
  }
}

test('loading never throws on a damaged manifest and gives a stack or an error', () => {
  holds(SEED)
  const damaged = fc.array(mutation, { minLength: 1, maxLength: 4 }).map((mutations) => {
    return mutations.reduce(
      (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
      SEED,
    )
  })
  fc.assert(fc.property(damaged, holds), { numRuns: 1500 })
})

test('loading never throws on arbitrary text and data', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), holds), { numRuns: 300 })
  fc.assert(fc.property(fc.json(), holds), { numRuns: 300 })
})

test('loading never throws on arbitrary values at the places of real keys', () => {
  const keys = fc.constantFrom(
    'image',
    'command',
    'environment',
    'env_file',
    'healthcheck',
    'depends_on',
    'volumes',
    'tmpfs',
    'configs',
    'ports',
    'networks',
    'labels',
    'extra_hosts',
    'logging',
    'network_mode',
    'container_name',
    'sysctls',
    'ulimits',
    'dns',
    'memswap_limit',
    'deploy',
    'mem_limit',
    'x-holdfast',
  )
  const service = fc.dictionary(keys, fc.jsonValue())
  const file = fc.record(
    {
      services: fc.record({ web: service, db: service }),
      networks: fc.jsonValue(),
      volumes: fc.jsonValue(),
      configs: fc.jsonValue(),
      'x-holdfast': fc.jsonValue(),
    },
    { requiredKeys: ['services'] },
  )
  fc.assert(
    fc.property(file, (data) => holds(JSON.stringify(data))),
    { numRuns: 500 },
  )
})

test('loading never throws on arbitrary holdfast.yaml and .env', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (settings, env) => {
      loadFiles({ 'holdfast.yaml': settings, 'stacks/a/compose.yaml': SEED })
      loadFiles({ 'stacks/a/compose.yaml': SEED, 'stacks/a/.env': env })
    }),
    { numRuns: 300 },
  )
})
