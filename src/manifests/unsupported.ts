/**
 * What the Compose Specification knows and this version does not carry out, with what to do instead.
 * Paths have `*` for names and list indices; `=value` at the end refuses one value of a key that is supported.
 */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  include: 'Copy the services of the included file into this one.',
  models: 'Run the model as an ordinary service.',
  'services.*.annotations': 'Use labels.',
  'services.*.attach': 'Remove it: it is about the terminal of `docker compose up`.',
  'services.*.blkio_config': 'Remove it; deploy.resources.limits has cpus, memory and pids.',
  'services.*.build': 'Build and push the image beforehand, and name it under image.',
  'services.*.cgroup_parent': 'Remove it.',
  'services.*.cpu_count': 'Use deploy.resources.limits.cpus.',
  'services.*.cpu_percent': 'Use deploy.resources.limits.cpus.',
  'services.*.cpu_period': 'Use deploy.resources.limits.cpus.',
  'services.*.cpu_quota': 'Use deploy.resources.limits.cpus.',
  'services.*.cpu_rt_period': 'Use deploy.resources.limits.cpus.',
  'services.*.cpu_rt_runtime': 'Use deploy.resources.limits.cpus.',
  'services.*.credential_spec': 'Remove it: it is for Windows containers.',
  'services.*.develop': 'Remove it: it is for `docker compose watch`.',
  'services.*.device_cgroup_rules': 'Name the devices under devices.',
  'services.*.extends': 'Copy the keys of the other service, or share them through an anchor and `<<`.',
  'services.*.external_links': 'Put both sides on one external network.',
  'services.*.gpus': 'Run this service outside Holdfast: it needs rights on the host.',
  'services.*.ipc=container': 'Remove it: the memory of another container cannot be shared.',
  'services.*.ipc=service': 'Remove it: the memory of another container cannot be shared.',
  'services.*.isolation': 'Remove it: it is for Windows containers.',
  'services.*.label_file': 'Write the labels under labels.',
  'services.*.links': 'Remove it: services on a common network reach each other by service name.',
  'services.*.mac_address': 'Remove it.',
  'services.*.mem_swappiness': 'Remove it; set it for the host.',
  'services.*.models': 'Run the model as an ordinary service.',
  'services.*.network_mode=bridge': 'Remove it: services without networks join `default`, where they have names.',
  'services.*.network_mode=container': 'Write `service:<name>` for a service of this stack.',
  'services.*.oom_kill_disable': 'Remove it; raise deploy.resources.limits.memory.',
  'services.*.pid=container': 'Remove it: the processes of another container cannot be shared.',
  'services.*.pid=service': 'Remove it: the processes of another container cannot be shared.',
  'services.*.platform': "Name an image of the engine's own platform.",
  'services.*.post_start': 'Do it in the entry point, or in a job (deploy.mode: replicated-job).',
  'services.*.pre_stop': 'Handle the stop signal in the program.',
  'services.*.profiles': 'Remove it, or move the service to a stack of its own.',
  'services.*.provider': 'Run it as an ordinary service.',
  'services.*.runtime': 'Make it the default runtime of the engine.',
  'services.*.storage_opt': 'Remove it; set it for the engine.',
  'services.*.use_api_socket': 'Run this service outside Holdfast: it needs rights on the host.',
  'services.*.volume_driver': 'Remove it; volumes are local.',
  'services.*.volumes_from': 'Mount the same named volume in both services.',
  'services.*.depends_on.*.required=false': 'Remove it; a service that this one depends on is always required.',
  'services.*.depends_on.*.restart': 'Remove it; clients should reconnect by themselves.',
  'services.*.deploy.endpoint_mode': 'Remove it; it is for a Swarm.',
  'services.*.deploy.placement': 'Remove it; there is one host.',
  'services.*.deploy.resources.reservations.cpus': 'Use deploy.resources.limits.cpus, or cpu_shares.',
  'services.*.deploy.resources.reservations.devices': 'Run this service outside Holdfast: it needs rights on the host.',
  'services.*.deploy.resources.reservations.generic_resources': 'Remove it; it is for a Swarm.',
  'services.*.deploy.restart_policy.delay': 'Remove it; the engine waits longer after each failure by itself.',
  'services.*.deploy.restart_policy.window': 'Use deploy.update_config.monitor.',
  'services.*.deploy.rollback_config': 'Remove it; going back uses update_config.',
  'services.*.deploy.update_config.delay':
    'Use monitor: the next replica waits until this one was healthy for so long.',
  'services.*.deploy.update_config.failure_action=continue': 'Remove it: a release that fails goes back.',
  'services.*.deploy.update_config.failure_action=pause': 'Set `x-holdfast: {rollback: off}` for the whole stack.',
  'services.*.env_file.*.format': 'Remove it; quote values in the file with single quotes to keep them as they are.',
  'services.*.healthcheck.start_interval': 'Use a shorter interval.',
  'services.*.networks.*.driver_opts': 'Remove it.',
  'services.*.networks.*.gw_priority': 'Remove it.',
  'services.*.networks.*.interface_name': 'Remove it.',
  'services.*.networks.*.ipv6_address': 'Remove it; reach the service by name.',
  'services.*.networks.*.link_local_ips': 'Remove it; reach the service by name.',
  'services.*.networks.*.mac_address': 'Remove it.',
  'services.*.networks.*.priority': 'Remove it.',
  'services.*.ports.*.app_protocol=https':
    'Use tcp: the replicas hold the certificate. Or let a route hold it, x-holdfast.routes.',
  'services.*.ports.*.app_protocol=tls': 'Use tcp: the replicas hold the certificate.',
  'services.*.ports.*.app_protocol=udp': 'Use `protocol: udp`.',
  'services.*.ports.*.name': 'Remove it; write a comment.',
  'services.*.ports.*.protocol=sctp': 'Use tcp or udp.',
  'services.*.pull_policy=build': 'Build and push the image beforehand.',
  'services.*.pull_policy=daily': 'Use `always`: the registry is asked once for each release.',
  'services.*.pull_policy=weekly': 'Use `always`: the registry is asked once for each release.',
  'services.*.volumes.*.bind': 'Remove it; binds need no options.',
  'services.*.volumes.*.consistency': 'Remove it.',
  'services.*.volumes.*.image': 'Remove it.',
  'services.*.volumes.*.tmpfs.mode': 'Remove it; change the mode in the entry point.',
  'services.*.volumes.*.type=cluster': 'Use a named volume.',
  'services.*.volumes.*.type=image': "Copy the files into the service's own image.",
  'services.*.volumes.*.type=npipe': 'Remove it: it is for Windows containers.',
  'services.*.volumes.*.volume': 'Remove it; volumes need no options.',
  'services.*.x-holdfast.autoscale': 'Set deploy.replicas.',
  'services.*.x-holdfast.canary': 'Set deploy.update_config.parallelism: 1 and a long monitor.',
  'services.*.x-holdfast.probe.exec': 'Use healthcheck.',
  'networks.*.attachable': 'Remove it; it is for a Swarm.',
  'networks.*.driver=overlay': 'Remove it; it is for a Swarm.',
  'networks.*.driver_opts': 'Create the network by hand and mark it `external: true`.',
  'networks.*.enable_ipv4': 'Create the network by hand and mark it `external: true`.',
  'networks.*.enable_ipv6': 'Create the network by hand and mark it `external: true`.',
  'networks.*.ipam.config.*.aux_addresses': 'Remove it; keep such addresses out of ip_range.',
  'networks.*.ipam.options': 'Create the network by hand and mark it `external: true`.',
  'networks.*.labels': 'Create the network by hand and mark it `external: true`.',
  'volumes.*.driver_opts': 'Create the volume by hand and mark it `external: true`.',
  'volumes.*.labels': 'Create the volume by hand and mark it `external: true`.',
  'configs.*.environment': 'Use `content` and a variable in it.',
  'configs.*.external': 'Put the content into the repository and use `file`.',
  'configs.*.labels': 'Remove it.',
  'configs.*.name': "Remove it; names carry the content's hash.",
  'configs.*.template_driver': 'Remove it; `content` may use variables.',
  'secrets.*.driver': 'Put the secret into the repository and use `file`, or `environment`.',
  'secrets.*.driver_opts': 'Remove it; there are no drivers.',
  'secrets.*.external': 'Put the secret into the repository and use `file`, or `environment`.',
  'secrets.*.labels': 'Remove it.',
  'secrets.*.name': 'Remove it; names follow from the content, and cannot be guessed from it.',
  'secrets.*.template_driver': 'Remove it; the file is mounted as it is.',
  'x-holdfast.approval': 'Remove it.',
  'x-holdfast.notify': 'Remove it.',
  'x-holdfast.rollback=service': 'Use `release`: all services go back together.',
  'x-holdfast.sync.auto': 'Remove it: a commit is rolled out when it is seen.',
  'x-holdfast.sync.retry': 'Remove it: call `holdfast retry <stack>`.',
  'x-holdfast.sync.windows': 'Remove it.',
}

