import { expect, test } from 'vitest'
import type { ContainerSpec } from '../../src/model/stack.ts'
import { problemsOf, webOf } from './builders.ts'

test.each<[lines: string, spec: Partial<ContainerSpec>]>([
  ['domainname: example.org', { domainname: 'example.org' }],
  ['group_add: [audio, 44]', { groupAdd: ['audio', '44'] }],
  [
    'dns: 192.0.2.53\ndns_search: [a.example, b.example]\ndns_opt: [use-vc]',
    { dns: ['192.0.2.53'], dnsSearch: ['a.example', 'b.example'], dnsOptions: ['use-vc'] },
  ],
  ['sysctls: { net.core.somaxconn: 1024 }', { sysctls: { 'net.core.somaxconn': '1024' } }],
  [
    'sysctls: ["net.ipv4.ip_local_port_range=1024 65000"]',
    { sysctls: { 'net.ipv4.ip_local_port_range': '1024 65000' } },
  ],
  [
    'ulimits: { nproc: 65535, nofile: { soft: 1000, hard: "2000" } }',
    { ulimits: { nproc: { soft: 65_535, hard: 65_535 }, nofile: { soft: 1000, hard: 2000 } } },
  ],
  ['shm_size: 256m', { shmBytes: 268_435_456 }],
  ['tty: true\nstdin_open: true', { tty: true, stdinOpen: true }],
  ['mem_reservation: 32m', { memoryReservationBytes: 33_554_432 }],
  ['deploy: { resources: { reservations: { memory: 32m } } }', { memoryReservationBytes: 33_554_432 }],
  ['mem_limit: 64m\nmemswap_limit: 1g', { memoryBytes: 67_108_864, memorySwapBytes: 1_073_741_824 }],
  ['memswap_limit: "-1"', { memorySwapBytes: -1 }],
  ['cpu_shares: 512\ncpuset: 0-1,3\noom_score_adj: -500', { cpuShares: 512, cpuset: '0-1,3', oomScoreAdj: -500 }],
  ['cpuset: 0', { cpuset: '0' }],
])('%s', (lines, spec) => {
  expect(webOf(lines).container).toMatchObject(spec)
})

test("what is the engine's default anyway leaves the spec, and so the containers, alone", () => {
  const lines = 'tty: false\nstdin_open: false\nshm_size: 0\nmemswap_limit: 0\ncpu_shares: 0\noom_score_adj: 0\ndns: []'
  expect(webOf(lines).container).toEqual(webOf('').container)
})

test.each<[lines: string, replicas: number]>([
  ['scale: 3', 3],
  ['scale: 2\ndeploy: { replicas: 2 }', 2],
  ['deploy: { mode: global }', 1],
])('%s means so many replicas', (lines, replicas) => {
  expect(webOf(lines)).toMatchObject({ kind: 'service', replicas })
})

test('a share of failures that is allowed reaches the model, and none is none', () => {
  const update = (ratio: string) => webOf(`deploy: { update_config: { max_failure_ratio: ${ratio} } }`).update
  expect(update('0.25')).toMatchObject({ maxFailureRatio: 0.25 })
  expect(update('0')).toEqual(webOf('').update)
})

test.each<[promise: string, lines: string, problems: string[]]>([
  ['scale against replicas', 'scale: 3\ndeploy: { replicas: 2 }', ['5:5 error conflicting-keys']],
  ['global with replicas', 'deploy: { mode: global, replicas: 2 }', ['5:39 error conflicting-keys']],
  ['a share above all', 'deploy: { update_config: { max_failure_ratio: 1.5 } }', ['5:51 error wrong-value']],
  ['swap without memory', 'memswap_limit: 1g', ['5:5 error missing-key']],
  ['swap below memory', 'mem_limit: 1g\nmemswap_limit: 64m', ['6:20 error conflicting-keys']],
  ['reservation above the limit', 'mem_limit: 64m\nmem_reservation: 1g', ['6:22 error conflicting-keys']],
  [
    'two reservations',
    'mem_reservation: 1g\ndeploy: { resources: { reservations: { memory: 2g } } }',
    ['5:5 error conflicting-keys'],
  ],
  ['reserved CPUs', 'deploy: { resources: { reservations: { cpus: "1" } } }', ['5:44 error unsupported-key']],
  ['name server by name', 'dns: ns.example.org', ['5:10 error wrong-value']],
  ['ulimit by half', 'ulimits: { nofile: { soft: 1 } }', ['5:16 error missing-key']],
  ['sysctl without value', 'sysctls: [net.core.somaxconn]', ['5:15 error wrong-value']],
  ['CPUs that are none', 'cpuset: all', ['5:13 error wrong-value']],
  ['score out of range', 'oom_score_adj: 2000', ['5:20 error wrong-value']],
  ['more rights', 'cap_add: [NET_ADMIN]', ['5:15 error policy-capability']],
])('%s', (_promise, lines, problems) => {
  expect(problemsOf(lines)).toEqual(problems)
})
