import type Docker from 'dockerode'
import { LABEL } from '../../model/labels.ts'
import type { Attached, ObservedContainer } from '../../model/observed.ts'
import type { HealthCheck, PublishedPort, RestartPolicy } from '../../model/stack.ts'
import { checkIn } from './image-config.ts'
import { lookupsIn } from './lookups.ts'

const NEVER_STARTED = '0001-01-01T00:00:00Z'
const STATES = ['created', 'running', 'restarting', 'paused', 'exited', 'removing', 'dead'] as const
const HEALTHS = ['starting', 'healthy', 'unhealthy'] as const
const LONGEST_COMPLAINT = 300
/** How the engine calls having no network of one's own. */
const NO_NETWORKS = ['none', 'host']
const ROLES = ['service', 'job', 'files'] as const

/** What an inspected container of ours is, in the model's words; `networks`: the ids of those that are there. */
export function fromInspect(
  info: Docker.ContainerInspectInfo,
  networks: ReadonlySet<string>,
  compared: Pick<ObservedContainer, 'fields' | 'imageConfig'>,
): ObservedContainer {
  const labels = info.Config.Labels
  const actualName = info.Name.replace(/^\//, '')
  const check = checkIn(info.Config.Healthcheck)
  const lookups = lookupsIn(labels)
  const { State: state, HostConfig: host } = info
  return {
    id: info.Id,
    name: labels[LABEL.name] ?? actualName,
    actualName,
    ...(labels[LABEL.alias] === undefined ? {} : { alias: labels[LABEL.alias] }),
    service: labels[LABEL.service] ?? '',
    slot: Number(labels[LABEL.slot] ?? 0),
    role: oneOf(ROLES, labels[LABEL.role]) ?? 'service',
    spec: labels[LABEL.spec] ?? '',
    release: labels[LABEL.release] ?? '',
    state: oneOf(STATES, state.Status) ?? 'dead',
    health: oneOf(HEALTHS, state.Health?.Status) ?? 'none',
    ...(check === null ? {} : { check: withDefaults(check) }),
    ...startOf(state.StartedAt),
    restarts: info.RestartCount,
    exitCode: state.ExitCode,
    lastCheck: state.Health?.Log?.at(-1)?.End ?? '',
    complaint: complaintOf(state),
    error: state.Error || (state.OOMKilled ? 'killed because it used more memory than it may' : ''),
    restart: restartOf(host.RestartPolicy),
    publish: publishOf(host.PortBindings ?? {}),
    ingress: JSON.parse(labels[LABEL.ingress] ?? '[]'),
    ...(lookups === undefined ? {} : { lookups }),
    addresses: JSON.parse(labels[LABEL.addresses] ?? '{}'),
    attached: attachedOf(info, networks),
    address: Object.values(info.NetworkSettings.Networks).find(({ IPAddress }) => IPAddress)?.IPAddress ?? '',
    networkOf: /^container:(.*)$/.exec(host.NetworkMode ?? '')?.[1] ?? '',
    volumes: volumesOf(info),
    ...compared,
  }
}

function startOf(startedAt: string): Pick<ObservedContainer, 'startedAt' | 'startedMs'> {
  return startedAt === NEVER_STARTED ? { startedAt: '' } : { startedAt, startedMs: Date.parse(startedAt) }
}

/**
 * The engine adds the container's short id, and since API 1.45 its name, to the aliases it was given. A container that
 * does not run may still name a network that was deleted meanwhile, and could not start with it: it is joined to none.
 */
function attachedOf(info: Docker.ContainerInspectInfo, networks: ReadonlySet<string>): Record<string, Attached> {
  const added = [info.Id.slice(0, 12), info.Name.replace(/^\//, '')]
  const isThere = (id: string) => info.State.Running || id === '' || networks.has(id)
  const joined = Object.entries(info.NetworkSettings.Networks).filter(
    ([network, { NetworkID }]) => !NO_NETWORKS.includes(network) && isThere(NetworkID),
  )
  return Object.fromEntries(
    joined.map(([network, { Aliases, IPAMConfig }]) => {
      const aliases = ((Aliases ?? []) as string[]).filter((alias) => !added.includes(alias))
      return [network, { aliases, address: IPAMConfig?.IPv4Address ?? '' }]
    }),
  )
}

/** A single file of a volume is bound by its place on the host, so only the request still names the volume. */
function volumesOf({ Mounts, HostConfig }: Docker.ContainerInspectInfo): string[] {
  const mounted = (Mounts ?? []).flatMap(({ Name }) => Name ?? [])
  const bound = (HostConfig.Mounts ?? []).flatMap(({ Source }) => /\/volumes\/([^/]+)\/_data\//.exec(Source)?.[1] ?? [])
  return [...new Set([...mounted, ...bound])].sort()
}

/** A check may print what it likes; the engine keeps 4 KiB of it, of which the end says most. */
function complaintOf({ Health }: Docker.ContainerInspectInfo['State']): string {
  const last = (Health?.Log ?? []).findLast(({ ExitCode }) => ExitCode !== 0)
  const line = (last?.Output ?? '').replace(/\s+/g, ' ').trim()
  return line.length > LONGEST_COMPLAINT ? `…${line.slice(-LONGEST_COMPLAINT + 1)}` : line
}

function restartOf(policy: Docker.HostRestartPolicy | undefined): RestartPolicy {
  const name = policy?.Name || 'no'
  return policy?.MaximumRetryCount ? `${name}:${policy.MaximumRetryCount}` : name
}

/** The engine leaves out what is its default: 30 s, 30 s, 3. */
function withDefaults(check: HealthCheck): HealthCheck {
  const { intervalMs, timeoutMs, retries } = check
  return { ...check, intervalMs: intervalMs || 30_000, timeoutMs: timeoutMs || 30_000, retries: retries || 3 }
}

function publishOf(bindings: Record<string, { HostIp?: string; HostPort?: string }[] | null>): PublishedPort[] {
  return Object.entries(bindings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, hosts]) => {
      const [target, protocol] = key.split('/')
      return (hosts ?? []).map((host) => ({
        address: host.HostIp ?? '',
        published: Number(host.HostPort || 0),
        target: Number(target),
        protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
      }))
    })
}

function oneOf<const T extends string>(known: readonly T[], word: string | undefined): T | null {
  return known.find((candidate) => candidate === word) ?? null
}
