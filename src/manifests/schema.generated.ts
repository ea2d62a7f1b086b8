// Written by `npm run generate` from schemas/*.schema.json. Do not edit.

/**
 * Replaces the image's command: a string (split into words) or a list.
 */
export type Command = (string | string[] | null)
/**
 * Replaces the image's entry point: a string (split into words) or a list.
 */
export type Command1 = (string | string[] | null)
/**
 * Environment variables; they win over those of env_file.
 */
export type Environment = ({
[k: string]: string | number | boolean | null
} | string[])
export type EnvFileEntry = (string | {
/**
 * Path of the file, relative to the Compose file.
 */
path: string
/**
 * Whether a missing file is an error. Default true.
 */
required?: boolean
})
/**
 * A string (run by the container's shell), a list that starts with CMD or CMD-SHELL, or ["NONE"] to disable the image's check.
 */
export type Strings = (string | string[])
/**
 * `<volume>:<path>[:ro]`, `./<path in the repository>:<path>:ro`, or the long form.
 */
export type MountFile = (string | {
/**
 * volume, bind (a file or folder of the repository, read-only, a folder below --bind-root, or a path of the host that the policy allows) or tmpfs.
 */
type: ("volume" | "bind" | "tmpfs")
/**
 * Name of the volume, path relative to the Compose file, or absolute path on the host.
 */
source?: string
/**
 * Absolute path in the container.
 */
target: string
/**
 * Whether the container may only read. Required for files of the repository.
 */
read_only?: boolean
tmpfs?: TmpfsOptions
})
/**
 * Paths in the container that live in memory, each optionally with `:size=64m`.
 */
export type Strings1 = (string | string[])
export type ConfigMount = (string | {
/**
 * Name of a config at the top level.
 */
source: string
/**
 * Path in the container. Default `/<source>`.
 */
target?: string
uid?: FileOwner
gid?: FileOwner
mode?: FileMode
})
/**
 * Number of the user or group that the file belongs to. Default: the container's.
 */
export type FileOwner = (string | number)
/**
 * Permissions in octal with a leading zero, such as 0440.
 */
export type FileMode = string
export type SecretMount = (string | {
/**
 * Name of a secret at the top level.
 */
source: string
/**
 * Name of the file in `/run/secrets`, or an absolute path in the container. Default: the secret's name.
 */
target?: string
uid?: FileOwner
gid?: FileOwner
mode?: FileMode
})
/**
 * `[address:]<host port>:<container port>[/protocol]`, or the long form.
 */
export type PortFile = (string | number | {
/**
 * Port in the container.
 */
target: number
/**
 * Port on the host, one number.
 */
published: (string | number)
/**
 * Address of the host to listen on. Default: all.
 */
host_ip?: string
/**
 * tcp (default) or udp.
 */
protocol?: ("tcp" | "udp")
/**
 * host or ingress: on one host they mean the same.
 */
mode?: ("host" | "ingress")
/**
 * How it is spoken there: http, http2 (or h2c, grpc), or tcp for everything else, TLS included. Default: found out for each connection.
 */
app_protocol?: ("http" | "http2" | "h2c" | "grpc" | "tcp")
"x-holdfast"?: PortExtension
})
/**
 * How the service appears on the network.
 */
export type ServiceNetwork = ({
/**
 * Further names of the service on this network.
 */
aliases?: string[]
/**
 * The address of the one replica: in the subnet that the network's `ipam` names, or on an external network.
 */
ipv4_address?: string
} | null)
/**
 * Labels of the containers.
 */
export type Labels = ({
[k: string]: string | number | boolean | null
} | string[])
export type DeviceFile = (string | {
/**
 * Absolute path on the host.
 */
source: string
/**
 * Absolute path in the container. Default: as on the host.
 */
target?: string
/**
 * Some of r (read), w (write) and m (make the node). Default rwm.
 */
permissions?: string
})
/**
 * Addresses of name servers: one, or a list.
 */
export type Addresses = (string | string[])
/**
 * Domains to search for short host names.
 */
export type Strings2 = (string | string[])
/**
 * One string or a list of strings.
 */
export type Strings3 = (string | string[])
/**
 * Kernel parameters of the container's own namespaces, as a map or as a list of `name=value`.
 */
export type Sysctls = ({
[k: string]: string | number
} | string[])
/**
 * One number for both, or `soft` and `hard`.
 */
export type Ulimit = (number | {
/**
 * What a process begins with.
 */
soft: number
/**
 * What it may raise it to.
 */
hard: number
})
/**
 * Labels of a Swarm service: no effect on a plain Docker host, accepted with a warning.
 */
export type Labels1 = ({
[k: string]: string | number | boolean | null
} | string[])
/**
 * What the host proves itself with; plain HTTP without it. The name of a secret or config with certificate and key in PEM, or both apart.
 */
export type RouteTls = (string | {
/**
 * The certificate and those between it and its authority, in PEM: the name of a secret or config, or `./path` of a file of the repository.
 */
certificate: string
/**
 * Its private key, in PEM, likewise. Default: it is in the same file.
 */
key?: string
})
/**
 * A network. Its name on the engine is `<stack>_<key>` unless `name` says otherwise.
 */
export type NetworkFile = ({
/**
 * Name on the engine.
 */
name?: string
/**
 * The network exists already; it is never created or removed.
 */
external?: boolean
/**
 * Without a way to the outside.
 */
internal?: boolean
/**
 * Only bridge, which is the default.
 */
driver?: "bridge"
ipam?: IpamFile
} | null)
/**
 * A named volume. Its name on the engine is `<stack>_<key>` unless `name` says otherwise.
 */
export type VolumeFile = ({
/**
 * Name on the engine.
 */
name?: string
/**
 * The volume exists already; it is never created.
 */
external?: boolean
/**
 * Only local, which is the default.
 */
driver?: "local"
} | null)

/**
 * A Compose file as Holdfast deploys it, with what Compose has no word for under x-holdfast.
 */
export interface StackFile {
/**
 * Name of the stack. Must equal the name that the repository gives it (its folder's name); only a lone file at the root is free to choose.
 */
name?: string
/**
 * Obsolete in Compose: accepted with a warning, no effect.
 */
version?: (string | number)
/**
 * The containers of the stack, by service name.
 */
services: {
[k: string]: ServiceFile
}
/**
 * Networks that services join. A service that names none joins `default`.
 */
networks?: {
[k: string]: NetworkFile
}
/**
 * Named volumes. They hold data and are never removed by a rollout.
 */
volumes?: {
[k: string]: VolumeFile
}
/**
 * Files that services mount read-only, by name. A change of content is a change of the services that mount it.
 */
configs?: {
[k: string]: ConfigFile
}
/**
 * Files that only the user of the container can read, by name. A change of content is a change of the services that mount it.
 */
secrets?: {
[k: string]: SecretFile
}
"x-holdfast"?: StackExtension
}
/**
 * One service: the same container, in one or several replicas.
 */
