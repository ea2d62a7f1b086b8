import { expect, test } from 'vitest'
import { brief, loadFiles, loadShop, problemsOf, web } from './builders.ts'

test('a service in order has no problems', () => {
  expect(problemsOf('')).toEqual([])
})

/** What is added to the service `web` (from line 5, column 5 on), and what must be said about it. */
test.each<[promise: string, lines: string, problems: string[]]>([
  ['unknown key', 'imge: x', ['5:5 error unknown-key']],
  ['key of Compose that is not carried out', 'runtime: runc', ['5:5 error unsupported-key']],
  ['one value that is not carried out', 'pull_policy: daily', ['5:18 error unsupported-value']],
  ['delay between updates', 'deploy: { update_config: { delay: 1s } }', ['5:32 error unsupported-key']],
  ['failure_action pause', 'deploy: { update_config: { failure_action: pause } }', ['5:48 error unsupported-value']],
  ['wrong type', 'read_only: maybe', ['5:16 error wrong-type']],
  ['wrong number', 'deploy: { replicas: -1 }', ['5:25 error wrong-value']],
  ['malformed duration', 'stop_grace_period: 10', ['5:24 error wrong-type']],
  ['malformed duration text', 'stop_grace_period: 10x', ['5:24 error wrong-value']],
  ['key twice', 'user: a\nuser: b', ['6:5 error duplicate-key']],
  ['undefined network', 'networks: [frnt]', ['5:16 error unresolved-reference']],
  ['undefined volume', 'volumes: ["data:/d"]', ['5:15 error unresolved-reference']],
  ['undefined config', 'configs: [c]', ['5:15 error unresolved-reference']],
  ['undefined service', 'depends_on: [db]', ['5:18 error unresolved-reference']],
  ['waiting for itself', 'depends_on: [web]', ['5:18 error dependency-cycle']],
  ['port twice', 'ports: ["80:80", "80:81"]', ['5:13 error port-conflict', '5:22 error port-conflict']],
  ['UDP port and replicas', 'ports: ["80:80", "53:53/udp"]\nscale: 2', ['5:22 error port-needs-one-replica']],
  [
    'UDP port with what only TCP has',
    'ports: [{ target: 1, published: 1, protocol: udp, app_protocol: tcp, x-holdfast: { proxyProtocol: true } }]',
    ['5:55 error conflicting-keys', '5:88 error conflicting-keys'],
  ],
  ['unknown protocol', 'ports: [{ target: 1, published: 1, app_protocol: smtp }]', ['5:54 error wrong-value']],
  [
    'protocol to be told by tcp',
    'ports: [{ target: 1, published: 1, app_protocol: https }]',
    ['5:54 error unsupported-value'],
  ],
  [
    'unknown key of a port',
    'ports: [{ target: 1, published: 1, x-holdfast: { proxy: 1 } }]',
    ['5:54 error unknown-key'],
  ],
  ['drain of a job', 'x-holdfast: { hook: pre-deploy, drain: 1s }', ['5:37 error conflicting-keys']],
  ['port without host', 'ports: [80]', ['5:13 error port-without-host']],
  ['random port of one address', 'ports: ["127.0.0.1::80"]', ['5:13 error port-without-host']],
  ['ranges of unequal length', 'ports: ["80-82:80-81"]', ['5:13 error wrong-value']],
  ['port out of range', 'ports: ["80:70000"]', ['5:13 error wrong-value']],
  ['short monitor', 'deploy: { update_config: { monitor: 89s } }', ['5:41 error monitor-too-short']],
  ['monitor long enough', 'deploy: { update_config: { monitor: 90s } }', []],
  [
    'overlap with a UDP port',
    'ports: ["80:80/udp"]\ndeploy: { update_config: { order: start-first } }',
    ['6:39 error start-first-impossible'],
  ],
  ['reserved label', 'labels: { dev.holdfast.stack: x }', ['5:15 error reserved-label']],
  ['reserved label in a list', 'labels: ["dev.holdfast.stack=x"]', ['5:14 error reserved-label']],
  ['job with replicas', 'deploy: { mode: replicated-job, replicas: 2 }', ['5:47 error job-replicas']],
  ['job with ports', 'ports: ["80:80"]\ndeploy: { mode: replicated-job }', ['5:13 error job-ports']],
  ['job that restarts', 'restart: always\ndeploy: { mode: replicated-job }', ['5:5 warning no-effect']],
  ['bind of nothing', 'volumes: ["./x:/x:ro"]', ['5:15 error file-missing']],
  ['writable bind', 'volumes: ["./file:/x"]', ['5:15 error bind-writable']],
  ['host path', 'volumes: ["/etc:/x:ro"]', ['5:15 error policy-host-path']],
  ['home folder', 'volumes: ["~/x:/x:ro"]', ['5:15 error bind-absolute']],
  ['path outside', 'volumes: ["../../../x:/x:ro"]', ['5:15 error path-outside']],
  ['volume without name', 'volumes: ["/data"]', ['5:15 error unsupported-value']],
  ['mount option', 'volumes: ["./file:/x:ro,z"]', ['5:15 error wrong-value']],
  ['relative target', 'volumes: ["./file:x:ro"]', ['5:15 error wrong-value']],
  ['symlink', 'volumes: ["./link:/x:ro"]', ['5:15 error symlink']],
  ['through a symlink', 'volumes: ["./link/deep:/x:ro"]', ['5:15 error symlink']],
  ['folder with a symlink in it', 'volumes: ["./folder:/x:ro"]', ['5:15 error symlink']],
  ['submodule', 'volumes: ["./module/x:/x:ro"]', ['5:15 error submodule']],
  ['LFS pointer', 'volumes: ["./pointer:/x:ro"]', ['5:15 error lfs-pointer']],
  [
    'mount that lost its target',
    'volumes: [{ type: {}, target: [] }, "./file:/x:ro"]',
    ['5:23 error wrong-value', '5:35 error wrong-type'],
  ],
  ['device that lost its source', 'devices: [{ source: false }]', ['5:25 error wrong-type']],
  ['target twice', 'volumes: ["./file:/x:ro", "./file:/x/:ro"]', ['5:31 error duplicate-target']],
  ['env file missing', 'env_file: nope.env', ['5:15 error file-missing']],
  ['env file that may be missing', 'env_file: [{ path: nope.env, required: false }]', []],
  ['env file outside', 'env_file: ../../../x', ['5:15 error path-outside']],
  ['variable without value', 'user: ${NOBODY}', ['5:11 error variable-missing']],
  ['second variable in a text', 'user: "${A:-x}${NOBODY}"', ['5:19 error variable-missing']],
  ['environment without value', 'environment: [NOBODY]', ['5:19 error variable-missing']],
  ['open quote', 'command: sh -c "x', ['5:14 error wrong-value']],
  [
    'limits that contradict',
    'cpus: 1\ndeploy: { resources: { limits: { cpus: "2" } } }',
    ['5:5 error conflicting-keys'],
  ],
  ['attempts without on-failure', 'deploy: { restart_policy: { max_attempts: 3 } }', ['5:33 error wrong-value']],
  ['labels of a Swarm service', 'deploy: { labels: { a: b } }', ['5:15 warning no-effect']],
])('%s', (_promise, lines, problems) => {
  const beside = { 'stacks/shop/file': 'x', 'stacks/shop/pointer': 'version https://git-lfs.github.com/spec/v1\noid' }
  const found = problemsOf(lines, '', { ...beside, 'stacks/shop/folder/a': '' }, [
    { path: 'stacks/shop/link', kind: 'symlink' },
    { path: 'stacks/shop/folder/b', kind: 'symlink' },
    { path: 'stacks/shop/module', kind: 'submodule' },
  ])
  expect(found).toEqual(problems)
})

