import { expect, test } from 'vitest'
import { digestOf, specHash } from '../../src/model/hash.ts'
import type { Service } from '../../src/model/stack.ts'
import { shopOf, web } from './builders.ts'

const RICH = `
services:
  web:
    image: registry:5000/web:2
    pull_policy: if_not_present
    entrypoint: /bin/run --name "two words"
    command: [serve, '8080']
    environment: { B: 2, A: true, FROM: , FILE: own }
    env_file: [web.env]
    user: 1000
    working_dir: /srv
    hostname: web
    labels: ["team=shop", flag]
    healthcheck: { test: wget -q 127.0.0.1, interval: 5s, timeout: 500ms, retries: 4, start_period: 1m30s }
    depends_on:
      db: { condition: service_healthy }
      migrate: { condition: service_completed_successfully }
    volumes:
      - ./conf/nginx.conf:/etc/nginx.conf:ro
      - { type: bind, source: ./html, target: /html, read_only: true }
      - db-data:/data:ro
      - { type: tmpfs, target: /tmp, tmpfs: { size: 1.5m } }
    tmpfs: /run:size=64k
    configs: [greeting, { source: tls, target: etc/tls.pem }]
    expose: ["80"]
    networks: { front: { aliases: [www] }, outside: }
    stop_signal: SIGQUIT
    stop_grace_period: 1m
    init: true
    read_only: true
    cap_drop: [ALL]
    extra_hosts: { db.local: 10.0.0.1 }
    logging: { driver: local, options: { max-file: 2 } }
    deploy:
      replicas: "3"
      update_config: { parallelism: 0, monitor: 20s, failure_action: rollback }
      resources: { limits: { cpus: "0.5", memory: 64m, pids: 50 } }
      restart_policy: { condition: on-failure, max_attempts: 5 }
  db:
    image: db:1
    healthcheck: { test: [CMD, check] }
    volumes: ["db-data:/data", "shared:/s"]
    ports: ["127.0.0.1:5432-5433:5432-5433", { target: 53, published: "5353", protocol: udp }]
    restart: "no"
  migrate:
    image: db:1
    healthcheck: { disable: true }
    volumes: [db-data:/data]
networks: { front: { internal: true }, outside: { external: true, name: the-outside } }
volumes: { db-data: , shared: { external: true } }
configs: { greeting: { content: "hi \${NAME}" }, tls: { file: ./tls.pem } }
x-holdfast: { rollback: off, progressDeadline: 90s, env: { NAME: you, FROM: variables } }
`

const BESIDE = {
  'stacks/shop/web.env': 'FILE=env\nONLY=file',
  'stacks/shop/conf/nginx.conf': 'conf',
  'stacks/shop/html/index.html': 'index',
  'stacks/shop/html/css/a.css': 'css',
  'stacks/shop/tls.pem': 'pem',
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The set as it must be named, by its content. */
function fileSet(files: Record<string, string>) {
  const contents = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, base64(text)]))
  return { name: `shop_files-${digestOf(contents).slice(0, 12)}`, contents }
}

const conf = fileSet({ 'nginx.conf': 'conf' })
const html = fileSet({ 'index.html': 'index', 'css/a.css': 'css' })
const greeting = fileSet({ greeting: 'hi you' })
const tls = fileSet({ 'tls.pem': 'pem' })
const LOGGING = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } }

