import { expect, test } from 'vitest'
import { brief, loadShop, problemsOf, shopOf, web, webOf } from './builders.ts'

test.each<[promise: string, lines: string, meant: object]>([
  ['a hook runs always', 'x-holdfast: { hook: pre-deploy }', { hook: 'pre-deploy', always: true }],
  ['unless it says otherwise', 'x-holdfast: { hook: post-deploy, run: changed }', { hook: 'post-deploy' }],
  ['a job runs when it changed', 'deploy: { mode: replicated-job }', {}],
  ['unless it says otherwise', 'deploy: { mode: global-job }\nx-holdfast: { run: always }', { always: true }],
])('%s: %s', (_promise, lines, meant) => {
  const { kind, hook, always, restart } = webOf(lines)
  expect({ kind, restart, hook, always }).toEqual({ kind: 'job', restart: 'no', ...meant })
})

test('a service that is awaited is a job, and may run always', () => {
  const other =
    '  a: { image: "a:1", healthcheck: { disable: true }, depends_on: { web: { condition: service_completed_successfully, required: true } } }\n'
  const { web: job } = shopOf(web('x-holdfast: { run: always }', other)).services
  expect(job).toMatchObject({ kind: 'job', always: true })
})

/** `web` as a hook or a service (line 5), and further services from line 6 on. */
test.each<[promise: string, lines: string, others: string, problems: string[]]>([
  ['run without a job', 'x-holdfast: { run: always }', '', ['5:19 error conflicting-keys']],
  ['hook that is none', 'x-holdfast: { hook: deploy }', '', ['5:25 error wrong-value']],
  ['hook with replicas', 'x-holdfast: { hook: pre-deploy }\nscale: 2', '', ['6:12 error job-replicas']],
  ['hook with a port', 'x-holdfast: { hook: pre-deploy }\nports: ["80:80"]', '', ['6:13 error job-ports']],
  [
    'job with a probe',
    'deploy: { mode: replicated-job }',
    '  a: { image: "a:1", x-holdfast: { hook: pre-deploy, probe: { tcp: { port: 1 } } } }\n',
    ['6:54 error job-probe'],
  ],
  [
    'waiting for a post-deploy hook',
    'x-holdfast: { hook: post-deploy }',
    '  a: { image: "a:1", healthcheck: { disable: true }, depends_on: [web] }\n',
    ['6:67 error dependency-impossible'],
  ],
  [
    'pre-deploy hook that waits for a service',
    'x-holdfast: { hook: pre-deploy }\ndepends_on: [a]',
    '  a: { image: "a:1", healthcheck: { disable: true } }\n',
    ['6:18 error dependency-impossible'],
  ],
  [
    'pre-deploy hook that waits for another',
    'x-holdfast: { hook: pre-deploy }\ndepends_on: { a: { condition: service_completed_successfully } }',
    '  a: { image: "a:1", x-holdfast: { hook: pre-deploy } }\n',
    [],
  ],
  [
    'post-deploy hook that waits for a service',
    'x-holdfast: { hook: post-deploy }\ndepends_on: [a]',
    '  a: { image: "a:1", healthcheck: { disable: true } }\n',
    [],
  ],
  [
    'a dependency that is not required',
    'depends_on: { a: { condition: service_started, required: false } }',
    '  a: { image: "a:1", healthcheck: { disable: true } }\n',
    ['5:62 error unsupported-value'],
  ],
  ['restart no', 'restart: "no"', '', ['5:5 warning maybe-a-job']],
  ['condition none', 'deploy: { restart_policy: { condition: none } }', '', ['5:15 warning maybe-a-job']],
  ['restart no with a port', 'restart: "no"\nports: ["80:80"]', '', []],
  ['restart no of a job', 'restart: "no"\ndeploy: { mode: replicated-job }', '', []],
  [
    'restart no of a service that another one needs',
    'restart: "no"',
    '  a: { image: "a:1", healthcheck: { disable: true }, depends_on: [web] }\n',
    [],
  ],
])('%s', (_promise, lines, others, problems) => {
  expect(problemsOf(lines, others)).toEqual(problems)
})

test('a refused hook makes no further complaints about a service that was meant to be a job', () => {
  const text = 'services:\n  web: { image: "web:1", x-holdfast: { hook: never, run: always } }\n'
  expect(brief(loadShop(text).problems)).toEqual(['2:46 error wrong-value'])
})