/** Further services and sections after `web`, from line 5 on. */
test.each<[promise: string, text: string, problems: string[]]>([
  [
    'floating tags and missing checks are warnings',
    '  a: { image: x }\n',
    ['5:3 warning no-healthcheck', '5:15 warning floating-tag'],
  ],
  [
    'a registry port is no tag',
    '  a: { image: "h:5000/x", healthcheck: { disable: true } }\n',
    ['5:15 warning floating-tag'],
  ],
  ['a digest is fixed', '  a: { image: "x@sha256:0", healthcheck: { disable: true } }\n', []],
  [
    'health of a service without check',
    '  a: { image: "x:1", depends_on: { b: { condition: service_healthy } }, healthcheck: { disable: true } }\n  b: { image: "x:1" }\n',
    ['5:36 warning no-healthcheck', '6:3 warning no-healthcheck'],
  ],
  [
    'health of a service whose check is disabled',
    '  a: { image: "x:1", depends_on: { b: { condition: service_healthy } }, healthcheck: { disable: true } }\n  b: { image: "x:1", healthcheck: { test: [NONE] } }\n',
    ['5:36 error dependency-impossible'],
  ],
  [
    'health of a job',
    '  a: { image: "x:1", depends_on: { b: { condition: service_healthy } }, healthcheck: { disable: true } }\n  b: { image: "x:1", deploy: { mode: replicated-job } }\n',
    ['5:36 error dependency-impossible'],
  ],
  [
    'a circle of three is one problem',
    '  a: { image: "x:1", depends_on: [b], healthcheck: { disable: true } }\n  b: { image: "x:1", depends_on: [c], healthcheck: { disable: true } }\n  c: { image: "x:1", depends_on: [a], healthcheck: { disable: true } }\n',
    ['5:35 error dependency-cycle'],
  ],
  ['no image', '  a: { healthcheck: { disable: true } }\n', ['5:3 error missing-key']],
  ['check without test', '  a: { image: "x:1", healthcheck: { interval: 1s } }\n', ['5:22 error missing-key']],
  ['check that is no command', '  a: { image: "x:1", healthcheck: { test: [curl, x] } }\n', ['5:43 error wrong-value']],
  ['a name that cannot be one', '  "a b": { image: "x:1" }\n', ['5:3 error wrong-value']],
  [
    'overlap with a writable volume',
    '  a: { image: "x:1", healthcheck: { disable: true }, volumes: ["d:/d"], deploy: { update_config: { order: start-first } } }\nvolumes: { d: }\n',
    ['5:107 error start-first-impossible'],
  ],
  [
    'section that nobody uses',
    'volumes: { d: }\nnetworks: { n: }\nconfigs: { c: { content: x } }\n',
    ['5:12 warning no-effect', '6:13 warning no-effect', '7:12 warning no-effect'],
  ],
  ['config without content', 'configs: { c: {} }\n', ['5:12 error missing-key']],
  ['config with two contents', 'configs: { c: { file: ./x, content: x } }\n', ['5:12 error conflicting-keys']],
  ['obsolete version', 'version: "3.8"\n', ['5:1 warning no-effect']],
  ['another name', 'name: other\n', ['5:7 error stack-name-mismatch']],
  ['unsupported section', 'models: { m: { model: x } }\n', ['5:1 error unsupported-key']],
  ['unknown setting of ours', 'x-holdfast: { rolback: off }\n', ['5:15 error unknown-key']],
  ['extension fields are free', 'x-anything: { a: $(b) }\n', []],
])('%s', (_promise, text, problems) => {
  expect(brief(loadShop(web('', text)).problems)).toEqual(problems)
})