export interface ServiceFile {
/**
 * The image, with a tag or a digest. A release pins it to a digest.
 */
image: string
command?: Command
entrypoint?: Command1
environment?: Environment
/**
 * Files of the repository with KEY=value lines: one path, or a list. Later files win. Paths are relative to the Compose file.
 */
env_file?: (string | EnvFileEntry[])
healthcheck?: HealthCheckFile
/**
 * Services that come first: a list (they must be started) or a map with a condition each.
 */
depends_on?: (string[] | {
[k: string]: Dependency
})
/**
 * Named volumes, files and folders of the repository (read-only), folders of the stack's own below --bind-root, paths of the host that the policy allows, and tmpfs: `data:/var/lib/x`, `./nginx.conf:/etc/nginx/nginx.conf:ro`, `./data:/data`, or the long form.
 */
volumes?: MountFile[]
tmpfs?: Strings1
/**
 * Configs to mount: a name (mounted at `/<name>`) or the long form.
 */
configs?: ConfigMount[]
/**
 * Secrets to mount: a name (mounted at `/run/secrets/<name>`) or the long form. Without more they belong to the user of the container, with mode 0400.
 */
secrets?: SecretMount[]
/**
 * Ports published on the host: `8080:80`, `127.0.0.1:8080:80/tcp`, equal ranges `8000-8002:80-82`, or the long form. The host port must be given.
 */
ports?: PortFile[]
/**
 * Documents ports of the container; no effect, as in Compose.
 */
expose?: (string | number)[]
/**
 * Networks to join: a list of names, or a map with aliases. Default: `default`.
 */
networks?: (string[] | {
[k: string]: ServiceNetwork
})
/**
 * Instead of networks: `none`, `service:<name>` to share the network of another service's one replica, or `host`, which must be allowed by the policy.
 */
network_mode?: string
/**
 * The name of the one replica on the engine. Old and new cannot both bear it, so the service is replaced stop-first.
 */
container_name?: string
labels?: Labels
/**
 * Host name inside the container.
 */
hostname?: string
/**
 * Domain name inside the container.
 */
domainname?: string
/**
 * User, and optionally group, that the container runs as.
 */
user?: (string | number)
/**
 * Further groups of the user, by name or number.
 */
group_add?: (string | number)[]
/**
 * Working directory inside the container.
 */
working_dir?: string
/**
 * Signal that asks the container to stop. Default: the image's, or SIGTERM.
 */
stop_signal?: string
/**
 * Time between the stop signal and the kill. Default 10s.
 */
stop_grace_period?: string
/**
 * Runs a small init process that reaps children and forwards signals.
 */
init?: boolean
/**
 * Makes the container's root file system read-only.
 */
read_only?: boolean
/**
 * Capabilities to give, with or without `CAP_`, or ALL. More than Docker's default set must be allowed by the policy.
 */
cap_add?: string[]
/**
 * Capabilities to take away.
 */
cap_drop?: string[]
/**
 * All rights on the host. Must be allowed by the policy.
 */
privileged?: boolean
/**
 * Devices of the host: `/dev/x`, `/dev/x:/dev/y`, `/dev/x:/dev/y:rw`, or the long form. Must be allowed by the policy.
 */
devices?: DeviceFile[]
/**
 * `no-new-privileges:true`, `apparmor=<profile>`, `label=<...>`, `seccomp=unconfined`. What loosens the engine's own protection must be allowed by the policy.
 */
security_opt?: string[]
/**
 * Only host: the processes of the host. Must be allowed by the policy.
 */
pid?: "host"
/**
 * private, shareable, none, or host, which must be allowed by the policy. Default: the engine's.
 */
ipc?: ("private" | "shareable" | "none" | "host")
/**
 * Only host: the host name of the host. Must be allowed by the policy.
 */
uts?: "host"
/**
 * Only host: the users of the host, where the engine maps them. Must be allowed by the policy.
 */
userns_mode?: "host"
/**
 * private, or host, which must be allowed by the policy. Default: the engine's.
 */
cgroup?: ("private" | "host")
dns?: Addresses
dns_search?: Strings2
/**
 * Options of the resolver, as in resolv.conf.
 */
dns_opt?: string[]
/**
 * Further host names: a list of `name:address` (or `name=address`) or a map.
 */
extra_hosts?: (string[] | {
[k: string]: Strings3
})
sysctls?: Sysctls
/**
 * Limits of the container's processes: one number, or soft and hard; -1 for no limit.
 */
ulimits?: {
[k: string]: Ulimit
}
/**
 * Size of /dev/shm. Default: the engine's, 64m.
 */
shm_size?: (string | number)
/**
 * Gives the container a terminal.
 */
tty?: boolean
/**
 * Keeps the standard input open.
 */
stdin_open?: boolean
/**
 * Makes the kernel end the container sooner (up to 1000) or later (down to -1000) when memory runs out.
 */
oom_score_adj?: number
logging?: Logging
/**
 * Restart policy of the engine: `no`, `always`, `unless-stopped` (default), `on-failure` or `on-failure:<attempts>`.
 */
restart?: string
/**
 * always: ask the registry each release. missing (default) and if_not_present: likewise, a local copy is the fallback. never: local images only.
 */
pull_policy?: ("always" | "missing" | "if_not_present" | "never")
/**
 * How many replicas run; the same as deploy.replicas.
 */
scale?: number
deploy?: Deploy
/**
 * Memory limit; the same as deploy.resources.limits.memory.
 */
mem_limit?: (string | number)
/**
 * Memory that the replica should have when it is scarce; the same as deploy.resources.reservations.memory.
 */
mem_reservation?: (string | number)
/**
 * Memory and swap together, at least the memory limit, which it needs; -1 for unlimited swap.
 */
memswap_limit?: (string | number)
/**
 * Weight against other containers when CPU time is scarce. The engine's default is 1024.
 */
cpu_shares?: number
/**
 * The CPUs it may run on, such as `0-2,4`.
 */
cpuset?: (string | number)
/**
 * CPU limit in cores; the same as deploy.resources.limits.cpus.
 */
cpus?: (string | number)
/**
 * Process limit; the same as deploy.resources.limits.pids.
 */
pids_limit?: number
"x-holdfast"?: ServiceExtension
}
/**
 * How the engine finds out whether a replica is healthy. Without it the image's own check is used.
 */
export interface HealthCheckFile {
test?: Strings
/**
 * Time between two checks. Default 30s.
 */
interval?: string
/**
 * Longest time one check may take. Default 30s.
 */
timeout?: string
/**
 * Failures in a row that make the replica unhealthy. Default 3.
 */
retries?: number
/**
 * Time after the start in which failures do not count. Default 0s.
 */
start_period?: string
/**
 * Disables the image's own check.
 */
disable?: boolean
}
/**
 * What must be true of the other service before this one starts.
 */
export interface Dependency {
/**
 * service_started, service_healthy, or service_completed_successfully, which makes the other one a job.
 */
condition: ("service_started" | "service_healthy" | "service_completed_successfully")
/**
 * Only true, which is the default.
 */
required?: true
}
/**
 * Options of a tmpfs.
 */
export interface TmpfsOptions {
/**
 * Largest size.
 */
size?: (string | number)
}
/**
 * Holdfast's own settings of a port.
 */
export interface PortExtension {
/**
 * Whether the replicas are told whom they serve by the PROXY protocol, version 2. Default false.
 */
proxyProtocol?: boolean
}
/**
 * Log driver and options. Default: json-file with max-size 10m and max-file 3.
 */