const WEB: Service = {
  name: 'web',
  image: 'registry:5000/web:2',
  pull: 'missing',
  kind: 'service',
  replicas: 3,
  container: {
    entrypoint: ['/bin/run', '--name', 'two words'],
    command: ['serve', '8080'],
    environment: { A: 'true', B: '2', FROM: 'variables', FILE: 'own', ONLY: 'file' },
    user: '1000',
    workingDir: '/srv',
    hostname: 'web',
    labels: { team: 'shop', flag: '' },
    healthcheck: {
      test: ['CMD-SHELL', 'wget -q 127.0.0.1'],
      intervalMs: 5000,
      timeoutMs: 500,
      retries: 4,
      startPeriodMs: 90_000,
    },
    mounts: [
      { kind: 'files', volume: conf.name, path: 'nginx.conf', target: '/etc/nginx.conf' },
      { kind: 'files', volume: html.name, path: '', target: '/html' },
      { kind: 'volume', volume: 'shop_db-data', target: '/data', readOnly: true },
      { kind: 'tmpfs', target: '/tmp', sizeBytes: 1_572_864 },
      { kind: 'files', volume: greeting.name, path: 'greeting', target: '/greeting' },
      { kind: 'files', volume: tls.name, path: 'tls.pem', target: '/etc/tls.pem' },
      { kind: 'tmpfs', target: '/run', sizeBytes: 65_536 },
    ],
    networks: [
      { network: 'shop_front', aliases: ['web', 'www'] },
      { network: 'the-outside', aliases: ['web'] },
    ],
    stopSignal: 'SIGQUIT',
    stopGraceMs: 60_000,
    init: true,
    readOnly: true,
    capDrop: ['ALL'],
    extraHosts: ['db.local:10.0.0.1'],
    logging: { driver: 'local', options: { 'max-file': '2' } },
    cpus: 0.5,
    memoryBytes: 67_108_864,
    pids: 50,
  },
  publish: [],
  dependsOn: { db: 'healthy', migrate: 'completed' },
  update: { order: 'start-first', parallelism: 0, monitorMs: 20_000 },
  restart: 'on-failure:5',
}

test('everything that the schema takes reaches the model, in its units and names', () => {
  const stack = shopOf(RICH, BESIDE)
  expect(stack).toEqual({
    name: 'shop',
    services: {
      web: WEB,
      db: {
        name: 'db',
        image: 'db:1',
        pull: 'missing',
        kind: 'service',
        replicas: 1,
        container: {
          environment: {},
          labels: {},
          healthcheck: { test: ['CMD', 'check'], intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0 },
          mounts: [
            { kind: 'volume', volume: 'shop_db-data', target: '/data', readOnly: false },
            { kind: 'volume', volume: 'shared', target: '/s', readOnly: false },
          ],
          networks: [{ network: 'shop_default', aliases: ['db'] }],
          stopGraceMs: 10_000,
          logging: LOGGING,
        },
        publish: [
          { address: '127.0.0.1', published: 5432, target: 5432, protocol: 'tcp' },
          { address: '127.0.0.1', published: 5433, target: 5433, protocol: 'tcp' },
          { address: '', published: 5353, target: 53, protocol: 'udp' },
        ],
        dependsOn: {},
        update: {
          order: 'stop-first',
          because: 'publishes the UDP port 5353 on the host and writes to volume db-data',
          parallelism: 1,
          monitorMs: 90_000,
        },
        restart: 'no',
      },
      migrate: {
        name: 'migrate',
        image: 'db:1',
        pull: 'missing',
        kind: 'job',
        replicas: 1,
        container: {
          environment: {},
          labels: {},
          healthcheck: 'none',
          mounts: [{ kind: 'volume', volume: 'shop_db-data', target: '/data', readOnly: false }],
          networks: [{ network: 'shop_default', aliases: ['migrate'] }],
          stopGraceMs: 10_000,
          logging: LOGGING,
        },
        publish: [],
        dependsOn: {},
        update: { order: 'stop-first', because: 'writes to volume db-data', parallelism: 1, monitorMs: 10_000 },
        restart: 'no',
      },
    },
    networks: {
      shop_front: { external: false, internal: true },
      'the-outside': { external: true, internal: false },
      shop_default: { external: false, internal: false },
    },
    volumes: { 'shop_db-data': { external: false }, shared: { external: true } },
    files: Object.fromEntries([conf, html, greeting, tls].map(({ name, contents }) => [name, { contents }])),
    dependsOn: [],
    target: '',
    rollback: 'off',
    selfHeal: 'correct',
    prune: true,
    progressDeadlineMs: 90_000,
  })
})