test('a message says what, where and what to do, with a did-you-mean', () => {
  expect(loadShop(web('enviroment: { A: b }')).problems).toEqual([
    {
      severity: 'error',
      code: 'unknown-key',
      message: '`enviroment` is not a key in services.web',
      hint: 'Did you mean `environment`?',
      file: 'stacks/shop/compose.yaml',
      line: 5,
      column: 5,
      excerpt: '    enviroment: { A: b }\n    ^',
    },
  ])
})

test('one refused value does not hide what else is wrong with the service', () => {
  expect(problemsOf('ports: ["1:2:3:4", "80"]\ndeploy: { replicas: many }\nnetworks: [nope]')).toEqual([
    '5:13 error wrong-value',
    '5:24 error port-without-host',
    '6:25 error wrong-type',
    '7:16 error unresolved-reference',
  ])
})

test('where there is no gateway, a container that publishes a port is the only one', () => {
  const options = { targets: { '': { traffic: 'off' as const } } }
  const lines = 'ports: ["80:80"]\nscale: 2\ndeploy: { update_config: { order: start-first } }'
  const { problems } = loadShop(web(lines), {}, [], options)
  expect(brief(problems)).toEqual(['5:13 error port-needs-one-replica', '7:39 error start-first-impossible'])
  expect(problems[0]?.hint).toBe('Use one replica, or set `traffic: on` in the settings.')
  expect(problemsOf(lines)).toEqual([])
})