export interface Logging {
/**
 * Name of the log driver. Default json-file.
 */
driver?: string
/**
 * Options of the driver.
 */
options?: {
[k: string]: string | number | boolean
}
}
/**
 * How the service is rolled out.
 */
export interface Deploy {
/**
 * replicated (default), or replicated-job: runs to completion once per release that changes it. On one host global is one replica, and global-job is replicated-job.
 */
mode?: ("replicated" | "replicated-job" | "global" | "global-job")
/**
 * How many replicas run. Default 1.
 */
replicas?: number
labels?: Labels1
update_config?: UpdateConfig
resources?: Resources
restart_policy?: RestartPolicyFile
}
/**
 * How replicas are replaced.
 */
export interface UpdateConfig {
/**
 * How many replicas may be in flux at once; 0 means all. Default 1.
 */
parallelism?: number
/**
 * start-first (default where old and new can overlap) or stop-first (default where something can be had only once, such as a published port or a writable volume).
 */
order?: ("start-first" | "stop-first")
/**
 * How long a replica must be healthy without a break. Default: interval x retries of its health check, at least 10s.
 */
monitor?: string
/**
 * rollback (default): the whole release goes back. See x-holdfast.rollback to keep it.
 */
failure_action?: "rollback"
/**
 * Share of the replicas, 0 to 1, that may fail without failing the release. Default 0.
 */
max_failure_ratio?: number
}
/**
 * Limits of each replica.
 */
export interface Resources {
limits?: Limits
reservations?: Reservations
}
/**
 * What a replica may use at most.
 */
export interface Limits {
/**
 * CPU limit in cores.
 */
cpus?: (string | number)
/**
 * Memory limit.
 */
memory?: (string | number)
/**
 * Process limit.
 */
pids?: number
}
/**
 * What a replica should have when it is scarce.
 */
export interface Reservations {
/**
 * Memory reservation.
 */
memory?: (string | number)
}
/**
 * Restart policy of the engine; wins over `restart`.
 */
export interface RestartPolicyFile {
/**
 * none, on-failure or any (default).
 */
condition?: ("none" | "on-failure" | "any")
/**
 * Only with on-failure: how often the engine restarts a replica.
 */
max_attempts?: number
}
/**
 * Holdfast's own settings of a service.
 */
export interface ServiceExtension {
/**
 * Makes the service a job that runs with every release: pre-deploy before all services, post-deploy after all of them. A hook that fails, fails the release.
 */
hook?: ("pre-deploy" | "post-deploy")
/**
 * When a job runs: always (with every release; default of hooks) or changed (when its own definition changed; default of other jobs).
 */
run?: ("always" | "changed")
probe?: ProbeFile
/**
 * How long a replica may finish what it is busy with once nothing new is led to it; 0s for not at all. Default 30s.
 */
drain?: string
/**
 * Hosts and paths for which the gateway sends requests here, from the ports for HTTP and HTTPS that all stacks of the target share.
 */
routes?: RouteFile[]
}
/**
 * Asks the container from outside whether it is healthy, instead of a healthcheck: for images without a shell. Exactly one of `http` and `tcp`.
 */
export interface ProbeFile {
http?: HttpProbe
tcp?: TcpProbe
/**
 * Time between two probes. Default 10s.
 */
interval?: string
/**
 * Longest time one probe may take. Default 5s.
 */
timeout?: string
/**
 * Failures in a row that make the replica unhealthy. Default 3.
 */
retries?: number
/**
 * Time after the start in which failures do not count. Default 0s.
 */
start_period?: string
}
/**
 * Healthy is an answer to GET.
 */
export interface HttpProbe {
/**
 * Port in the container.
 */
port: number
/**
 * Path and query. Default `/`.
 */
path?: string
/**
 * The status that is expected. Default: any from 200 to 399.
 */
status?: number
}
/**
 * Healthy is a connection that is accepted.
 */
export interface TcpProbe {
/**
 * Port in the container.
 */
port: number
}
/**
 * Requests for a host, and below a path of it.
 */
export interface RouteFile {
/**
 * A host name such as `shop.example.com`, or `*.example.com` for every name right below it.
 */
host: string
/**
 * The beginning of the paths that are meant: `/api` is `/api` and what lies below. Default `/`, which is all of them.
 */
path?: string
/**
 * Where the replicas listen. Default: the one port that the service publishes or exposes.
 */
port?: number
/**
 * How the replicas are spoken to: http (default), or http2 for HTTP/2 without TLS, such as gRPC.
 */
protocol?: ("http" | "http2")
tls?: RouteTls
/**
 * Whether plain HTTP is sent on to HTTPS. Default: true with `tls`.
 */
redirect?: boolean
}
/**
 * The network's addresses. Without it Holdfast chooses a free subnet.
 */
export interface IpamFile {
/**
 * Only default.
 */
driver?: "default"
/**
 * One entry, for IPv4.
 */
config?: IpamConfig[]
}
/**
 * One subnet.
 */
export interface IpamConfig {
/**
 * The subnet, such as `10.20.0.0/24`.
 */
subnet: string
/**
 * The part of the subnet that the engine gives addresses from by itself, such as `10.20.0.128/25`.
 */
ip_range?: string
/**
 * Address of the network's gateway. Default: the first one.
 */
gateway?: string
}
/**
 * The content of a config: exactly one of `file` and `content`.
 */
export interface ConfigFile {
/**
 * A file of the repository, relative to the Compose file.
 */
file?: string
/**
 * The content itself; variables are interpolated.
 */
content?: string
}
/**
 * The content of a secret: exactly one of `file` and `environment`.
 */
export interface SecretFile {
/**
 * A file of the repository, relative to the Compose file.
 */
file?: string
/**
 * Name of a variable of the stack, which holds the content.
 */
environment?: string
}
/**
 * Holdfast's own settings of the stack.
 */
export interface StackExtension {
/**
 * release (default): when one service fails, every service goes back to the stable release. off: the rollout stops and stays as it is.
 */
rollback?: ("release" | "off")
/**
 * Longest time without any progress before a rollout fails. Default 10m.
 */
progressDeadline?: string
/**
 * Stacks of this repository that must be healthy before this one is rolled out.
 */
dependsOn?: string[]
sync?: Sync
/**
 * Name of the target that the stack runs on: a-z, 0-9 and dash. Default: the default target.
 */
target?: string
/**
 * Variables for interpolation; they win over the stack's .env.
 */
env?: {
[k: string]: string | number | boolean
}
}
/**
 * What is done about a difference between git and what runs.
 */
export interface Sync {
/**
 * correct (default): what somebody changed by hand is put right. warn: it is only named. off: not even that.
 */
selfHeal?: ("off" | "warn" | "correct" | false)
/**
 * Whether the containers of services that were removed from the file are removed. Default true.
 */
prune?: boolean
}

