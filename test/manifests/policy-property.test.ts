import { posix } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { registryOf } from '../../src/engine/docker/credentials/registry.ts'
import { policyOf } from '../../src/manifests/policy/read.ts'
import type { PolicyFile } from '../../src/manifests/policy/schema.generated.ts'
import type { ContainerSpec, Stack } from '../../src/model/stack.ts'
import { loadShop } from './builders.ts'

const RUNS = Number(process.env.HOLDFAST_PROPERTY_RUNS ?? 1_000)
const OWN = '/srv/stacks/shop'

/** What comes of a service with these keys; null when it is refused. */
function stackOf(text: string, file: PolicyFile = {}): Stack | null {
  const { policy } = policyOf(file)
  return loadShop(text, {}, [], { targets: { '': { bindRoot: '/srv/stacks' } }, policy }).stack
}

/** Each letter in either case. */
const inAnyCase = (word: string) =>
  fc.array(fc.boolean(), { minLength: word.length, maxLength: word.length }).map((uppers) => {
    return [...word].map((letter, at) => (uppers[at] ? letter.toUpperCase() : letter.toLowerCase())).join('')
  })

/** Other ways to write an absolute path. */
const spelled = (path: string) =>
  fc
    .array(fc.constantFrom('', '/.', '/', '/x/..', '/../..', '/y/./..'), { minLength: 4, maxLength: 4 })
    .map((noise) => {
      const parts = path.split('/').filter(Boolean)
      const [root = '', ...within] = noise
      const inner = parts.map((part, at) => `/${part}${(within[at] ?? '').replace('/../..', '/z/..')}`).join('')
      return `${root}${inner || '/'}`
    })

/** A text as YAML: plain, quoted, or out of a variable, whole or in part. */
const written = (text: string) =>
  fc.tuple(fc.nat(4), fc.nat(text.length)).map(([how, at]) => {
    if (how === 0) return JSON.stringify(text)
    if (how === 1) return `'${text}'`
    if (how === 2) return JSON.stringify(`\${UNSET:-${text}}`)
    if (how === 3) return JSON.stringify(`${text.slice(0, at)}\${EMPTY}${text.slice(at)}`)
    return JSON.stringify(`${text.slice(0, at)}\${SET:+${text.slice(at)}}`)
  })

const yaml = (word: fc.Arbitrary<string>) => word.chain(written)
const list = (key: string, entry: fc.Arbitrary<string>) =>
  fc.tuple(entry, fc.boolean()).map(([text, isFlow]) => (isFlow ? `${key}: [${text}]` : `${key}:\n  - ${text}`))

