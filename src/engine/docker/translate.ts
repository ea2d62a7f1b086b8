import type Docker from 'dockerode'
import { LABEL } from '../../model/labels.ts'
import type { ContainerSpec, Device, HealthCheck, PublishedPort, RestartPolicy } from '../../model/stack.ts'
import type { Limits, StepArguments } from '../../model/steps.ts'
import { bindsOf, type Mountpoints, mountsOf } from './mounts.ts'
import { LATER_NETWORKS, ownLabels } from './ownership.ts'

/** The body of a container's create call. Restart policy `no` always: a crash loop must stay visible until promotion. */
export function createBody(
  owner: { instance: string; stack: string },
  args: StepArguments['create'],
  mountpoints: Mountpoints,
): Docker.ContainerCreateOptions {
  const { config } = args
  return {
    name: args.container,
    Image: args.image,
    Labels: labelsOf(owner, args),
    Env: Object.entries(config.environment)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    Entrypoint: config.entrypoint,
    Cmd: config.command,
    User: config.user,
    WorkingDir: config.workingDir,
    Hostname: config.hostname,
    Domainname: config.domainname,
    Tty: config.tty,
    OpenStdin: config.stdinOpen,
    StopSignal: config.stopSignal,
    StopTimeout: Math.ceil(config.stopGraceMs / 1000),
    Healthcheck: healthcheckOf(config.healthcheck),
    ExposedPorts: Object.fromEntries(args.publish.map((port) => [portKey(port), {}])),
    HostConfig: hostConfigOf(args, mountpoints),
    NetworkingConfig: firstNetworkOf(args),
  }
}

/** Networks beyond the first: engines before API 1.44 take only one at create. */
export function laterNetworks(args: StepArguments['create']): ContainerSpec['networks'] {
  return placedNetworks(args).slice(1)
}

/** The networks a container joins, with the address it keeps in each, and its aliases where the engine knows names. */
function placedNetworks({ config, addresses, lookups }: StepArguments['create']): ContainerSpec['networks'] {
  return config.networks.map((wanted) => {
    const address = wanted.address ?? addresses[wanted.network]
    const aliases = lookups?.gated.includes(wanted.network) ? [] : wanted.aliases
    return { ...wanted, aliases, ...(address === undefined ? {} : { address }) }
  })
}

export function endpointOf({ aliases, address }: ContainerSpec['networks'][number]) {
  return { Aliases: aliases, ...(address === undefined ? {} : { IPAMConfig: { IPv4Address: address } }) }
}

/**
 * The engine counts in billionths of a core. In an update it leaves a limit that is absent as it is, but for that of
 * processes; memory and swap it takes together only, for one must not be less than the other at any moment.
 */
export function limitsOf(limits: Limits) {
  const { memoryBytes = 0, memorySwapBytes = memoryBytes > 0 ? memoryBytes * 2 : 0 } = limits
  return {
    NanoCpus: limits.cpus === undefined ? 0 : Math.round(limits.cpus * 1e9),
    CpuShares: limits.cpuShares ?? 0,
    CpusetCpus: limits.cpuset ?? '',
    Memory: memoryBytes,
    MemorySwap: memorySwapBytes,
    MemoryReservation: limits.memoryReservationBytes ?? 0,
    PidsLimit: limits.pids ?? 0,
  }
}

/** `on-failure:5` → name and count, as the engine takes it. */
export function restartPolicyOf(restart: RestartPolicy): { Name: string; MaximumRetryCount?: number } {
  const [name = 'no', count] = restart.split(':')
  return { Name: name, ...(count === undefined ? {} : { MaximumRetryCount: Number(count) }) }
}

