import { readFileSync } from 'node:fs'
import Docker from 'dockerode'
import { afterEach, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { driftOf } from '../../src/decide/drift/drift.ts'
import { limitsOf } from '../../src/decide/drift/limits.ts'
import { driftWords } from '../../src/decide/drift/words.ts'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { EngineEvent } from '../../src/engine/engine.ts'
import type { ContainerSpec } from '../../src/model/stack.ts'
import { Bench } from '../contract/world.ts'
import { service } from '../support/builders.ts'
import { BASE_IMAGE, buildImage, ensureBaseImage } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'

const socketPath = inject('engineSocket')
const docker = new Docker({ socketPath })
const images = { good: '', bare: '', turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
const world = {
  engine: dockerEngine({ socketPath, instance: 'drifttest' }),
  images,
  until,
  cleanup: async () => {},
}
/** Brings everything that an image can bring. */
const RICH = 'drift/rich:1'
/** Brings a command and nothing else. */
const PLAIN = 'drift/plain:1'
const NOTHING: ContainerSpec = { environment: {}, labels: {}, mounts: [], networks: [], stopGraceMs: 10_000 }

let bench: Bench

beforeAll(async () => {
  await ensureBaseImage(socketPath)
  const dockerfile = [
    `FROM ${BASE_IMAGE}`,
    'ENV FROM_IMAGE=1 SHARED=image',
    'LABEL org.example.image=1 org.example.shared=image',
    'VOLUME /image-data',
    'EXPOSE 8080/tcp',
    'WORKDIR /tmp/work',
    'USER nobody',
    'STOPSIGNAL SIGINT',
    'HEALTHCHECK --interval=7s --timeout=3s --retries=2 --start-period=5s CMD true',
    'ENTRYPOINT ["sh", "-c"]',
    'CMD ["sleep 600"]',
    '',
  ].join('\n')
  await buildImage(socketPath, RICH, { files: {}, dockerfile })
  await buildImage(socketPath, PLAIN, { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nCMD ["sleep", "600"]\n` })
})
beforeEach(() => {
  bench = new Bench(world)
})
afterEach(() => bench.clear())

/**
 * Those that cannot be set beside others, that the engine's own default may equal, or that not every machine lets a
 * container start with: tested by themselves.
 */
type Apart = 'networkMode' | 'utsMode' | 'cgroupMode' | 'privileged' | 'secretEnvironment'

/** Every setting there is, so that one that is added does not compile until it is tested here. */
function everything(): Required<Omit<ContainerSpec, Apart>> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  return {
    entrypoint: ['sleep'],
    command: ['600'],
    environment: { A: '1', SHARED: 'own', EMPTY: '', EQUALS: 'a=b' },
    user: 'root',
    workingDir: '/run/',
    hostname: 'web',
    domainname: 'example.org',
    labels: { 'org.example.own': 'yes', 'org.example.shared': 'own' },
    healthcheck: { test: ['CMD', 'true'], intervalMs: 1_500, timeoutMs: 1_000, retries: 4, startPeriodMs: 0 },
    mounts: [
      { kind: 'volume', volume: `${bench.stack}_data`, target: '/data', readOnly: false },
      { kind: 'volume', volume: `${bench.stack}_data`, target: '/data-again', readOnly: true },
      { kind: 'files', volume: `${bench.stack}_files-1`, path: '', target: '/files' },
      { kind: 'files', volume: `${bench.stack}_files-1`, path: 'conf/a', target: '/etc/a' },
      { kind: 'bind', source: `${folder.path}/new/folder`, target: '/host', readOnly: false },
      { kind: 'bind', source: folder.path, target: '/host-again', readOnly: true },
      { kind: 'tmpfs', target: '/scratch', sizeBytes: 1 << 20 },
      { kind: 'tmpfs', target: '/scratch-again' },
    ],
    networks: [
      { network: `${bench.stack}_front`, aliases: ['web', 'api'] },
      { network: `${bench.stack}_back`, aliases: ['web'], address: '10.251.7.9' },
    ],
    stopSignal: 'SIGUSR1',
    stopGraceMs: 2_500,
    init: true,
    readOnly: true,
    capDrop: ['ALL', 'net_raw'],
    capAdd: ['CAP_CHOWN', 'net_bind_service'],
    devices: [{ source: '/dev/null', target: '/dev/own', permissions: 'rw' }],
    securityOptions: ['no-new-privileges=true'],
    pidMode: 'host',
    ipcMode: 'host',
    usernsMode: 'host',
    extraHosts: ['db:10.0.0.1', 'cache:10.0.0.2'],
    logging: { driver: 'json-file', options: { 'max-size': '1m' } },
    groupAdd: ['10', 'nogroup'],
    dns: ['10.0.0.53', '10.0.0.54'],
    dnsSearch: ['example.org'],
    dnsOptions: ['ndots:1'],
    sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' },
    ulimits: { nofile: { soft: 1024, hard: 2048 }, nproc: { soft: 512, hard: 512 } },
    shmBytes: 32 << 20,
    tty: true,
    stdinOpen: true,
    memoryReservationBytes: 32 << 20,
    memorySwapBytes: 96 << 20,
    cpuShares: 512,
    cpuset: '0',
    oomScoreAdj: 100,
    cpus: 0.75,
    memoryBytes: 64 << 20,
    pids: 50,
  }
}

async function surroundings(): Promise<void> {
  const subnet = { subnet: '10.251.7.0/24', range: '10.251.7.128/25' }
  await bench.do('create-network', { network: `${bench.stack}_front`, internal: false })
  await bench.do('create-network', { network: `${bench.stack}_back`, internal: false, subnet })
  await bench.do('create-volume', { volume: `${bench.stack}_data` })
  const files = { contents: { 'conf/a': 'YQ==' } }
  await bench.do('create-files', { volume: `${bench.stack}_files-1`, files, image: PLAIN })
}

/** What is said of a container of `made` when `wanted` is what the release says. */
async function differences(container: string, image: string, wanted: ContainerSpec): Promise<string> {
  const found = await bench.seen(container, () => true)
  return driftWords(driftOf(found, { ...service({ restart: 'no' }), container: wanted }, image, []))
}

describe.each([RICH, PLAIN])('a container of %s, as it was created', (image) => {
  test('with every setting given, running or not, shows no difference', async () => {
    await surroundings()
    const config = everything()
    const container = await bench.create(image, { config })
    expect(await differences(container, image, config)).toBe('')
    await bench.do('start', { container })
    await bench.seen(container, ({ state }) => state === 'running')
    expect(await differences(container, image, config)).toBe('')
  })

  test('with no setting given shows no difference', async () => {
    const container = await bench.run(image, { config: NOTHING })
    await bench.seen(container, ({ state }) => state === 'running')
    expect(await differences(container, image, NOTHING)).toBe('')
  })

  test.each<[string, Partial<ContainerSpec>]>([
    ['an entry point', { entrypoint: ['sleep', '600'] }],
    ['no entry point', { entrypoint: [''], command: ['sleep', '600'] }],
    ['an empty entry point', { entrypoint: [], command: ['sleep', '600'] }],
    ['a command', { command: ['sleep', '601'] }],
    ['its check disabled', { healthcheck: 'none' }],
    ['a memory limit and no word of swap', { memoryBytes: 64 << 20 }],
    ['swap without limit', { memoryBytes: 64 << 20, memorySwapBytes: -1 }],
    ['no network', { networkMode: 'none' }],
    ['all rights on the host', { privileged: true }],
    ['the network of the host', { networkMode: 'host' }],
    ['the name of the host', { utsMode: 'host' }],
    ['the cgroups of the host', { cgroupMode: 'host' }],
    ['cgroups of its own', { cgroupMode: 'private' }],
    ['shared memory that others may join', { ipcMode: 'shareable' }],
    ['no protection by the engine', { securityOptions: ['label=disable', 'seccomp=unconfined'] }],
    ['a third of a core', { cpus: 1 / 3 }],
  ])('with %s shows no difference', async (_, given) => {
    const config = { ...NOTHING, ...given }
    const container = await bench.create(image, { config })
    expect(await differences(container, image, config)).toBe('')
  })
})

describe('a difference', () => {
  test('in any setting is noticed', async () => {
    await surroundings()
    const wanted = everything()
    const keys = Object.keys(wanted) as (keyof typeof wanted)[]
    const unnoticed: string[] = []
    for (const [n, key] of keys.entries()) {
      // The engine refuses swap without a memory limit.
      const { [key]: _left, memorySwapBytes, ...rest } = wanted
      const swap = key === 'memoryBytes' || key === 'memorySwapBytes' ? {} : { memorySwapBytes }
      const container = await bench.create(PLAIN, { n: n + 1, config: { ...NOTHING, ...rest, ...swap } })
      if ((await differences(container, PLAIN, wanted)) === '') unnoticed.push(key)
    }
    expect(unnoticed).toEqual([])
  })

  test.each<[string, Partial<ContainerSpec>]>([
    ['privileged false → true', { privileged: true }],
    ['network_mode none → host', { networkMode: 'host' }],
    ['uts none → host', { utsMode: 'host' }],
  ])('by hand is noticed: %s', async (words, given) => {
    const container = await bench.create(PLAIN, { config: { ...NOTHING, ...given } })
    expect(await differences(container, PLAIN, NOTHING)).toContain(words)
  })

  test('in what may be secret is named without its value', async () => {
    const container = await bench.create(PLAIN, { config: { ...NOTHING, environment: { KEY: 'old', GONE: '1' } } })
    const wanted = { ...NOTHING, environment: { KEY: 'new' }, command: ['sleep', '9'], labels: { a: 'b' } }
    expect(await differences(container, PLAIN, wanted)).toBe(
      'command changed, environment.GONE changed, environment.KEY changed, labels.a changed',
    )
  })
})

describe('what somebody changed with docker update', () => {
  const LIMITED = { cpus: 0.5, memoryBytes: 64 << 20, memoryReservationBytes: 16 << 20, cpuShares: 512, cpuset: '0' }

  test.each<[string, Partial<ContainerSpec>, object, string]>([
    ['cpus', LIMITED, { NanoCpus: 1e9 }, 'cpus 0.5 → 1'],
    [
      'more memory',
      LIMITED,
      { Memory: 256 << 20, MemorySwap: 256 << 20 },
      'mem_limit 64m → 256m, memswap_limit 128m → 256m',
    ],
    [
      'less memory',
      LIMITED,
      { Memory: 32 << 20, MemorySwap: 32 << 20 },
      'mem_limit 64m → 32m, memswap_limit 128m → 32m',
    ],
    ['swap without limit', LIMITED, { MemorySwap: -1 }, 'memswap_limit 128m → unlimited'],
    ['a reservation', LIMITED, { MemoryReservation: 8 << 20 }, 'mem_reservation 16m → 8m'],
    ['shares', LIMITED, { CpuShares: 2 }, 'cpu_shares 512 → 2'],
    ['cores', LIMITED, { CpusetCpus: '0-1' }, 'cpuset 0 → 0-1'],
    ['a limit of processes', LIMITED, { PidsLimit: 9 }, 'pids_limit none → 9'],
    ['no limit of processes', { ...LIMITED, pids: 20 }, { PidsLimit: -1 }, 'pids_limit 20 → none'],
  ])('%s is named and put right while it runs', async (_, given, change, words) => {
    const config = { ...NOTHING, ...given }
    const container = await bench.run(PLAIN, { config })
    const { startedAt } = await bench.seen(container, ({ state }) => state === 'running')
    await docker.getContainer(container).update(change)
    expect(await differences(container, PLAIN, config)).toBe(words)
    await bench.do('update', { container, limits: limitsOf(config) })
    expect(await differences(container, PLAIN, config)).toBe('')
    expect((await bench.find(container))?.startedAt).toBe(startedAt)
  })

  test('a limit where there was none cannot be lifted again: it takes another container', async () => {
    const container = await bench.run(PLAIN, { config: NOTHING })
    await docker.getContainer(container).update({ NanoCpus: 1e9 })
    const found = await bench.seen(container, () => true)
    const drift = driftOf(found, { ...service({ restart: 'no' }), container: NOTHING }, PLAIN, [])
    expect(drift).toMatchObject([{ field: 'cpus', cure: 'replace' }])
    await bench.do('update', { container, limits: limitsOf(NOTHING) })
    expect(await differences(container, PLAIN, NOTHING)).toBe('cpus none → 1')
  })
})

test('a folder of the host that is missing is made, and is not lost with the container', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const source = `${folder.path}/not/there'yet`
  const mounts = [{ kind: 'bind' as const, source, target: '/host', readOnly: false }]
  const entrypoint = ['sh', '-c', 'echo kept > /host/file']
  const container = await bench.run(PLAIN, { config: { ...NOTHING, mounts, entrypoint } })
  await bench.seen(container, ({ state }) => state === 'exited')
  expect(readFileSync(`${source}/file`, 'utf8')).toBe('kept\n')
})

test('networks and volumes that are destroyed are told of by name, whosever they are', async () => {
  const destroyed: string[] = []
  const watching = new AbortController()
  onTestFinished(() => watching.abort())
  const onEvent = ({ action, resource }: EngineEvent) => {
    if (action === 'destroy' && resource !== undefined) destroyed.push(resource)
  }
  world.engine.watch({ onEvent, onGap: () => {} }, watching.signal)
  const [network, volume] = [`${bench.stack}_watched`, `${bench.stack}_watched-too`]
  // The stream opens some time after the call: what happens until then may be missed.
  await until(async () => {
    await docker.createNetwork({ Name: network })
    await docker.getNetwork(network).remove()
    await docker.createVolume({ Name: volume })
    await docker.getVolume(volume).remove()
    return destroyed.includes(network) && destroyed.includes(volume)
  }, 'both to be told')
})
