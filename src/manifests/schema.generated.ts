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
 * volume, bind (a file or folder of the repository, read-only) or tmpfs.
 */
type: ("volume" | "bind" | "tmpfs")
/**
 * Name of the volume, or path relative to the Compose file.
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
 * host or ingress: on one host the container publishes the port itself either way.
 */
mode?: ("host" | "ingress")
})
/**
 * How the service appears on the network.
 */
export type ServiceNetwork = ({
/**
 * Further names of the service on this network.
 */
aliases?: string[]
} | null)
/**
 * Labels of the containers.
 */
export type Labels = ({
[k: string]: string | number | boolean | null
} | string[])
/**
 * One string or a list of strings.
 */
export type Strings2 = (string | string[])
/**
 * Labels of a Swarm service: no effect on a plain Docker host, accepted with a warning.
 */
export type Labels1 = ({
[k: string]: string | number | boolean | null
} | string[])
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
 * Named volumes, files and folders of the repository (read-only), and tmpfs: `data:/var/lib/x`, `./nginx.conf:/etc/nginx/nginx.conf:ro`, or the long form.
 */
volumes?: MountFile[]
tmpfs?: Strings1
/**
 * Configs to mount: a name (mounted at `/<name>`) or the long form.
 */
configs?: ConfigMount[]
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
labels?: Labels
/**
 * Host name inside the container.
 */
hostname?: string
/**
 * User, and optionally group, that the container runs as.
 */
user?: (string | number)
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
 * Capabilities to take away.
 */
cap_drop?: string[]
/**
 * Further host names: a list of `name:address` (or `name=address`) or a map.
 */
extra_hosts?: (string[] | {
[k: string]: Strings2
})
logging?: Logging
/**
 * Restart policy of the engine: `no`, `always`, `unless-stopped` (default), `on-failure` or `on-failure:<attempts>`.
 */
restart?: string
/**
 * always: ask the registry each release. missing (default) and if_not_present: likewise, a local copy is the fallback. never: local images only.
 */
pull_policy?: ("always" | "missing" | "if_not_present" | "never")
deploy?: Deploy
/**
 * Memory limit; the same as deploy.resources.limits.memory.
 */
mem_limit?: (string | number)
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
 * replicated (default), or replicated-job: runs to completion once per release that changes it.
 */
mode?: ("replicated" | "replicated-job")
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
 * start-first (default where old and new can overlap) or stop-first (default with a published port or a writable volume).
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
}
/**
 * Limits of each replica.
 */
export interface Resources {
limits?: Limits
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
 * Holdfast's own settings of a service. This version has none yet.
 */
export interface ServiceExtension {

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
sync?: Sync
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
              }
            },
            "additionalProperties": false
          }
        },
        "volumes": {
          "description": "Named volumes, files and folders of the repository (read-only), and tmpfs: `data:/var/lib/x`, `./nginx.conf:/etc/nginx/nginx.conf:ro`, or the long form.",
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
              }
            },
            "additionalProperties": false
          }
        },
        "labels": {
          "description": "Labels of the containers.",
          "$ref": "#/$defs/labels"
        },
        "hostname": {
          "description": "Host name inside the container.",
          "type": "string"
        },
        "user": {
          "description": "User, and optionally group, that the container runs as.",
          "type": [
            "string",
            "integer"
          ]
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
        "cap_drop": {
          "description": "Capabilities to take away.",
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
        "deploy": {
          "$ref": "#/$defs/deploy"
        },
        "mem_limit": {
          "description": "Memory limit; the same as deploy.resources.limits.memory.",
          "$ref": "#/$defs/size"
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
          "title": "ServiceExtension",
          "description": "Holdfast's own settings of a service. This version has none yet.",
          "type": "object",
          "properties": {},
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
          "description": "volume, bind (a file or folder of the repository, read-only) or tmpfs.",
          "enum": [
            "volume",
            "bind",
            "tmpfs"
          ]
        },
        "source": {
          "description": "Name of the volume, or path relative to the Compose file.",
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
          "description": "host or ingress: on one host the container publishes the port itself either way.",
          "enum": [
            "host",
            "ingress"
          ]
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
          "description": "replicated (default), or replicated-job: runs to completion once per release that changes it.",
          "enum": [
            "replicated",
            "replicated-job"
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
              "description": "start-first (default where old and new can overlap) or stop-first (default with a published port or a writable volume).",
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