function labelsOf(owner: { instance: string; stack: string }, args: StepArguments['create']): Record<string, string> {
  const later = laterNetworks(args)
  return {
    ...args.config.labels,
    ...(later.length > 0 ? { [LATER_NETWORKS]: JSON.stringify(later) } : {}),
    ...ownLabels(owner.instance, owner.stack, args.container),
    [LABEL.service]: args.service,
    [LABEL.slot]: String(args.slot),
    [LABEL.role]: args.role,
    [LABEL.spec]: args.spec,
    [LABEL.release]: args.release,
    [LABEL.commit]: args.commit,
    ...(args.alias === undefined ? {} : { [LABEL.alias]: args.alias }),
    ...(Object.keys(args.addresses).length === 0 ? {} : { [LABEL.addresses]: JSON.stringify(args.addresses) }),
    ...(args.ingress === undefined ? {} : { [LABEL.ingress]: JSON.stringify(args.ingress) }),
    ...(args.lookups === undefined ? {} : { [LABEL.lookups]: JSON.stringify(args.lookups) }),
  }
}

function hostConfigOf(
  { config, publish, lookups }: StepArguments['create'],
  mountpoints: Mountpoints,
): Docker.HostConfig {
  return {
    RestartPolicy: restartPolicyOf('no'),
    NetworkMode: config.networkMode === 'host' ? 'host' : (config.networks[0]?.network ?? 'none'),
    PortBindings: portBindingsOf(publish),
    Mounts: mountsOf(config.mounts, mountpoints),
    Binds: bindsOf(config.mounts),
    Init: config.init,
    ReadonlyRootfs: config.readOnly,
    ...privilegesOf(config),
    ExtraHosts: config.extraHosts,
    GroupAdd: config.groupAdd,
    // Who has name servers of its own is not told ours.
    Dns: config.dns ?? lookups?.resolvers,
    DnsSearch: config.dnsSearch,
    DnsOptions: config.dnsOptions,
    Sysctls: config.sysctls,
    Ulimits: ulimitsOf(config.ulimits),
    ShmSize: config.shmBytes,
    OomScoreAdj: config.oomScoreAdj,
    LogConfig: config.logging && { Type: config.logging.driver, Config: config.logging.options },
    ...limitsOf(config),
  }
}

/** What a container may do to its host, and sees of it. */
function privilegesOf(config: ContainerSpec): Docker.HostConfig & { CgroupnsMode?: string | undefined } {
  return {
    Privileged: config.privileged,
    CapAdd: config.capAdd,
    CapDrop: config.capDrop,
    Devices: config.devices?.map(deviceOf),
    SecurityOpt: config.securityOptions,
    PidMode: config.pidMode,
    IpcMode: config.ipcMode,
    UTSMode: config.utsMode,
    UsernsMode: config.usernsMode,
    CgroupnsMode: config.cgroupMode,
  }
}

function deviceOf({ source, target, permissions }: Device) {
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: permissions }
}

function firstNetworkOf(args: StepArguments['create']): Docker.ContainerCreateOptions['NetworkingConfig'] {
  const [first] = placedNetworks(args)
  return first && { EndpointsConfig: { [first.network]: endpointOf(first) } }
}

function portBindingsOf(publish: PublishedPort[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of publish) {
    const key = portKey(port)
    bindings[key] = [...(bindings[key] ?? []), { HostIp: port.address, HostPort: String(port.published) }]
  }
  return bindings
}

function portKey(port: PublishedPort): string {
  return `${port.target}/${port.protocol}`
}

function ulimitsOf(ulimits: ContainerSpec['ulimits']): Docker.Ulimit[] | undefined {
  return ulimits && Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard }))
}

/** The engine counts in nanoseconds. */
function healthcheckOf(check: HealthCheck | 'none' | undefined): Docker.HealthConfig | undefined {
  if (check === undefined) return undefined
  if (check === 'none') return { Test: ['NONE'] }
  return {
    Test: check.test,
    Interval: check.intervalMs * 1e6,
    Timeout: check.timeoutMs * 1e6,
    Retries: check.retries,
    StartPeriod: check.startPeriodMs * 1e6,
  }
}