export const stackSchema = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:holdfast:schema:stack",
  "title": "StackFile",
  "description": "A Compose file as Holdfast deploys it, with what Compose has no word for under x-holdfast.",
  "type": "object",
  "required": [
    "services"
  ],
  "properties": {
    "name": {
      "description": "Name of the stack. Must equal the name that the repository gives it (its folder's name); only a lone file at the root is free to choose.",
      "type": "string",
      "pattern": "^[a-z0-9][a-z0-9_-]*$"
    },
    "version": {
      "description": "Obsolete in Compose: accepted with a warning, no effect.",
      "type": [
        "string",
        "number"
      ]
    },
    "services": {
      "description": "The containers of the stack, by service name.",
      "type": "object",
      "minProperties": 1,
      "propertyNames": {
        "pattern": "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/service"
      }
    },
    "networks": {
      "description": "Networks that services join. A service that names none joins `default`.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/network"
      }
    },
    "volumes": {
      "description": "Named volumes. They hold data and are never removed by a rollout.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/volume"
      }
    },
    "configs": {
      "description": "Files that services mount read-only, by name. A change of content is a change of the services that mount it.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/config"
      }
    },
    "secrets": {
      "description": "Files that only the user of the container can read, by name. A change of content is a change of the services that mount it.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/secret"
      }
    },
    "x-holdfast": {
      "$ref": "#/$defs/stackExtension"
    }
  },
  "patternProperties": {
    "^x-": {
      "description": "Extension fields have no effect of their own; anchors may live there."
    }
  },
  "additionalProperties": false,
  "$defs": {
    "duration": {
      "description": "A duration such as `500ms`, `10s`, `1m30s` or `2h`.",
      "type": "string",
      "pattern": "^([0-9]+(\\.[0-9]+)?(h|m|s|ms|us|ns))+$"
    },
    "size": {
      "description": "A size such as `64m`, `1.5gb` or a number of bytes; k, m, g and t are powers of 1024.",
      "type": [
        "string",
        "integer"
      ],
      "pattern": "^[0-9]+(\\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?$",
      "minimum": 0
    },
    "cpus": {
      "description": "A number of CPU cores, such as `0.5`.",
      "type": [
        "string",
        "number"
      ],
      "pattern": "^[0-9]+(\\.[0-9]+)?$",
      "minimum": 0
    },
    "pids": {
      "description": "The largest number of processes; -1 for no limit.",
      "type": "integer",
      "minimum": -1
    },
    "command": {
      "description": "A string, split into words as a shell does (without variables or pipes), or a list of words.",
      "type": [
        "string",
        "array",
        "null"
      ],
      "items": {
        "type": "string"
      }
    },
    "environment": {
      "description": "Variables, as a map or as a list of `KEY=value`. A name without value takes it from the stack's variables (.env, then x-holdfast.env).",
      "type": [
        "object",
        "array"
      ],
      "additionalProperties": {
        "type": [
          "string",
          "number",
          "boolean",
          "null"
        ]
      },
      "items": {
        "type": "string"
      }
    },
    "labels": {
      "description": "Labels, as a map or as a list of `key=value`. Names under `dev.holdfast.` are reserved.",
      "type": [
        "object",
        "array"
      ],
      "additionalProperties": {
        "type": [
          "string",
          "number",
          "boolean",
          "null"
        ]
      },
      "items": {
        "type": "string"
      }
    },
    "strings": {
      "description": "One string or a list of strings.",
      "type": [
        "string",
        "array"
      ],
      "items": {
        "type": "string"
      }
    },
    "addresses": {
      "description": "One IP address or a list of them.",
      "type": [
        "string",
        "array"
      ],
      "pattern": "^[0-9a-fA-F.:]+$",
      "items": {
        "type": "string",
        "pattern": "^[0-9a-fA-F.:]+$"
      }
    },
    "sysctls": {
      "description": "Kernel parameters, as a map or as a list of `name=value`.",
      "type": [
        "object",
        "array"
      ],
      "additionalProperties": {
        "type": [
          "string",
          "number"
        ]
      },
      "items": {
        "type": "string",
        "pattern": "^[^=]+="
      }
    },
    "service": {
      "title": "ServiceFile",
      "description": "One service: the same container, in one or several replicas.",
      "type": "object",
      "required": [
        "image"
      ],
      "properties": {
        "image": {
          "description": "The image, with a tag or a digest. A release pins it to a digest.",
          "type": "string",
          "minLength": 1
        },
        "command": {
          "description": "Replaces the image's command: a string (split into words) or a list.",
          "$ref": "#/$defs/command"
        },
        "entrypoint": {
          "description": "Replaces the image's entry point: a string (split into words) or a list.",
          "$ref": "#/$defs/command"
        },
        "environment": {
          "description": "Environment variables; they win over those of env_file.",
          "$ref": "#/$defs/environment"
        },
        "env_file": {
          "description": "Files of the repository with KEY=value lines: one path, or a list. Later files win. Paths are relative to the Compose file.",
          "type": [
            "string",
            "array"
          ],
          "items": {
            "title": "EnvFileEntry",
            "type": [
              "string",
              "object"
            ],
            "required": [
              "path"
            ],
            "properties": {
              "path": {
                "description": "Path of the file, relative to the Compose file.",
                "type": "string",
                "minLength": 1
              },
              "required": {
                "description": "Whether a missing file is an error. Default true.",
                "type": "boolean"
              }
            },
            "additionalProperties": false
          }
        },
        "healthcheck": {
          "$ref": "#/$defs/healthcheck"
        },
        "depends_on": {
          "description": "Services that come first: a list (they must be started) or a map with a condition each.",
          "type": [
            "array",
            "object"
          ],
          "items": {
            "type": "string"
          },
          "additionalProperties": {
            "title": "Dependency",
            "description": "What must be true of the other service before this one starts.",
            "type": "object",
            "required": [
              "condition"
            ],
            "properties": {
              "condition": {
                "description": "service_started, service_healthy, or service_completed_successfully, which makes the other one a job.",
                "enum": [
                  "service_started",
                  "service_healthy",
                  "service_completed_successfully"
                ]
              },
              "required": {
                "description": "Only true, which is the default.",
                "enum": [
                  true
                ]
              }
            },
            "additionalProperties": false
          }
        },
        "volumes": {
          "description": "Named volumes, files and folders of the repository (read-only), folders of the stack's own below --bind-root, paths of the host that the policy allows, and tmpfs: `data:/var/lib/x`, `./nginx.conf:/etc/nginx/nginx.conf:ro`, `./data:/data`, or the long form.",
          "type": "array",
          "items": {
            "$ref": "#/$defs/mount"
          }
        },
        "tmpfs": {
          "description": "Paths in the container that live in memory, each optionally with `:size=64m`.",
          "$ref": "#/$defs/strings"
        },
        "configs": {
          "description": "Configs to mount: a name (mounted at `/<name>`) or the long form.",
          "type": "array",
          "items": {
            "title": "ConfigMount",
            "type": [
              "string",
              "object"
            ],
            "required": [
              "source"
            ],
            "properties": {
              "source": {
                "description": "Name of a config at the top level.",
                "type": "string"
              },
              "target": {
                "description": "Path in the container. Default `/<source>`.",
                "type": "string",
                "minLength": 1
              },
              "uid": {
                "$ref": "#/$defs/fileOwner"
              },
              "gid": {
                "$ref": "#/$defs/fileOwner"
              },
              "mode": {
                "$ref": "#/$defs/fileMode"
              }
            },
            "additionalProperties": false
          }
        },
        "secrets": {
          "description": "Secrets to mount: a name (mounted at `/run/secrets/<name>`) or the long form. Without more they belong to the user of the container, with mode 0400.",
          "type": "array",
          "items": {
            "title": "SecretMount",
            "type": [
              "string",
              "object"
            ],
            "required": [
              "source"
            ],
            "properties": {
              "source": {
                "description": "Name of a secret at the top level.",
                "type": "string"
              },
              "target": {
                "description": "Name of the file in `/run/secrets`, or an absolute path in the container. Default: the secret's name.",
                "type": "string",
                "minLength": 1
              },
              "uid": {
                "$ref": "#/$defs/fileOwner"
              },
              "gid": {
                "$ref": "#/$defs/fileOwner"
              },
              "mode": {
                "$ref": "#/$defs/fileMode"
              }
            },
            "additionalProperties": false
          }
        },
        "ports": {
          "description": "Ports published on the host: `8080:80`, `127.0.0.1:8080:80/tcp`, equal ranges `8000-8002:80-82`, or the long form. The host port must be given.",
          "type": "array",
          "items": {
            "$ref": "#/$defs/port"
          }
        },
        "expose": {
          "description": "Documents ports of the container; no effect, as in Compose.",
          "type": "array",
          "items": {
            "type": [
              "string",
              "integer"
            ]
          }
        },
        "networks": {
          "description": "Networks to join: a list of names, or a map with aliases. Default: `default`.",
          "type": [
            "array",
            "object"
          ],
          "items": {
            "type": "string"
          },
          "additionalProperties": {
            "title": "ServiceNetwork",
            "description": "How the service appears on the network.",
            "type": [
              "object",
              "null"
            ],
            "properties": {
              "aliases": {
                "description": "Further names of the service on this network.",
                "type": "array",
                "items": {
                  "type": "string"
                }
              },
              "ipv4_address": {
                "description": "The address of the one replica: in the subnet that the network's `ipam` names, or on an external network.",
                "type": "string"
              }
            },
            "additionalProperties": false
          }
        },
        "network_mode": {
          "description": "Instead of networks: `none`, `service:<name>` to share the network of another service's one replica, or `host`, which must be allowed by the policy.",
          "type": "string"
        },
        "container_name": {
          "description": "The name of the one replica on the engine. Old and new cannot both bear it, so the service is replaced stop-first.",
          "type": "string",
          "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]+$"
        },
        "labels": {
          "description": "Labels of the containers.",
          "$ref": "#/$defs/labels"
        },
        "hostname": {
          "description": "Host name inside the container.",
          "type": "string"
        },
        "domainname": {
          "description": "Domain name inside the container.",
          "type": "string"
        },
        "user": {
          "description": "User, and optionally group, that the container runs as.",
          "type": [
            "string",
            "integer"
          ]
        },
        "group_add": {
          "description": "Further groups of the user, by name or number.",
          "type": "array",
          "items": {
            "type": [
              "string",
              "integer"
            ]
          }
        },
        "working_dir": {
          "description": "Working directory inside the container.",
          "type": "string"
        },
        "stop_signal": {
          "description": "Signal that asks the container to stop. Default: the image's, or SIGTERM.",
          "type": "string",
          "pattern": "^(SIG)?[A-Z0-9+-]+$"
        },
        "stop_grace_period": {
          "description": "Time between the stop signal and the kill. Default 10s.",
          "$ref": "#/$defs/duration"
        },
        "init": {
          "description": "Runs a small init process that reaps children and forwards signals.",
          "type": "boolean"
        },
        "read_only": {
          "description": "Makes the container's root file system read-only.",
          "type": "boolean"
        },
        "cap_add": {
          "description": "Capabilities to give, with or without `CAP_`, or ALL. More than Docker's default set must be allowed by the policy.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "cap_drop": {
          "description": "Capabilities to take away.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "privileged": {
          "description": "All rights on the host. Must be allowed by the policy.",
          "type": "boolean"
        },
        "devices": {
          "description": "Devices of the host: `/dev/x`, `/dev/x:/dev/y`, `/dev/x:/dev/y:rw`, or the long form. Must be allowed by the policy.",
          "type": "array",
          "items": {
            "title": "DeviceFile",
            "type": [
              "string",
              "object"
            ],
            "required": [
              "source"
            ],
            "properties": {
              "source": {
                "description": "Absolute path on the host.",
                "type": "string",
                "minLength": 1
              },
              "target": {
                "description": "Absolute path in the container. Default: as on the host.",
                "type": "string",
                "minLength": 1
              },
              "permissions": {
                "description": "Some of r (read), w (write) and m (make the node). Default rwm.",
                "type": "string",
                "pattern": "^[rwm]{1,3}$"
              }
            },
            "additionalProperties": false
          }
        },
        "security_opt": {
          "description": "`no-new-privileges:true`, `apparmor=<profile>`, `label=<...>`, `seccomp=unconfined`. What loosens the engine's own protection must be allowed by the policy.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "pid": {
          "description": "Only host: the processes of the host. Must be allowed by the policy.",
          "enum": [
            "host"
          ]
        },
        "ipc": {
          "description": "private, shareable, none, or host, which must be allowed by the policy. Default: the engine's.",
          "enum": [
            "private",
            "shareable",
            "none",
            "host"
          ]
        },
        "uts": {
          "description": "Only host: the host name of the host. Must be allowed by the policy.",
          "enum": [
            "host"
          ]
        },
        "userns_mode": {
          "description": "Only host: the users of the host, where the engine maps them. Must be allowed by the policy.",
          "enum": [
            "host"
          ]
        },
        "cgroup": {
          "description": "private, or host, which must be allowed by the policy. Default: the engine's.",
          "enum": [
            "private",
            "host"
          ]
        },
        "dns": {
          "description": "Addresses of name servers: one, or a list.",
          "$ref": "#/$defs/addresses"
        },
        "dns_search": {
          "description": "Domains to search for short host names.",
          "$ref": "#/$defs/strings"
        },
        "dns_opt": {
          "description": "Options of the resolver, as in resolv.conf.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "extra_hosts": {
          "description": "Further host names: a list of `name:address` (or `name=address`) or a map.",
          "type": [
            "array",
            "object"
          ],
          "items": {
            "type": "string",
            "pattern": "^[^:=]+[:=].+$"
          },
          "additionalProperties": {
            "$ref": "#/$defs/strings"
          }
        },
        "sysctls": {
          "description": "Kernel parameters of the container's own namespaces, as a map or as a list of `name=value`.",
          "$ref": "#/$defs/sysctls"
        },
        "ulimits": {
          "description": "Limits of the container's processes: one number, or soft and hard; -1 for no limit.",
          "type": "object",
          "additionalProperties": {
            "title": "Ulimit",
            "description": "One number for both, or `soft` and `hard`.",
            "type": [
              "integer",
              "object"
            ],
            "minimum": -1,
            "required": [
              "soft",
              "hard"
            ],
            "properties": {
              "soft": {
                "description": "What a process begins with.",
                "type": "integer",
                "minimum": -1
              },
              "hard": {
                "description": "What it may raise it to.",
                "type": "integer",
                "minimum": -1
              }
            },
            "additionalProperties": false
          }
        },
        "shm_size": {
          "description": "Size of /dev/shm. Default: the engine's, 64m.",
          "$ref": "#/$defs/size"
        },
        "tty": {
          "description": "Gives the container a terminal.",
          "type": "boolean"
        },
        "stdin_open": {
          "description": "Keeps the standard input open.",
          "type": "boolean"
        },
        "oom_score_adj": {
          "description": "Makes the kernel end the container sooner (up to 1000) or later (down to -1000) when memory runs out.",
          "type": "integer",
          "minimum": -1000,
          "maximum": 1000
        },
        "logging": {
          "title": "Logging",
          "description": "Log driver and options. Default: json-file with max-size 10m and max-file 3.",
          "type": "object",
          "properties": {
            "driver": {
              "description": "Name of the log driver. Default json-file.",
              "type": "string"
            },
            "options": {
              "description": "Options of the driver.",
              "type": "object",
              "additionalProperties": {
                "type": [
                  "string",
                  "number",
                  "boolean"
                ]
              }
            }
          },
          "additionalProperties": false
        },
        "restart": {
          "description": "Restart policy of the engine: `no`, `always`, `unless-stopped` (default), `on-failure` or `on-failure:<attempts>`.",
          "type": "string",
          "pattern": "^(no|always|unless-stopped|on-failure(:[0-9]+)?)$"
        },
        "pull_policy": {
          "description": "always: ask the registry each release. missing (default) and if_not_present: likewise, a local copy is the fallback. never: local images only.",
          "enum": [
            "always",
            "missing",
            "if_not_present",
            "never"
          ]
        },
        "scale": {
          "description": "How many replicas run; the same as deploy.replicas.",
          "type": "integer",
          "minimum": 0,
          "maximum": 1000
        },
        "deploy": {
          "$ref": "#/$defs/deploy"
        },
        "mem_limit": {
          "description": "Memory limit; the same as deploy.resources.limits.memory.",
          "$ref": "#/$defs/size"
        },
        "mem_reservation": {
          "description": "Memory that the replica should have when it is scarce; the same as deploy.resources.reservations.memory.",
          "$ref": "#/$defs/size"
        },
        "memswap_limit": {
          "description": "Memory and swap together, at least the memory limit, which it needs; -1 for unlimited swap.",
          "type": [
            "string",
            "integer"
          ],
          "pattern": "^(-1|[0-9]+(\\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?)$",
          "minimum": -1
        },
        "cpu_shares": {
          "description": "Weight against other containers when CPU time is scarce. The engine's default is 1024.",
          "type": "integer",
          "minimum": 0
        },
        "cpuset": {
          "description": "The CPUs it may run on, such as `0-2,4`.",
          "type": [
            "string",
            "integer"
          ],
          "pattern": "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$",
          "minimum": 0
        },
        "cpus": {
          "description": "CPU limit in cores; the same as deploy.resources.limits.cpus.",
          "$ref": "#/$defs/cpus"
        },
        "pids_limit": {
          "description": "Process limit; the same as deploy.resources.limits.pids.",
          "$ref": "#/$defs/pids"
        },
        "x-holdfast": {
          "$ref": "#/$defs/serviceExtension"
        }
      },
      "patternProperties": {
        "^x-": {
          "description": "Extension fields have no effect."
        }
      },
      "additionalProperties": false
    },
    "healthcheck": {
      "title": "HealthCheckFile",
      "description": "How the engine finds out whether a replica is healthy. Without it the image's own check is used.",
      "type": "object",
      "properties": {
        "test": {
          "description": "A string (run by the container's shell), a list that starts with CMD or CMD-SHELL, or [\"NONE\"] to disable the image's check.",
          "$ref": "#/$defs/strings"
        },
        "interval": {
          "description": "Time between two checks. Default 30s.",
          "$ref": "#/$defs/duration"
        },
        "timeout": {
          "description": "Longest time one check may take. Default 30s.",
          "$ref": "#/$defs/duration"
        },
        "retries": {
          "description": "Failures in a row that make the replica unhealthy. Default 3.",
          "type": "integer",
          "minimum": 1
        },
        "start_period": {
          "description": "Time after the start in which failures do not count. Default 0s.",
          "$ref": "#/$defs/duration"
        },
        "disable": {
          "description": "Disables the image's own check.",
          "type": "boolean"
        }
      },
      "additionalProperties": false
    },
    "mount": {
      "title": "MountFile",
      "description": "`<volume>:<path>[:ro]`, `./<path in the repository>:<path>:ro`, or the long form.",
      "type": [
        "string",
        "object"
      ],
      "required": [
        "type",
        "target"
      ],
      "properties": {
        "type": {
          "description": "volume, bind (a file or folder of the repository, read-only, a folder below --bind-root, or a path of the host that the policy allows) or tmpfs.",
          "enum": [
            "volume",
            "bind",
            "tmpfs"
          ]
        },
        "source": {
          "description": "Name of the volume, path relative to the Compose file, or absolute path on the host.",
          "type": "string",
          "minLength": 1
        },
        "target": {
          "description": "Absolute path in the container.",
          "type": "string",
          "minLength": 1
        },
        "read_only": {
          "description": "Whether the container may only read. Required for files of the repository.",
          "type": "boolean"
        },
        "tmpfs": {
          "title": "TmpfsOptions",
          "description": "Options of a tmpfs.",
          "type": "object",
          "properties": {
            "size": {
              "description": "Largest size.",
              "$ref": "#/$defs/size"
            }
          },
          "additionalProperties": false
        }
      },
      "additionalProperties": false
    },
    "port": {
      "title": "PortFile",
      "description": "`[address:]<host port>:<container port>[/protocol]`, or the long form.",
      "type": [
        "string",
        "integer",
        "object"
      ],
      "required": [
        "target",
        "published"
      ],
      "properties": {
        "target": {
          "description": "Port in the container.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65535
        },
        "published": {
          "description": "Port on the host, one number.",
          "type": [
            "string",
            "integer"
          ],
          "pattern": "^[0-9]+$",
          "minimum": 1,
          "maximum": 65535
        },
        "host_ip": {
          "description": "Address of the host to listen on. Default: all.",
          "type": "string"
        },
        "protocol": {
          "description": "tcp (default) or udp.",
          "enum": [
            "tcp",
            "udp"
          ]
        },
        "mode": {
          "description": "host or ingress: on one host they mean the same.",
          "enum": [
            "host",
            "ingress"
          ]
        },
        "app_protocol": {
          "description": "How it is spoken there: http, http2 (or h2c, grpc), or tcp for everything else, TLS included. Default: found out for each connection.",
          "enum": [
            "http",
            "http2",
            "h2c",
            "grpc",
            "tcp"
          ]
        },
        "x-holdfast": {
          "title": "PortExtension",
          "description": "Holdfast's own settings of a port.",
          "type": "object",
          "properties": {
            "proxyProtocol": {
              "description": "Whether the replicas are told whom they serve by the PROXY protocol, version 2. Default false.",
              "type": "boolean"
            }
          },
          "additionalProperties": false
        }
      },
      "patternProperties": {
        "^x-": {
          "description": "Extension fields have no effect."
        }
      },
      "additionalProperties": false
    },
    "deploy": {
      "title": "Deploy",
      "description": "How the service is rolled out.",
      "type": "object",
      "properties": {
        "mode": {
          "description": "replicated (default), or replicated-job: runs to completion once per release that changes it. On one host global is one replica, and global-job is replicated-job.",
          "enum": [
            "replicated",
            "replicated-job",
            "global",
            "global-job"
          ]
        },
        "replicas": {
          "description": "How many replicas run. Default 1.",
          "type": "integer",
          "minimum": 0,
          "maximum": 1000
        },
        "labels": {
          "description": "Labels of a Swarm service: no effect on a plain Docker host, accepted with a warning.",
          "$ref": "#/$defs/labels"
        },
        "update_config": {
          "title": "UpdateConfig",
          "description": "How replicas are replaced.",
          "type": "object",
          "properties": {
            "parallelism": {
              "description": "How many replicas may be in flux at once; 0 means all. Default 1.",
              "type": "integer",
              "minimum": 0
            },
            "order": {
              "description": "start-first (default where old and new can overlap) or stop-first (default where something can be had only once, such as a published port or a writable volume).",
              "enum": [
                "start-first",
                "stop-first"
              ]
            },
            "monitor": {
              "description": "How long a replica must be healthy without a break. Default: interval x retries of its health check, at least 10s.",
              "$ref": "#/$defs/duration"
            },
            "failure_action": {
              "description": "rollback (default): the whole release goes back. See x-holdfast.rollback to keep it.",
              "enum": [
                "rollback"
              ]
            },
            "max_failure_ratio": {
              "description": "Share of the replicas, 0 to 1, that may fail without failing the release. Default 0.",
              "type": "number",
              "minimum": 0,
              "maximum": 1
            }
          },
          "additionalProperties": false
        },
        "resources": {
          "title": "Resources",
          "description": "Limits of each replica.",
          "type": "object",
          "properties": {
            "limits": {
              "title": "Limits",
              "description": "What a replica may use at most.",
              "type": "object",
              "properties": {
                "cpus": {
                  "description": "CPU limit in cores.",
                  "$ref": "#/$defs/cpus"
                },
                "memory": {
                  "description": "Memory limit.",
                  "$ref": "#/$defs/size"
                },
                "pids": {
                  "description": "Process limit.",
                  "$ref": "#/$defs/pids"
                }
              },
              "additionalProperties": false
            },
            "reservations": {
              "title": "Reservations",
              "description": "What a replica should have when it is scarce.",
              "type": "object",
              "properties": {
                "memory": {
                  "description": "Memory reservation.",
                  "$ref": "#/$defs/size"
                }
              },
              "additionalProperties": false
            }
          },
          "additionalProperties": false
        },
        "restart_policy": {
          "title": "RestartPolicyFile",
          "description": "Restart policy of the engine; wins over `restart`.",
          "type": "object",
          "properties": {
            "condition": {
              "description": "none, on-failure or any (default).",
              "enum": [
                "none",
                "on-failure",
                "any"
              ]
            },
            "max_attempts": {
              "description": "Only with on-failure: how often the engine restarts a replica.",
              "type": "integer",
              "minimum": 0
            }
          },
          "additionalProperties": false
        }
      },
      "additionalProperties": false
    },
    "network": {
      "title": "NetworkFile",
      "description": "A network. Its name on the engine is `<stack>_<key>` unless `name` says otherwise.",
      "type": [
        "object",
        "null"
      ],
      "properties": {
        "name": {
          "description": "Name on the engine.",
          "type": "string",
          "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"
        },
        "external": {
          "description": "The network exists already; it is never created or removed.",
          "type": "boolean"
        },
        "internal": {
          "description": "Without a way to the outside.",
          "type": "boolean"
        },
        "driver": {
          "description": "Only bridge, which is the default.",
          "enum": [
            "bridge"
          ]
        },
        "ipam": {
          "title": "IpamFile",
          "description": "The network's addresses. Without it Holdfast chooses a free subnet.",
          "type": "object",
          "properties": {
            "driver": {
              "description": "Only default.",
              "enum": [
                "default"
              ]
            },
            "config": {
              "description": "One entry, for IPv4.",
              "type": "array",
              "items": {
                "title": "IpamConfig",
                "description": "One subnet.",
                "type": "object",
                "required": [
                  "subnet"
                ],
                "properties": {
                  "subnet": {
                    "description": "The subnet, such as `10.20.0.0/24`.",
                    "type": "string"
                  },
                  "ip_range": {
                    "description": "The part of the subnet that the engine gives addresses from by itself, such as `10.20.0.128/25`.",
                    "type": "string"
                  },
                  "gateway": {
                    "description": "Address of the network's gateway. Default: the first one.",
                    "type": "string"
                  }
                },
                "additionalProperties": false
              }
            }
          },
          "additionalProperties": false
        }
      },
      "patternProperties": {
        "^x-": {
          "description": "Extension fields have no effect."
        }
      },
      "additionalProperties": false
    },
    "volume": {
      "title": "VolumeFile",
      "description": "A named volume. Its name on the engine is `<stack>_<key>` unless `name` says otherwise.",
      "type": [
        "object",
        "null"
      ],
      "properties": {
        "name": {
          "description": "Name on the engine.",
          "type": "string",
          "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"
        },
        "external": {
          "description": "The volume exists already; it is never created.",
          "type": "boolean"
        },
        "driver": {
          "description": "Only local, which is the default.",
          "enum": [
            "local"
          ]
        }
      },
      "patternProperties": {
        "^x-": {
          "description": "Extension fields have no effect."
        }
      },
      "additionalProperties": false
    },
    "config": {
      "title": "ConfigFile",
      "description": "The content of a config: exactly one of `file` and `content`.",
      "type": "object",
      "properties": {
        "file": {
          "description": "A file of the repository, relative to the Compose file.",
          "type": "string",
          "minLength": 1
        },
        "content": {
          "description": "The content itself; variables are interpolated.",
          "type": "string"
        }
      },
      "patternProperties": {
        "^x-": {
          "description": "Extension fields have no effect."
        }
      },
      "additionalProperties": false
    },
    "serviceExtension": {
      "title": "ServiceExtension",
      "description": "Holdfast's own settings of a service.",
      "type": "object",
      "properties": {
        "hook": {
          "description": "Makes the service a job that runs with every release: pre-deploy before all services, post-deploy after all of them. A hook that fails, fails the release.",
          "enum": [
            "pre-deploy",
            "post-deploy"
          ]
        },
        "run": {
          "description": "When a job runs: always (with every release; default of hooks) or changed (when its own definition changed; default of other jobs).",
          "enum": [
            "always",
            "changed"
          ]
        },
        "probe": {
          "$ref": "#/$defs/probe"
        },
        "drain": {
          "description": "How long a replica may finish what it is busy with once nothing new is led to it; 0s for not at all. Default 30s.",
          "$ref": "#/$defs/duration"
        },
        "routes": {
          "description": "Hosts and paths for which the gateway sends requests here, from the ports for HTTP and HTTPS that all stacks of the target share.",
          "type": "array",
          "items": {
            "$ref": "#/$defs/route"
          }
        }
      },
      "additionalProperties": false
    },
    "route": {
      "title": "RouteFile",
      "description": "Requests for a host, and below a path of it.",
      "type": "object",
      "required": [
        "host"
      ],
      "properties": {
        "host": {
          "description": "A host name such as `shop.example.com`, or `*.example.com` for every name right below it.",
          "type": "string",
          "minLength": 1
        },
        "path": {
          "description": "The beginning of the paths that are meant: `/api` is `/api` and what lies below. Default `/`, which is all of them.",
          "type": "string",
          "minLength": 1
        },
        "port": {
          "description": "Where the replicas listen. Default: the one port that the service publishes or exposes.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65535
        },
        "protocol": {
          "description": "How the replicas are spoken to: http (default), or http2 for HTTP/2 without TLS, such as gRPC.",
          "enum": [
            "http",
            "http2"
          ]
        },
        "tls": {
          "title": "RouteTls",
          "description": "What the host proves itself with; plain HTTP without it. The name of a secret or config with certificate and key in PEM, or both apart.",
          "type": [
            "string",
            "object"
          ],
          "minLength": 1,
          "required": [
            "certificate"
          ],
          "properties": {
            "certificate": {
              "description": "The certificate and those between it and its authority, in PEM: the name of a secret or config, or `./path` of a file of the repository.",
              "type": "string",
              "minLength": 1
            },
            "key": {
              "description": "Its private key, in PEM, likewise. Default: it is in the same file.",
              "type": "string",
              "minLength": 1
            }
          },
          "additionalProperties": false
        },
        "redirect": {
          "description": "Whether plain HTTP is sent on to HTTPS. Default: true with `tls`.",
          "type": "boolean"
        }
      },
      "additionalProperties": false
    },
    "probe": {
      "title": "ProbeFile",
      "description": "Asks the container from outside whether it is healthy, instead of a healthcheck: for images without a shell. Exactly one of `http` and `tcp`.",
      "type": "object",
      "properties": {
        "http": {
          "title": "HttpProbe",
          "description": "Healthy is an answer to GET.",
          "type": "object",
          "required": [
            "port"
          ],
          "properties": {
            "port": {
              "description": "Port in the container.",
              "type": "integer",
              "minimum": 1,
              "maximum": 65535
            },
            "path": {
              "description": "Path and query. Default `/`.",
              "type": "string",
              "pattern": "^/[!-~]*$"
            },
            "status": {
              "description": "The status that is expected. Default: any from 200 to 399.",
              "type": "integer",
              "minimum": 100,
              "maximum": 599
            }
          },
          "additionalProperties": false
        },
        "tcp": {
          "title": "TcpProbe",
          "description": "Healthy is a connection that is accepted.",
          "type": "object",
          "required": [
            "port"
          ],
          "properties": {
            "port": {
              "description": "Port in the container.",
              "type": "integer",
              "minimum": 1,
              "maximum": 65535
            }
          },
          "additionalProperties": false
        },
        "interval": {
          "description": "Time between two probes. Default 10s.",
          "$ref": "#/$defs/duration"
        },
        "timeout": {
          "description": "Longest time one probe may take. Default 5s.",
          "$ref": "#/$defs/duration"
        },
        "retries": {
          "description": "Failures in a row that make the replica unhealthy. Default 3.",
          "type": "integer",
          "minimum": 1
        },
        "start_period": {
          "description": "Time after the start in which failures do not count. Default 0s.",
          "$ref": "#/$defs/duration"
        }
      },
      "additionalProperties": false
    },
    "secret": {
      "title": "SecretFile",
      "description": "The content of a secret: exactly one of `file` and `environment`.",
      "type": "object",
      "properties": {
        "file": {
          "description": "A file of the repository, relative to the Compose file.",
          "type": "string",
          "minLength": 1
        },
        "environment": {
          "description": "Name of a variable of the stack, which holds the content.",
          "type": "string",
          "minLength": 1
        }
      },
      "patternProperties": {
        "^x-": {
          "description": "Extension fields have no effect."
        }
      },
      "additionalProperties": false
    },
    "fileOwner": {
      "description": "Number of the user or group that the file belongs to. Default: the container's.",
      "type": [
        "string",
        "integer"
      ],
      "pattern": "^[0-9]+$",
      "minimum": 0
    },
    "fileMode": {
      "description": "Permissions in octal with a leading zero, such as 0440.",
      "type": "string",
      "pattern": "^0[0-7]{3}$"
    },
    "stackExtension": {
      "title": "StackExtension",
      "description": "Holdfast's own settings of the stack.",
      "type": "object",
      "properties": {
        "rollback": {
          "description": "release (default): when one service fails, every service goes back to the stable release. off: the rollout stops and stays as it is.",
          "enum": [
            "release",
            "off"
          ]
        },
        "progressDeadline": {
          "description": "Longest time without any progress before a rollout fails. Default 10m.",
          "$ref": "#/$defs/duration"
        },
        "dependsOn": {
          "description": "Stacks of this repository that must be healthy before this one is rolled out.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "sync": {
          "title": "Sync",
          "description": "What is done about a difference between git and what runs.",
          "type": "object",
          "properties": {
            "selfHeal": {
              "description": "correct (default): what somebody changed by hand is put right. warn: it is only named. off: not even that.",
              "enum": [
                "off",
                "warn",
                "correct",
                false
              ]
            },
            "prune": {
              "description": "Whether the containers of services that were removed from the file are removed. Default true.",
              "type": "boolean"
            }
          },
          "additionalProperties": false
        },
        "target": {
          "description": "Name of the target that the stack runs on: a-z, 0-9 and dash. Default: the default target.",
          "type": "string",
          "pattern": "^[a-z0-9][a-z0-9-]*$"
        },
        "env": {
          "description": "Variables for interpolation; they win over the stack's .env.",
          "type": "object",
          "additionalProperties": {
            "type": [
              "string",
              "number",
              "boolean"
            ]
          }
        }
      },
      "additionalProperties": false
    }
  }
} as const

