import type Docker from 'dockerode'
import { LABEL } from '../../model/labels.ts'
import type { ContainerSpec, HealthCheck, Mount, PublishedPort, RestartPolicy } from '../../model/stack.ts'
import type { StepArguments } from '../../model/steps.ts'
import { LATER_NETWORKS, ownLabels } from './ownership.ts'

/** Where the engine keeps each volume of files on its host, by volume name. */
export type Mountpoints = Record<string, string>

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
    StopSignal: config.stopSignal,
    StopTimeout: Math.ceil(config.stopGraceMs / 1000),
    Healthcheck: healthcheckOf(config.healthcheck),
    ExposedPorts: Object.fromEntries(args.publish.map((port) => [portKey(port), {}])),
    HostConfig: hostConfigOf(config, args.publish, mountpoints),
    NetworkingConfig: firstNetworkOf(config),
  }
}

/** Networks beyond the first: engines before API 1.44 take only one at create. */
export function laterNetworks(config: ContainerSpec): ContainerSpec['networks'] {
  return config.networks.slice(1)
}

/** `on-failure:5` → name and count, as the engine takes it. */
export function restartPolicyOf(restart: RestartPolicy): { Name: string; MaximumRetryCount?: number } {
  const [name = 'no', count] = restart.split(':')
  return { Name: name, ...(count === undefined ? {} : { MaximumRetryCount: Number(count) }) }
}

function labelsOf(owner: { instance: string; stack: string }, args: StepArguments['create']): Record<string, string> {
  const later = laterNetworks(args.config)
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
  }
}

function hostConfigOf(config: ContainerSpec, publish: PublishedPort[], mountpoints: Mountpoints): Docker.HostConfig {
  return {
    RestartPolicy: restartPolicyOf('no'),
    NetworkMode: config.networks[0]?.network ?? 'none',
    PortBindings: portBindingsOf(publish),
    Mounts: config.mounts.map((mount) => mountOf(mount, mountpoints)),
    Init: config.init,
    ReadonlyRootfs: config.readOnly,
    CapDrop: config.capDrop,
    ExtraHosts: config.extraHosts,
    LogConfig: config.logging && { Type: config.logging.driver, Config: config.logging.options },
    NanoCpus: config.cpus === undefined ? undefined : Math.round(config.cpus * 1e9),
    Memory: config.memoryBytes,
    PidsLimit: config.pids,
  }
}

function firstNetworkOf(config: ContainerSpec): Docker.ContainerCreateOptions['NetworkingConfig'] {
  const [first] = config.networks
  return first && { EndpointsConfig: { [first.network]: { Aliases: first.aliases } } }
}

function mountOf(mount: Mount, mountpoints: Mountpoints): Docker.MountSettings {
  if (mount.kind === 'tmpfs') {
    return {
      Type: 'tmpfs',
      Source: '',
      Target: mount.target,
      TmpfsOptions: { SizeBytes: mount.sizeBytes ?? 0, Mode: 0o1777 },
    }
  }
  if (mount.kind === 'volume') {
    return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: mount.readOnly }
  }
  // One file of a volume can only be bound by its place on the engine's host.
  if (mount.path !== '') {
    return {
      Type: 'bind',
      Source: `${mountpoints[mount.volume] ?? ''}/${mount.path}`,
      Target: mount.target,
      ReadOnly: true,
    }
  }
  // NoCopy: the files hide what the image has there, as a bind mount does, instead of mixing with it.
  const VolumeOptions = { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } }
  return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: true, VolumeOptions }
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
