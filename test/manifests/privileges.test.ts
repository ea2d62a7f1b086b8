import { expect, test } from 'vitest'
import { policyOf } from '../../src/manifests/policy/read.ts'
import type { ContainerSpec } from '../../src/model/stack.ts'
import { brief, loadShop, problemsOf, web } from './builders.ts'

const { policy } = policyOf({
  privileged: true,
  hostNamespaces: ['network', 'pid', 'ipc', 'uts', 'user', 'cgroup'],
  capabilities: ['ALL'],
  devices: ['/dev'],
  hostPaths: ['/srv', '/run'],
  dockerSocket: true,
  securityOptions: ['apparmor=unconfined', 'seccomp=unconfined', 'label=type:a', 'label=level:s0:c1'],
})

/** The service `web` of a file whose privileges are all allowed. */
function service(lines: string) {
  const { stack, problems } = loadShop(web(lines), {}, [], { policy, targets: { '': { bindRoot: '/data' } } })
  const found = stack?.services['web']
  if (found === undefined) throw new Error(brief(problems).join('\n'))
  return found
}

test.each<[lines: string, spec: Partial<ContainerSpec>]>([
  ['privileged: true', { privileged: true }],
  ['cap_add: [cap_net_admin, NET_ADMIN, chown]', { capAdd: ['CHOWN', 'NET_ADMIN'] }],
  ['cap_add: [CAP_ALL]', { capAdd: ['ALL'] }],
  [
    'security_opt: ["seccomp:unconfined", "label=type:a", "label:level:s0:c1", no-new-privileges]',
    { securityOptions: ['label=level:s0:c1', 'label=type:a', 'no-new-privileges=true', 'seccomp=unconfined'] },
  ],
  ['devices: [/dev/x]', { devices: [{ source: '/dev/x', target: '/dev/x', permissions: 'rwm' }] }],
  ['devices: ["/dev/x:r"]', { devices: [{ source: '/dev/x', target: '/dev/x', permissions: 'r' }] }],
  ['devices: ["/dev//x:/dev/y"]', { devices: [{ source: '/dev/x', target: '/dev/y', permissions: 'rwm' }] }],
  [
    'devices: ["/dev/x:/dev/y:rw", { source: /dev/z, target: /z, permissions: m }]',
    {
      devices: [
        { source: '/dev/x', target: '/dev/y', permissions: 'rw' },
        { source: '/dev/z', target: '/z', permissions: 'm' },
      ],
    },
  ],
  [
    'pid: host\nipc: host\nuts: host\nuserns_mode: host\ncgroup: host',
    { pidMode: 'host', ipcMode: 'host', utsMode: 'host', usernsMode: 'host', cgroupMode: 'host' },
  ],
  ['ipc: shareable\ncgroup: private', { ipcMode: 'shareable', cgroupMode: 'private' }],
  ['network_mode: host', { networkMode: 'host', networks: [] }],
  ['volumes: ["/srv//x/:/x"]', { mounts: [{ kind: 'bind', source: '/srv/x', target: '/x', readOnly: false }] }],
])('%s', (lines, spec) => {
  expect(service(lines).container).toMatchObject(spec)
})

test('what is not asked for is not in the release, whose hash would change', () => {
  const asked = Object.keys(service('privileged: false\ncap_add: []\ndevices: []\nsecurity_opt: []').container)
  expect(asked).toEqual(Object.keys(service('').container))
})

test.each<[lines: string, because: string | undefined]>([
  ['network_mode: host', 'uses the network of the host'],
  ['devices: [/dev/x]', 'uses the device /dev/x'],
  ['volumes: ["/srv/x:/x"]', 'writes to /srv/x'],
  ['volumes: ["/srv/x:/x:ro"]', undefined],
  ['volumes: ["/run/docker.sock:/s"]', undefined],
  ['privileged: true\npid: host', undefined],
])('old and new with %s: %s', (lines, because) => {
  expect(service(lines).update.because).toBe(because)
})

test.each<[lines: string, problems: string[]]>([
  ['cap_add: [NET_ADMN]', ['5:15 error wrong-value']],
  ['devices: ["dev/x"]', ['5:15 error wrong-value']],
  ['devices: ["/dev/x:/dev/y:rwx"]', ['5:15 error wrong-value']],
  ['devices: ["/dev/x:/dev/y:rw:z"]', ['5:15 error wrong-value']],
  ['security_opt: [apparmor]', ['5:20 error wrong-value']],
  ['security_opt: ["no-new-privileges:maybe"]', ['5:20 error wrong-value']],
  ['pid: "service:db"', ['5:10 error unsupported-value']],
  ['ipc: secret', ['5:10 error wrong-value']],
  ['network_mode: host\nports: ["80:80"]', ['5:19 error policy-host-namespace', '6:5 error conflicting-keys']],
  ['uts: host\nhostname: x', ['5:10 error policy-host-namespace', '6:5 error conflicting-keys']],
])('%s cannot be', (lines, problems) => {
  expect(problemsOf(lines)).toEqual(problems)
})

test('a probe needs an address of its own', () => {
  const probed = (mode: string) => {
    const text = `services:\n  web: { image: "web:1", network_mode: "${mode}", x-holdfast: { probe: { tcp: { port: 1 } } } }\n`
    return brief(loadShop(`${text}  db: { image: "db:1", healthcheck: { test: x } }\n`, {}, [], { policy }).problems)
  }
  for (const mode of ['none', 'host', 'service:db']) {
    expect(probed(mode)).toEqual([expect.stringMatching(/^2:\d+ error conflicting-keys$/)])
  }
})
