import type { Fault } from '../../model/steps.ts'

/** One row of the table: which words of an engine or a registry mean what, and whose fault that is. */
export interface Rule {
  /** Stable; docs/rollouts.md names the same rows. */
  name: string
  fault: Fault
  when: RegExp
  /** For a person: what is wrong and what to do. */
  say(caught: readonly string[], place: Place): string
}

/** Where it happened, for texts that name it. */
export interface Place {
  /** The registry's host, empty where none is concerned. */
  registry: string
  /** What to do about a credential. */
  advice: string
}

const DISK_FULL = platform(
  'disk-full',
  /no space left on device|disk quota exceeded/i,
  'the disk is full: `docker system df` shows what takes it',
)

/**
 * Whose fault a failure is, first match wins. `release`: the same release would fail on every machine. `platform`:
 * the host, the engine, the network or a stranger stands in the way. The patterns are the engine's own words,
 * from 20.10 until today; a failure that matches none is judged by its HTTP status.
 */
export const ENGINE_RULES: Rule[] = [
  DISK_FULL,
  release(
    'memory-limit-too-low',
    /memory limit too low|minimum memory limit allowed/i,
    'its memory limit is too low to start at all: raise it',
  ),
  platform('memory-exhausted', /cannot allocate memory/i, 'the host is out of memory'),
  platform(
    'processes-exhausted',
    /resource temporarily unavailable|too many open files|pthread_create failed/i,
    'the host has no processes or open files left',
  ),
  platform(
    'runtime-missing',
    /exec: \\?"(?:runc|crun|containerd-shim\S*|docker-init|docker-proxy|iptables)\\?"|fork\/exec|invalid runtime name/i,
    'a part of the engine itself is missing or broken: reinstall it',
  ),
  {
    ...release(
      'executable-missing',
      /exec:? \\?"?([^\s"\\]+)\\?"?: (?:executable file not found|(?:stat .*)?no such file or directory)/i,
      '',
    ),
    say: ([, path]) => `the executable "${path}" is not in the image: check entrypoint and command`,
  },
  {
    ...release('executable-denied', /exec:? \\?"([^"\\]+)\\?": (?:permission denied|is a directory)/i, ''),
    say: ([, path]) => `"${path}" in the image is not executable: check entrypoint and command`,
  },
  release(
    'wrong-architecture',
    /exec format error|does not match the specified platform|does not match the detected host platform/i,
    "the image was built for another processor's architecture, or its script has no #! line",
  ),
  release('command-missing', /no command specified/i, 'neither the image nor the service has a command: set `command`'),
  {
    ...release('user-missing', /unable to find (?:user|group) (\S+?):/i, ''),
    say: ([, user]) => `the image has no user or group "${user}": check \`user\``,
  },
  release(
    'working-dir-denied',
    /chdir to cwd/i,
    'its working directory cannot be entered: check `working_dir` and `user`',
  ),
  release(
    'mount-mismatch',
    /trying to mount a directory onto a file|not a directory/i,
    'a file would be mounted over a folder, or a folder over a file: check the mount targets',
  ),
  release(
    'mount-in-read-only',
    /error mounting .*read-only file system/i,
    'a mount would lie inside a read-only one: check the mount targets',
  ),
  platform(
    'bind-missing',
    /bind source path does not exist/i,
    'a folder that is to be mounted does not exist on the host: make it there',
  ),
  platform(
    'disk-broken',
    /read-only file system|input\/output error|structure needs cleaning/i,
    'the disk of the host has an error: `dmesg` shows it',
  ),
  release(
    'sysctl-refused',
    /sysctl .*is not (?:in a separate kernel namespace|allowed)|write sysctl key/i,
    'the kernel refuses a setting: check `sysctls`',
  ),
  release(
    'limit-beyond-host',
    /range of cpus is from|requested (?:cpus|memory nodes) are not available/i,
    'it asks for more processors than this machine has: lower `cpus` or `cpuset`',
  ),
  platform(
    'device-missing',
    /could not select device driver|gathering device information|error injecting cdi devices/i,
    'a device it asks for is not on this host',
  ),
  platform(
    'cgroup',
    /cgroup/i,
    "the host's control groups refuse it: a restart of the engine or the host helps as a rule",
  ),
  platform('security-profile', /apparmor|selinux|seccomp/i, "the host's security profiles refuse it"),
  release('log-driver-unknown', /no log driver named/i, 'the engine has no such log driver: check `logging`'),
  platform(
    'log-driver-unreachable',
    /failed to (?:initialize|create) (?:logging|log) driver/i,
    'its log driver cannot reach where it writes to',
  ),
  platform(
    'host-address-missing',
    /cannot assign requested address/i,
    'the host has no such address to publish a port on',
  ),
  platform(
    'port-taken',
    /port is already allocated|bind: address already in use|failed to bind host port|ports are not available/i,
    'the port is taken',
  ),
  platform(
    'port-privileged',
    /cannot expose privileged port/i,
    'this engine may not publish ports below 1024: it runs without root',
  ),
  platform(
    'firewall',
    /iptables failed|ip6tables failed|no chain\/target\/match by that name/i,
    "the host's firewall lost the engine's rules: a restart of the engine brings them back",
  ),
  platform('address-taken', /address already in use/i, 'its address is taken by another container'),
  release(
    'address-outside',
    /does not belong to any of this network's subnets|no configured subnet .*contain|only when connecting to networks with user configured subnets/i,
    'its fixed address is not of the network: check `ipv4_address`',
  ),
  platform(
    'range-taken',
    /pool overlaps|(?<!non-)overlapping ipv4|conflicts with network/i,
    'the address range of the network is in use already',
  ),
  platform(
    'range-exhausted',
    /non-overlapping|predefined address|address pools?|no available ipv4 addresses|no available ip addresses/i,
    'the engine has no address range left: `docker network prune` frees unused ones',
  ),
  platform('name-taken', /container name "?\S+"? is already in use/i, 'its name is taken by another container'),
  platform(
    'owner-down',
    /cannot join network (?:namespace )?of a (?:non running|non-running) container|joining network namespace of container/i,
    'the container whose network it uses does not run',
  ),
  platform('image-gone', /no such image/i, 'somebody removed the image meanwhile'),
  platform(
    'object-gone',
    /no such (?:container|volume|network)|network \S+ not found/i,
    'somebody removed it meanwhile',
  ),
  platform('engine-slow', /deadline exceeded|timed? ?out|etimedout/i, 'it took the engine too long'),
  platform(
    'engine-away',
    /ECONNREFUSED|ENOENT|ECONNRESET|EPIPE|EACCES|ETIMEDOUT|EHOSTUNREACH|socket hang up|aborted|is the docker daemon running|containerd.* (?:closing|unavailable)/i,
    'the Docker engine did not answer',
  ),
]