test.each([
  ['networks: [n]', 'networks: { n: { external: true } }\n', true],
  ['networks: [n]', 'networks: { n: { ipam: { config: [{ subnet: 10.9.0.0/29 }] } } }\n', true],
  ['networks: [n]', 'networks: { n: { ipam: { config: [{ subnet: 10.9.0.0/28 }] } } }\n', false],
  ['networks: [n]', 'networks: { n: { ipam: { config: [{ subnet: 10.9.0.0/29, ip_range: 10.9.0.4/30 }] } } }\n', false],
  ['networks: { n: , default: }', 'networks: { n: { external: true } }\n', false],
])('replicas that publish a port need an address that they keep: %s %s', (lines, sections, isRefused) => {
  const port = isRefused ? ['6:13 error port-needs-one-replica'] : []
  expect(problemsOf(`${lines}\nports: ["80:80"]\nscale: 2`, sections)).toEqual(port)
  const route = isRefused ? ['6:28 error route-without-gateway'] : []
  expect(problemsOf(`${lines}\nx-holdfast: { routes: [{ host: a, port: 1 }] }`, sections)).toEqual(route)
})

test('a port that two stacks publish is a problem of both, unless the addresses differ', () => {
  const file = (port: string) => web(`ports: ["${port}"]`)
  const problems = (a: string, b: string) =>
    loadFiles({ 'stacks/a/compose.yaml': file(a), 'stacks/b/compose.yaml': file(b) }).stacks.map((stack) => [
      stack.stack === null,
      ...stack.problems.map(({ code, message }) => `${code}: ${message}`),
    ])
  expect(problems('8080:80', '127.0.0.1:8080:81')).toEqual([
    [true, 'port-conflict: Port 8080/tcp of the host is also published by `web` of stack `b`'],
    [true, 'port-conflict: Port 8080/tcp of the host is also published by `web` of stack `a`'],
  ])
  expect(problems('127.0.0.1:8080:80', '127.0.0.2:8080:80')).toEqual([[false], [false]])
  expect(problems('8080:80', '8080:80/udp')).toEqual([[false], [false]])
})

test('interpolated values are shown as written: they may be secrets', () => {
  const beside = { 'stacks/shop/.env': 'SECRET=hunter2' }
  const secret = '["${SECRET}"]'
  const lines = ['ports', 'environment', 'networks', 'depends_on', 'configs'].map((key) => `${key}: ${secret}`)
  const { problems } = loadShop(web([...lines, 'volumes: ["${SECRET}:/x"]', 'restart: ${SECRET}'].join('\n')), beside)
  expect(brief(problems)).toEqual([
    '5:13 error wrong-value',
    '6:19 error variable-missing',
    '7:16 error unresolved-reference',
    '8:18 error unresolved-reference',
    '9:15 error unresolved-reference',
    '10:15 error unresolved-reference',
    '11:14 error wrong-value',
  ])
  expect(JSON.stringify(problems)).not.toContain('hunter2')
})
