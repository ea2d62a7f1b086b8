import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_POLICY } from '../../src/manifests/policy/policy.ts'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/temporary.ts'

function settingsOf(text: string) {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const file = join(folder.path, 'holdfast.yaml')
  writeFileSync(file, text)
  return { file, read: () => readSettings({ settings: file }, {}) }
}

test('without a word of it, it is the default one', () => {
  const usual = { ...DEFAULT_POLICY, sockets: ['/var/run/docker.sock'] }
  expect(readSettings({}, {}).policy()).toEqual(usual)
  expect(settingsOf('data: x\n').read().policy()).toEqual(usual)
})

test('it is read from the file, lists as lists, with the sockets of the targets', () => {
  const text = `
policy:
  capabilities: [net_admin]
  hostPaths: [/srv/media/, "/etc/ssl:ro"]
  limits: { memory: 1g }
  stacks:
    monitoring: { dockerSocket: true }
targets:
  default: { engine: unix:///srv/engine.sock }
  edge: { engine: ssh://ops@edge/run/other.sock }
  far: { engine: tcp://far?tls=/certs }
`
  const policy = settingsOf(text).read().policy()
  const general = {
    capabilities: ['NET_ADMIN'],
    hostPaths: [
      { path: '/srv/media', readOnly: false },
      { path: '/etc/ssl', readOnly: true },
    ],
    limits: { memoryBytes: 2 ** 30 },
  }
  expect(policy.general).toEqual({ ...DEFAULT_POLICY.general, ...general })
  expect(policy.stacks).toEqual({ monitoring: { ...policy.general, dockerSocket: true } })
  expect(policy.sockets).toEqual(['/run/other.sock', '/srv/engine.sock'])
})

test('keys that are not known, and values of the wrong kind, are refused with their place', () => {
  const { file, read } = settingsOf('policy:\n  privileges: true\n  devices: /dev/kvm\n  stacks: { "a b": {} }\n')
  expect(read).toThrow(`${file}:2:3: error: \`privileges\` is not a key in policy`)
  expect(read).toThrow(`${file}:3:12: error: \`policy.devices\` must be a list`)
  expect(read).toThrow(/`a b` cannot be a name in policy\.stacks/)
})

test('everything that cannot be meant is said at once, each with its place', () => {
  const text = 'policy:\n  hostPaths: [/ok, srv]\n  stacks:\n    shop: { capabilities: [NET_ADMN] }\n'
  const { file, read } = settingsOf(text)
  const policy = read().policy
  expect(policy).toThrow(`${file}:2:20: \`srv\` is not an absolute path. Write`)
  expect(policy).toThrow(`${file}:4:28: \`NET_ADMN\` is not a capability. Did you mean \`NET_ADMIN\`?`)
})
