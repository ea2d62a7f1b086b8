import { expect, test } from 'vitest'
import { meaningOf } from '../../src/manifests/options.ts'
import { policyOf } from '../../src/manifests/policy/read.ts'
import type { PolicyFile } from '../../src/manifests/policy/schema.generated.ts'
import { brief, bytes, type Files, load, loadShop, SECRETS, web } from './builders.ts'

const DIGEST = `sha256:${'0d'.repeat(32)}`

/** The problems of the service `web` (its added lines start at line 5) under a policy; the defaults without one. */
function judge(lines: string, file?: PolicyFile, sections = '', beside: Files = {}) {
  const targets = { '': { bindRoot: '/srv/stacks' } }
  const policy = file === undefined ? {} : { policy: allowing(file) }
  return loadShop(web(lines, sections), beside, [], { targets, ...policy })
}

function allowing(file: PolicyFile) {
  const { policy, faults } = policyOf(file)
  expect(faults).toEqual([])
  return policy
}

/** The codes that were found, without warnings. */
function errorsOf(text: string, file?: PolicyFile, sections = ''): string[] {
  const { problems } = judge(text, file, sections)
  return problems.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

test.each<[lines: string, problems: string[], allowed: PolicyFile]>([
  ['privileged: true', ['5:5 error policy-privileged'], { privileged: true }],
  ['privileged: "yes"', ['5:5 error policy-privileged'], { privileged: true }],
  ['network_mode: host', ['5:19 error policy-host-namespace'], { hostNamespaces: ['network'] }],
  ['pid: host', ['5:10 error policy-host-namespace'], { hostNamespaces: ['pid'] }],
  ['ipc: host', ['5:10 error policy-host-namespace'], { hostNamespaces: ['ipc'] }],
  ['uts: host', ['5:10 error policy-host-namespace'], { hostNamespaces: ['uts'] }],
  ['userns_mode: host', ['5:18 error policy-host-namespace'], { hostNamespaces: ['user'] }],
  ['cgroup: host', ['5:13 error policy-host-namespace'], { hostNamespaces: ['cgroup'] }],
  ['cap_add: [CHOWN, NET_ADMIN]', ['5:22 error policy-capability'], { capabilities: ['NET_ADMIN'] }],
  ['cap_add: [cap_sys_admin]', ['5:15 error policy-capability'], { capabilities: ['CAP_SYS_ADMIN'] }],
  ['cap_add: [sys_time]', ['5:15 error policy-capability'], { capabilities: ['all'] }],
  ['cap_add: [All]', ['5:15 error policy-capability'], { capabilities: ['ALL'] }],
  [
    'security_opt: ["apparmor:unconfined"]',
    ['5:20 error policy-security-option'],
    { securityOptions: ['apparmor=unconfined'] },
  ],
  [
    'security_opt: ["seccomp=unconfined"]',
    ['5:20 error policy-security-option'],
    { securityOptions: ['seccomp:unconfined'] },
  ],
  ['security_opt: ["label:disable"]', ['5:20 error policy-security-option'], { securityOptions: ['label=disable'] }],
  [
    'security_opt: ["label=type:spc_t"]',
    ['5:20 error policy-security-option'],
    { securityOptions: ['label=type:spc_t'] },
  ],
  [
    'security_opt: ["no-new-privileges:false"]',
    ['5:20 error policy-security-option'],
    { securityOptions: ['no-new-privileges=false'] },
  ],
  ['sysctls: { vm.max_map_count: 262144 }', ['5:16 error policy-sysctl'], { sysctls: ['vm.*'] }],
  ['sysctls: ["net.core.somaxconn=1", "kernel.panic=1"]', ['5:39 error policy-sysctl'], { sysctls: ['kernel.panic'] }],
  ['devices: ["/dev/kvm"]', ['5:15 error policy-device'], { devices: ['/dev/kvm'] }],
  ['devices: ["/dev/ttyUSB0:/dev/modem:rw"]', ['5:15 error policy-device'], { devices: ['/dev/ttyUSB*'] }],
  ['devices: [{ source: /dev/snd/seq }]', ['5:25 error policy-device'], { devices: ['/dev/snd/'] }],
  ['volumes: ["/etc/passwd:/x:ro"]', ['5:15 error policy-host-path'], { hostPaths: ['/etc'] }],
  ['volumes: ["/etc/:/x:ro"]', ['5:15 error policy-host-path'], { hostPaths: ['/etc/:ro'] }],
  [
    'volumes: [{ type: bind, source: /srv/media, target: /x }]',
    ['5:37 error policy-host-path'],
    { hostPaths: ['/srv/media'] },
  ],
  [
    'volumes: ["/:/x:ro"]',
    ['5:15 error policy-docker-socket', '5:15 error policy-host-path'],
    { hostPaths: ['/:ro'], dockerSocket: true },
  ],
  ['volumes: ["/var/run/docker.sock:/x:ro"]', ['5:15 error policy-docker-socket'], { dockerSocket: true }],
  ['volumes: ["/run/docker.sock:/x"]', ['5:15 error policy-docker-socket'], { dockerSocket: true }],
])('%s must be allowed', (lines, problems, allowed) => {
  expect(brief(judge(lines).problems)).toEqual(problems)
  expect(brief(judge(lines, {}).problems)).toEqual(problems)
  expect(brief(judge(lines, allowed).problems)).toEqual([])
  // An exception is for the stack that it names, and takes the place of what is said in general.
  expect(brief(judge(lines, { stacks: { shop: allowed } }).problems)).toEqual([])
  expect(brief(judge(lines, { stacks: { other: allowed } }).problems)).toEqual(problems)
})

test.each([
  'privileged: false',
  'cap_drop: [ALL]\ncap_add: [chown, CAP_NET_BIND_SERVICE, NET_RAW]',
  'security_opt: ["no-new-privileges:true"]',
  'security_opt: [no-new-privileges, "apparmor=docker-default"]',
  'ipc: private\ncgroup: private',
  'sysctls: { net.ipv4.ip_unprivileged_port_start: 0, fs.mqueue.msg_max: 20, kernel.shmmax: 1 }',
  'volumes: ["./data:/data", "/srv/stacks/shop/more:/more", { type: tmpfs, target: /t }]\ntmpfs: [/run]',
  'user: root',
])('%s needs no permission', (lines) => {
  expect(brief(judge(lines).problems)).toEqual([])
})

test.each<[what: string, lines: string, codes: string[], sections?: string]>([
  ['a folder that holds the socket', 'volumes: ["/run:/x"]', ['policy-docker-socket']],
  ['a folder above that', 'volumes: ["/var/:/x"]', ['policy-docker-socket']],
  ['the socket of a user', 'volumes: ["/run/user/1000:/x"]', ['policy-docker-socket']],
  ['the socket under another name', 'volumes: ["/var/lib/x/../../run/./docker.sock:/x"]', ['policy-docker-socket']],
  ['the socket of what runs containers', 'volumes: ["/run/containerd/containerd.sock:/x"]', ['policy-docker-socket']],
  ['the root folder', 'volumes: ["/:/x:ro"]', ['policy-docker-socket', 'policy-host-path']],
  ['the root folder, hidden', 'volumes: ["/srv/../../:/x:ro"]', ['policy-docker-socket', 'policy-host-path']],
  ['a way out', 'volumes: ["/var/../etc:/x"]', ['policy-host-path']],
  ['a folder that begins alike', 'volumes: ["/srv2:/x"]', ['policy-host-path']],
  ['writing what may be read', 'volumes: ["/opt/x:/x"]', ['policy-host-path']],
  [
    'the network of the host by name',
    'networks: [h]',
    ['policy-host-namespace'],
    'networks: { h: { external: true, name: host } }\n',
  ],
  [
    'the network of the host by key',
    'networks: [host]',
    ['policy-host-namespace'],
    'networks: { host: { external: true } }\n',
  ],
  [
    'the network of the host as its own',
    'networks: [h]',
    ['policy-host-namespace'],
    'networks: { h: { name: host } }\n',
  ],
  [
    'the network of who has that of the host',
    'network_mode: "service:db"',
    ['network-mode-impossible', 'policy-host-namespace'],
    '  db: { image: "db:1", network_mode: host }\n',
  ],
  [
    'a volume that is a path of the host',
    'volumes: ["v:/x"]',
    ['unsupported-key'],
    'volumes: { v: { driver_opts: { type: none, o: bind, device: / } } }\n',
  ],
  ['rules of devices', 'device_cgroup_rules: ["a *:* rwm"]', ['unsupported-key']],
  ['graphics cards', 'gpus: all', ['unsupported-key']],
  ['the socket by its key', 'use_api_socket: true', ['unsupported-key']],
  ['processes of another service', 'pid: "service:db"', ['unsupported-value']],
  ['memory of another container', 'ipc: "container:db"', ['unsupported-value']],
  ['another runtime', 'runtime: sysbox-runc', ['unsupported-key']],
  ['mounts of another container', 'volumes_from: ["container:db"]', ['unsupported-key']],
  ['a profile from a file', 'security_opt: ["seccomp=./open.json"]', ['wrong-value']],
  ['paths that are not masked', 'security_opt: ["systempaths=unconfined"]', ['wrong-value']],
  ['an old word', 'security_opt: [disable]', ['wrong-value']],
  ['a capability that there is not', 'cap_add: [SYS_ADMN]', ['wrong-value']],
  ['a device by another name', 'devices: ["vendor.com/class=x"]', ['wrong-value']],
  ['a path as the name of a parameter', 'sysctls: { net/../vm/panic: 1 }', ['policy-sysctl']],
  ['an env file of the host', 'env_file: /etc/environment', ['path-outside']],
  ['a secret of the host', 'secrets: [s]', ['path-outside'], 'secrets: { s: { file: /etc/shadow } }\n'],
  ['a config of the host', 'configs: [c]', ['path-outside'], 'configs: { c: { file: /etc/shadow } }\n'],
])('no way around: %s', (_, lines, codes, sections) => {
  const hostPaths = ['/run', '/var', '/srv', '/run/user', '/opt:ro', '/dev']
  expect(errorsOf(lines, { hostPaths }, sections)).toEqual(codes)
})

test('what comes out of a variable, an anchor or a merge is judged like all else', () => {
  const sections = 'x-holdfast: { env: { PATH: /etc, CAP: SYS_ADMIN, YES: "true" } }\n'
  const lines = 'privileged: ${YES}\ncap_add: ["${CAP}"]\nvolumes: ["${PATH}:/x", "${OTHER:-/root}:/y"]'
  expect(brief(judge(lines, {}, sections).problems)).toEqual([
    '5:5 error policy-privileged',
    '6:15 error policy-capability',
    '7:15 error policy-host-path',
    '7:29 error policy-host-path',
  ])
  const text = 'x-all: &all { privileged: true }\nservices:\n  web:\n    <<: *all\n    image: web:1\n'
  expect(brief(loadShop(text).problems)).toContain('1:15 error policy-privileged')
})

test('everything is said at once, with the setting, and other stacks go on', () => {
  const bad = web('privileged: true\npid: host\nvolumes: ["/var/run/docker.sock:/s"]')
  const files = { 'stacks/shop/compose.yaml': bad, 'stacks/site/compose.yaml': web('') }
  const have = new Map(Object.entries(files).map(([path, text]) => [path, bytes(text)] as const))
  const listing = Object.keys(files).map((path) => ({ path, kind: 'file' as const }))
  const { stacks } = load(listing, have, new Map(), { secrets: SECRETS })
  const [shop, site] = stacks
  expect(site).toMatchObject({ name: 'site', problems: [], stack: { name: 'site' } })
  expect(shop?.stack).toBeNull()
  expect(shop?.problems.map(({ message }) => message)).toEqual([
    '`web` asks for all rights on the host',
    '`web` asks for the processes of the host',
    '`web` mounts the Docker socket; whoever has it is root on the host, also when it is read-only',
  ])
  expect(shop?.problems[0]?.hint).toBe(
    "Remove `privileged`, and name what it needs: `cap_add`, `devices`. Only Holdfast's settings can allow it: `policy.privileged`, or `policy.stacks.shop.privileged` for this stack.",
  )
})

test('the socket of an engine that lies elsewhere is known from its endpoint', () => {
  const { policy } = policyOf({ hostPaths: ['/srv'] }, ['/srv//engine/api'])
  const codes = (volume: string) => {
    return loadShop(web(`volumes: ["${volume}:/x"]`), {}, [], { policy }).problems.map(({ code }) => code)
  }
  expect(codes('/srv/engine/api')).toEqual(['policy-docker-socket'])
  expect(codes('/srv/engine')).toEqual(['policy-docker-socket'])
  expect(codes('/srv/other')).toEqual([])
})

test.each<[image: string, registries: string[], isAllowed: boolean]>([
  ['nginx', ['docker.io'], true],
  ['nginx:1', ['docker.io/library'], true],
  ['library/nginx', ['index.docker.io/library/'], true],
  ['docker.io/nginx', ['docker.io/library/nginx'], true],
  ['index.docker.io/library/nginx:1', ['docker.io/library'], true],
  ['acme/app', ['docker.io/library'], false],
  ['nginx', ['ghcr.io'], false],
  ['ghcr.io/acme/app:1', ['ghcr.io/acme'], true],
  ['GHCR.io/acme/app:1', ['Ghcr.IO/acme'], true],
  ['ghcr.io/acme/deep/app:1', ['ghcr.io/acme'], true],
  ['ghcr.io/acme-evil/app:1', ['ghcr.io/acme'], false],
  ['ghcr.io/acme/../evil/app', ['ghcr.io/acme'], false],
  ['ghcr.io.evil.com/acme/app', ['ghcr.io'], false],
  ['evil.com/ghcr.io/acme/app', ['ghcr.io'], false],
  ['ghcr.io:5000/acme/app', ['ghcr.io'], false],
  ['localhost:5000/app:1', ['localhost:5000'], true],
  ['localhost/app:1', ['localhost'], true],
  ['10.0.0.1:5000/app', ['10.0.0.1:5000'], true],
  [`ghcr.io/acme/app:1@${DIGEST}`, ['ghcr.io'], true],
  [`ghcr.io/acme/app@${DIGEST}`, ['ghcr.io'], true],
  [DIGEST, ['docker.io'], false],
  ['0d'.repeat(32), ['docker.io'], false],
  ['nginx', [], false],
])('%s from %s: %s', (image, registries, isAllowed) => {
  const { problems } = loadShop(web('').replace('web:1', JSON.stringify(image)), {}, [], {
    policy: allowing({ registries }),
  })
  const errors = brief(problems).filter((line) => line.includes('error'))
  expect(errors).toEqual(isAllowed ? [] : ['3:12 error policy-registry'])
})

test.each<[image: string, has: boolean]>([
  [`web:1@${DIGEST}`, true],
  [`ghcr.io/web@${DIGEST}`, true],
  ['web:1', false],
  [DIGEST, false],
  ['web@sha256:0d', false],
])('%s has a digest: %s', (image, has) => {
  const policy = allowing({ digestsRequired: true })
  const { problems } = loadShop(web('').replace('web:1', JSON.stringify(image)), {}, [], { policy })
  expect(brief(problems).filter((line) => line.includes('error'))).toEqual(has ? [] : ['3:12 error policy-digest'])
})

test.each<[user: string, problems: string[]]>([
  ['', ['2:3 error policy-root']],
  ['user: "1000"', []],
  ['user: 1000:0', []],
  ['user: 0', ['5:11 error policy-root']],
  ['user: "00:1000"', ['5:11 error policy-root']],
  ['user: "+0"', ['5:11 error policy-root']],
  ['user: ":1000"', ['5:11 error policy-root']],
  ['user: root', ['5:11 error policy-root']],
  ['user: nobody', ['5:11 error policy-root']],
  ['user: "1000x"', ['5:11 error policy-root']],
])('nobody is root with %j', (user, problems) => {
  expect(brief(judge(user, { nonRootRequired: true }).problems)).toEqual(problems)
})

test('a root file system that cannot be written', () => {
  const said = (lines: string) => brief(judge(lines, { readOnlyRequired: true }).problems)
  expect(said('read_only: true')).toEqual([])
  expect(said('read_only: false')).toEqual(['5:5 error policy-read-only'])
  expect(said('')).toEqual(['2:3 error policy-read-only'])
})

test.each<[lines: string, limits: PolicyFile, problems: string[]]>([
  ['mem_limit: 512m', { limits: { memory: '512m' } }, []],
  ['mem_limit: 513m', { limits: { memory: '512m' } }, ['5:16 error policy-limit']],
  ['mem_limit: 0', { limits: { memory: '512m' } }, ['5:16 error policy-limit']],
  ['', { limits: { memory: '512m' } }, ['2:3 error policy-limit']],
  [
    'deploy: { resources: { limits: { memory: 2g, cpus: 2 } } }',
    { limits: { memory: '1g', cpus: 2 } },
    ['5:46 error policy-limit'],
  ],
  ['cpus: 0.5', { limits: { cpus: 0.5 } }, []],
  ['cpus: 1.5', { limits: { cpus: 1 } }, ['5:11 error policy-limit']],
  ['cpus: 0.0000000001', { limits: { cpus: 1 } }, ['5:11 error policy-limit']],
  ['pids_limit: -1', { limits: { pids: 100 } }, ['5:17 error policy-limit']],
  ['pids_limit: 100', { limits: { pids: 100 } }, []],
  [
    '',
    { limitsRequired: ['memory', 'cpus', 'pids'] },
    ['2:3 error policy-limit', '2:3 error policy-limit', '2:3 error policy-limit'],
  ],
  ['mem_limit: 1t\ncpus: 64\npids_limit: 9999', { limitsRequired: ['memory', 'cpus', 'pids'] }, []],
  ['deploy: { replicas: 4 }', { limits: { replicasPerService: 3 } }, ['5:25 error policy-limit']],
  ['scale: 4', { limits: { replicasPerService: 3 } }, ['5:12 error policy-limit']],
  ['scale: 3', { limits: { replicasPerService: 3, replicasPerStack: 3 } }, []],
])('%j within %j', (lines, limits, problems) => {
  expect(brief(judge(lines, limits).problems)).toEqual(problems)
})

test('the replicas of a stack are counted together', () => {
  const other = '  other: { image: "o:1", healthcheck: { test: "true" }, scale: 2 }\n'
  const limits = { replicasPerStack: 3 }
  expect(brief(judge('scale: 2', { limits }, other).problems)).toEqual(['1:1 error policy-limit'])
  expect(judge('scale: 1', { limits }, other).problems).toEqual([])
})

test.each<[policy: PolicyFile, problems: string[]]>([
  [{}, []],
  [{ externalVolumes: 'deny' }, ['6:12 error policy-external']],
  [{ externalNetworks: 'deny' }, ['7:13 error policy-external']],
  [{ externalVolumes: ['other_data'], externalNetworks: ['prox*'] }, []],
  [{ externalVolumes: ['other'], externalNetworks: ['proxy*'] }, ['6:12 error policy-external']],
])('volumes and networks of others: %j', (policy, problems) => {
  const sections =
    'volumes: { v: { external: true, name: other_data }, own: }\nnetworks: { proxy: { external: true }, default: }\n'
  const lines = 'volumes: ["v:/v", "own:/o"]\nnetworks: [proxy, default]'
  // The sections begin in line 7.
  const { problems: found } = judge(lines, policy, sections)
  expect(brief(found)).toEqual(problems.map((line) => line.replace(/^\d+/, (n) => String(Number(n) + 1))))
})

test.each<[plainSecrets: NonNullable<PolicyFile['plainSecrets']>, problems: string[]]>([
  ['allow', []],
  ['warn', ['6:12 warning secret-in-plain-text']],
  ['deny', ['6:12 error policy-plain-secret']],
])('a readable secret: %s', (plainSecrets, problems) => {
  const beside = { 'stacks/shop/s': 'x' }
  const { problems: found } = judge('secrets: [s]', { plainSecrets }, 'secrets: { s: { file: ./s } }\n', beside)
  expect(brief(found)).toEqual(problems)
})

test('of the exceptions that fit only the one that says most counts, and it keeps what it does not name', () => {
  const policy: PolicyFile = {
    privileged: true,
    dockerSocket: true,
    stacks: { '*': { privileged: false, hostNamespaces: ['pid'] }, 'sh*': { hostNamespaces: ['ipc'] }, 'shop*': {} },
  }
  expect(errorsOf('privileged: true\npid: host', policy)).toEqual(['policy-host-namespace'])
  const exact = { ...policy, stacks: { ...policy.stacks, shop: { dockerSocket: false } } }
  const lines = 'privileged: true\nvolumes: ["/run/docker.sock:/x"]'
  expect(errorsOf(lines, exact)).toEqual(['policy-docker-socket'])
  expect(errorsOf('privileged: true', { ...policy, stacks: { '*': { privileged: false } } })).toEqual([
    'policy-privileged',
  ])
})

test.each<[file: PolicyFile, path: string, hint: RegExp]>([
  [{ hostPaths: ['srv'] }, 'hostPaths.0', /\/srv\/media/],
  [{ hostPaths: ['/ok', '/srv/../etc'] }, 'hostPaths.1', /No `\.\.`/],
  [{ hostPaths: ['/srv/*'] }, 'hostPaths.0', /no `\*`/],
  [{ hostPaths: ['~/x'] }, 'hostPaths.0', /\/srv\/media/],
  [{ hostPaths: [''] }, 'hostPaths.0', /\/srv\/media/],
  [{ devices: ['ttyUSB*'] }, 'devices.0', /\/dev\/ttyUSB\*/],
  [{ devices: ['*'] }, 'devices.0', /beginning of paths/],
  [{ devices: ['/dev/a:/dev/b'] }, 'devices.0', /no `:`/],
  [{ capabilities: ['NET_ADMINS'] }, 'capabilities.0', /Did you mean `NET_ADMIN`/],
  [{ capabilities: ['everything'] }, 'capabilities.0', /ALL/],
  [{ securityOptions: ['unconfined'] }, 'securityOptions.0', /apparmor=/],
  [{ sysctls: ['vm/max'] }, 'sysctls.0', /vm\.max_map_count/],
  [{ registries: ['acme'] }, 'registries.0', /docker\.io/],
  [{ registries: ['https://ghcr.io'] }, 'registries.0', /No tag/],
  [{ registries: ['ghcr.io/acme/app:1'] }, 'registries.0', /No tag/],
  [{ registries: ['*'] }, 'registries.0', /No tag/],
  [{ externalVolumes: ['/data'] }, 'externalVolumes.0', /name on the engine/],
  [{ stacks: { shop: { hostPaths: ['x'] } } }, 'stacks.shop.hostPaths.0', /\/srv\/media/],
])('%j cannot be meant', (file, path, hint) => {
  const { faults } = policyOf(file)
  expect(faults.map((fault) => fault.path.join('.'))).toEqual([path])
  expect(faults[0]?.message).toMatch(/^`/)
  expect(faults[0]?.hint).toMatch(hint)
})

test('with another policy a commit is looked at again; with the same it is not, however written', () => {
  const meaning = (file?: PolicyFile) => meaningOf(file === undefined ? {} : { policy: allowing(file) })
  expect(meaning({})).toBe(meaning())
  expect(meaning({ hostPaths: ['/srv/'] })).toBe(meaning({ hostPaths: ['/srv'] }))
  expect(meaning({ privileged: true })).not.toBe(meaning())
  expect(meaning({ stacks: { shop: { privileged: true } } })).not.toBe(meaning())
})