const capability = fc
  .constantFrom('ALL', 'SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'SYS_MODULE', 'DAC_READ_SEARCH')
  .chain((name) => fc.tuple(fc.constantFrom('', 'CAP_'), fc.constant(name)))
  .chain(([prefix, name]) => inAnyCase(`${prefix}${name}`))
const hostPath = fc
  .constantFrom(
    '/',
    '/etc',
    '/root/.ssh',
    '/var/run/docker.sock',
    '/run',
    '/srv/stacks',
    '/srv/stacks/other',
    `${OWN}2`,
  )
  .chain(spelled)
const device = fc.constantFrom('/dev/sda', '/dev/mem', '/dev').chain(spelled)
const option = fc
  .tuple(
    fc.constantFrom('apparmor', 'seccomp', 'label', 'systempaths'),
    fc.constantFrom('=', ':'),
    fc.constantFrom('unconfined', 'disable'),
  )
  .map((parts) => parts.join(''))

const bind = hostPath.chain((path) =>
  fc.oneof(
    fc.constantFrom(':/x', ':/x:ro', ':/x:rw').chain((rest) => written(`${path}${rest}`)),
    fc.tuple(written(path), fc.boolean()).map(([source, readOnly]) => {
      return `{ type: bind, source: ${source}, target: /x, read_only: ${readOnly} }`
    }),
  ),
)
const deviceEntry = device.chain((path) =>
  fc.oneof(
    fc.constantFrom('', ':/dev/x', ':rw', ':/dev/x:r').chain((rest) => written(`${path}${rest}`)),
    written(path).map((source) => `{ source: ${source}, permissions: r }`),
  ),
)

/** Keys of a service, each of which asks for what the default policy refuses. */
const denied = fc.oneof(
  yaml(fc.constantFrom('true', 'True', 'TRUE', 'yes', 'on', 'y', '1')).map((text) => `privileged: ${text}`),
  fc.constantFrom('privileged: true', 'privileged: True'),
  fc.constantFrom('network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup').chain((key) => {
    return yaml(fc.constant('host')).map((text) => `${key}: ${text}`)
  }),
  list('cap_add', yaml(capability)),
  list('security_opt', yaml(option)),
  list('devices', deviceEntry),
  list('volumes', bind),
  yaml(fc.constantFrom('kernel.panic', 'vm.overcommit_memory', 'net/../kernel/panic', 'kernel/panic')).map((name) => {
    return `sysctls: [${name.replace(/(["'])$/, '=1$1')}]`
  }),
)

/** The same in its service, or merged into it from elsewhere in the file. */
const file = fc.tuple(denied, fc.boolean()).map(([keys, isMerged]) => {
  const variables = 'x-holdfast: { env: { EMPTY: "", SET: "1" } }\n'
  const lines = (indent: string) => keys.replace(/^/gm, indent)
  if (!isMerged) return `services:\n  web:\n    image: web:1\n${lines('    ')}\n${variables}`
  return `x-more: &more\n${lines('  ')}\nservices:\n  web:\n    <<: *more\n    image: web:1\n${variables}`
})

test('no spelling of what is refused passes', () => {
  fc.assert(
    fc.property(file, (text) => {
      expect(stackOf(text)).toBeNull()
    }),
    { numRuns: RUNS },
  )
})

/** Everything in which a container can reach its host. */
function reachOf(spec: ContainerSpec) {
  const { privileged, capAdd, devices, securityOptions, pidMode, ipcMode, utsMode, usernsMode, cgroupMode } = spec
  const binds = spec.mounts.flatMap((mount) => (mount.kind === 'bind' ? [mount.source] : []))
  const modes = [pidMode, ipcMode, utsMode, usernsMode, cgroupMode, spec.networkMode]
  const networks = spec.networks.map(({ network }) => network)
  return { privileged, capAdd, devices, securityOptions, modes, networks, binds }
}

test('whatever is made of a file, by default it does not reach the host', () => {
  const words = fc.constantFrom('host', 'ALL', '/etc', 'true', 'unconfined', '/dev/sda', 'label=disable', 'CAP_X', '/')
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, words, fc.boolean(), fc.integer(), tie('list'), tie('map')),
    list: fc.array(tie('any'), { maxLength: 2 }),
    map: fc.dictionary(fc.constantFrom('source', 'type', 'target', 'name', 'external'), tie('any'), { maxKeys: 3 }),
  })).any
  const keys = ['privileged', 'cap_add', 'devices', 'security_opt', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup']
  const service = fc.dictionary(fc.constantFrom(...keys, 'network_mode', 'networks', 'volumes'), value, { maxKeys: 3 })
  const network = fc.record({ name: words, external: fc.boolean() }, { requiredKeys: [] })
  fc.assert(
    fc.property(service, network, (web, host) => {
      const stack = stackOf(JSON.stringify({ services: { web: { image: 'web:1', ...web } }, networks: { host } }))
      if (stack === null) return
      for (const { container } of Object.values(stack.services)) {
        const reach = reachOf(container)
        expect(reach).toMatchObject({ privileged: undefined, capAdd: undefined, devices: undefined })
        expect(reach.securityOptions).toBeUndefined()
        expect(reach.modes).not.toContain('host')
        expect(reach.networks).not.toContain('host')
        expect(reach.binds.filter((path) => !path.startsWith(`${OWN}/`))).toEqual([])
      }
    }),
    { numRuns: RUNS },
  )
})

test('what lies below an allowed folder is what node says it is', () => {
  const part = fc.constantFrom('srv', 'media', 'mediate', '..', '.', '', 'x', 'srv/media')
  const path = fc.array(part, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`)
  fc.assert(
    fc.property(path, (source) => {
      const isBelow = !posix.relative('/srv/media', source).startsWith('..')
      const text = `services: { web: { image: "web:1", volumes: [${JSON.stringify(`${source}:/x`)}] } }`
      expect(stackOf(text, { hostPaths: ['/srv/media'] }) !== null).toBe(isBelow)
    }),
    { numRuns: RUNS },
  )
})

test('an image from an allowed registry is one that the engine asks there for', () => {
  const part = fc.constantFrom(
    'ghcr.io',
    'GHCR.io',
    'acme',
    'app',
    'evil.com',
    'localhost',
    'x',
    '..',
    '',
    'ghcr.io:443',
  )
  const image = fc
    .tuple(
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', ':1', '@sha256:0d', ':1/x', '@x/ghcr.io'),
    )
    .map(([parts, rest]) => `${parts.join('/')}${rest}`)
  fc.assert(
    fc.property(image, (name) => {
      const text = `services: { web: { image: ${JSON.stringify(name)} } }`
      if (stackOf(text, { registries: ['ghcr.io/acme'] }) === null) return
      expect(registryOf(name).toLowerCase()).toBe('ghcr.io')
      expect(name.split('/')[1]).toMatch(/^acme/)
    }),
    { numRuns: RUNS },
  )
})