/**
 * holdfast.yaml at the root of a configuration repository: where its stacks are. Without it, each stacks/<name>/compose.yaml is a stack.
 */
export interface RepositoryFile {
/**
 * A folder pattern such as `apps/*` (each folder with a Compose file is a stack named after it), or a map from stack name to a folder or a Compose file.
 */
stacks: (string | {
/**
 * A folder or a Compose file, relative to the root.
 */
[k: string]: string
})
}

export const repositorySchema = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:holdfast:schema:repository",
  "title": "RepositoryFile",
  "description": "holdfast.yaml at the root of a configuration repository: where its stacks are. Without it, each stacks/<name>/compose.yaml is a stack.",
  "type": "object",
  "required": [
    "stacks"
  ],
  "properties": {
    "stacks": {
      "description": "A folder pattern such as `apps/*` (each folder with a Compose file is a stack named after it), or a map from stack name to a folder or a Compose file.",
      "type": [
        "string",
        "object"
      ],
      "pattern": "^([A-Za-z0-9_.-]+/)*\\*$",
      "propertyNames": {
        "pattern": "^[a-z0-9][a-z0-9_-]*$"
      },
      "additionalProperties": {
        "description": "A folder or a Compose file, relative to the root.",
        "type": "string",
        "minLength": 1
      }
    }
  },
  "patternProperties": {
    "^x-": {
      "description": "Extension fields have no effect."
    }
  },
  "additionalProperties": false
} as const