/** As `ENGINE_RULES`, for a pull or a question to a registry. What speaks of the way to it comes first. */
export const REGISTRY_RULES: Rule[] = [
  DISK_FULL,
  registryRule(
    'registry-unknown-host',
    /no such host|server misbehaving|temporary failure in name resolution|name or service not known/i,
    'has no address: check the name, and the DNS of the host',
  ),
  registryRule(
    'registry-tls',
    /x509|tls: |certificate|server gave http response to https client/i,
    'cannot be trusted: give the engine its certificate authority, or name it in insecure-registries',
  ),
  registryRule(
    'registry-slow',
    /deadline exceeded|i\/o timeout|timeout exceeded|handshake timeout|etimedout|no progress for|no answer within|aborted/i,
    'did not answer in time: the time limit was reached',
  ),
  registryRule(
    'registry-unreachable',
    /connection refused|connection reset|no route to host|network is unreachable|broken pipe|\beof\b|econnrefused|econnreset|proxyconnect/i,
    'cannot be reached',
  ),
  registryRule('registry-busy', /toomanyrequests|too many requests|\b429\b/i, 'allows no more requests for now'),
  registryRule(
    'registry-broken',
    /http(?: status:)? 5\d\d|unexpected status(?: code)?.*\b5\d\d\b|\b50[0234] [a-z]|internal server error|bad gateway|service unavailable/i,
    'has trouble of its own',
  ),
  release(
    'architecture-missing',
    /no matching manifest for|no match for platform/i,
    "the image does not exist for this machine's architecture",
  ),
  {
    ...registryRule(
      'registry-access',
      /unauthorized|authentication required|no basic auth|denied|forbidden|\b40[13]\b/i,
      'refuses access',
    ),
    say: (_, { registry, advice }) => `the registry ${registry} refuses access: ${advice}`,
  },
  release(
    'image-missing',
    /manifest.* unknown|manifest for .* not found|name unknown|repository name not known|not found/i,
    'there is no such image',
  ),
]

function platform(name: string, when: RegExp, text: string): Rule {
  return { name, fault: 'platform', when, say: () => text }
}

function release(name: string, when: RegExp, text: string): Rule {
  return { name, fault: 'release', when, say: () => text }
}

function registryRule(name: string, when: RegExp, text: string): Rule {
  return { name, fault: 'platform', when, say: (_, { registry }) => `the registry ${registry} ${text}` }
}

/** The row that these words fall under, if any. */
export function ruleFor(rules: Rule[], words: string): Rule | undefined {
  return rules.find(({ when }) => when.test(words))
}