/** What to do instead of a key, or of one value of it; undefined when the Compose Specification does not know it. */
export function insteadOf(path: readonly (string | number)[], value?: string): string | undefined {
  const key = `${patternOf(path)}${value === undefined ? '' : `=${value}`}`
  return Object.hasOwn(UNSUPPORTED, key) ? UNSUPPORTED[key] : undefined
}

/** Keys of a map that the specification knows and this version does not. */
export function unsupportedIn(path: readonly (string | number)[]): string[] {
  const prefix = path.length === 0 ? '' : `${patternOf(path)}.`
  return Object.keys(UNSUPPORTED)
    .filter((key) => key.startsWith(prefix) && !key.includes('='))
    .map((key) => key.slice(prefix.length))
    .filter((rest) => !rest.includes('.'))
}

/** Positions in a path that hold a name of the user's. */
function patternOf(path: readonly (string | number)[]): string {
  return path.map((part, at) => (isName(path, at) ? '*' : String(part))).join('.')
}

function isName(path: readonly (string | number)[], at: number): boolean {
  const parent = path[at - 1]
  if (at === 1) return ['services', 'networks', 'volumes', 'configs', 'secrets'].includes(String(parent))
  if (path[0] === 'networks') return at === 4 && parent === 'config'
  if (at !== 3 || path[0] !== 'services') return false
  return ['networks', 'depends_on', 'volumes', 'ports', 'configs', 'secrets', 'env_file'].includes(String(parent))
}