test('a changed file changes the spec of the service that mounts it, and of no other', () => {
  const hashes = (beside: typeof BESIDE) =>
    Object.values(shopOf(RICH, beside).services).map((service) => specHash(service, 'x'))
  const [before, after] = [hashes(BESIDE), hashes({ ...BESIDE, 'stacks/shop/html/css/a.css': 'other' })]
  expect(after.map((hash, at) => hash !== before[at])).toEqual([true, false, false])
})

/** Lines of the service `web`, and what they must become. */
test.each<[promise: string, lines: string, expected: unknown, part: (service: Service) => unknown]>([
  ['no restart policy', '', 'unless-stopped', (service) => service.restart],
  ['restart no', 'restart: no', 'no', (service) => service.restart],
  ['condition none', 'deploy: { restart_policy: { condition: none } }', 'no', (service) => service.restart],
  ['condition any', 'deploy: { restart_policy: { condition: any } }', 'always', (service) => service.restart],
  [
    'explicit stop-first has no cause',
    'ports: ["80:80"]\ndeploy: { update_config: { order: stop-first } }',
    { order: 'stop-first', parallelism: 1, monitorMs: 90_000 },
    (service) => service.update,
  ],
  [
    'a UDP port means stop-first',
    'ports: ["80:80", "5353:53/udp"]',
    'publishes the UDP port 5353 on the host',
    (service) => service.update.because,
  ],
  ['a TCP port does not', 'ports: ["8080:80"]', 'start-first', (service) => service.update.order],
  ['TCP ports of several replicas', 'ports: ["8080:80"]\nscale: 3', 3, (service) => service.replicas],
  ['a drain', 'x-holdfast: { drain: 1m30s }', 90_000, (service) => service.drainMs],
  ['no drain at all', 'x-holdfast: { drain: 0s }', 0, (service) => service.drainMs],
  ['the default drain', '', undefined, (service) => service.drainMs],
  [
    'what is spoken',
    `ports:\n${['http', 'http2', 'h2c', 'grpc', 'tcp'].map((word, at) => `  - { target: 80, published: ${at + 1}, app_protocol: ${word} }`).join('\n')}`,
    ['http', 'http2', 'http2', 'http2', 'tcp'],
    (service) => service.publish.map(({ speaks }) => speaks),
  ],
  [
    'the PROXY protocol',
    'ports: [{ target: 80, published: 80, x-holdfast: { proxyProtocol: "yes" }, x-note: any }]',
    [{ address: '', published: 80, target: 80, protocol: 'tcp', proxyProtocol: true }],
    (service) => service.publish,
  ],
  [
    'bracketed address',
    'ports: ["[::1]:80:80"]',
    [{ address: '::1', published: 80, target: 80, protocol: 'tcp' }],
    (service) => service.publish,
  ],
  [
    'command in words',
    `command: sh -c 'echo "a  b"' c\\ d ""`,
    ['sh', '-c', 'echo "a  b"', 'c d', ''],
    (service) => service.container.command,
  ],
  ['dollar sign', 'command: ["$$HOME"]', ['$HOME'], (service) => service.container.command],
  [
    'mem_limit',
    'mem_limit: 1g\ncpus: 0.5\npids_limit: 9',
    [1_073_741_824, 0.5, 9],
    ({ container }) => [container.memoryBytes, container.cpus, container.pids],
  ],
  [
    'digits that JavaScript cannot hold',
    'environment: { ID: 12345678901234567890 }',
    { ID: '12345678901234567890' },
    (service) => service.container.environment,
  ],
  ['a boolean from a variable', 'init: "${INIT:-yes}"', true, (service) => service.container.init],
  ['replicas from a variable', 'deploy: { replicas: "${N:-0}" }', 0, (service) => service.replicas],
])('%s', (_promise, lines, expected, part) => {
  const service = shopOf(web(lines)).services['web']
  expect(service === undefined ? undefined : part(service)).toEqual(expected)
})
