// Written by `npm run generate` from schemas/*.schema.json. Do not edit.

/**
 * Whether services may be `privileged`: root on the host. Default false.
 */
export type Privileged = boolean
/**
 * Namespaces of the host that services may join: network (`network_mode: host`), pid, ipc, uts, user (`userns_mode: host`), cgroup. Default: none.
 */
export type HostNamespaces = ("network" | "pid" | "ipc" | "uts" | "user" | "cgroup")[]
/**
 * Capabilities that services may add beyond Docker's default set, such as NET_ADMIN, or ALL. Default: none. Dropping them is always allowed.
 */
export type Capabilities = string[]
/**
 * Devices of the host that services may use: absolute paths, with everything below them, or the beginning of paths and `*`, such as `/dev/ttyUSB*`. Default: none.
 */
export type Devices = string[]
/**
 * Folders and files of the host that services may mount: absolute paths, with everything below them; with `:ro` at the end only read-only. `/` stands for the root folder alone and covers nothing else. Default: none but the stack's own folder below bindRoot.
 */
export type HostPaths = string[]
/**
 * Whether services may mount the socket of a container engine, or a folder that holds it: root on the host, also when mounted read-only. Default false.
 */
export type DockerSocket = boolean
/**
 * Values of `security_opt` that services may use, such as `apparmor=unconfined`, `seccomp=unconfined` or `label=disable`. Default: none but those that loosen nothing.
 */
export type SecurityOptions = string[]
/**
 * Kernel parameters that services may set although they are not known to belong to a container's own namespaces: names, or the beginning of names and `*`. Default: none.
 */
export type Sysctls = string[]
/**
 * Where images may come from: a registry such as `ghcr.io`, or a part of one such as `docker.io/library` or `registry.example.com:5000/team`. Default: everywhere.
 */
export type Registries = string[]
/**
 * Whether every image must be written with its digest, `name:tag@sha256:...`. Default false.
 */
export type DigestsRequired = boolean
/**
 * Whether every service must have a `user` that is a number other than 0. What a name means, and the user of an image, only the image knows. Default false.
 */
export type NonRootRequired = boolean
/**
 * Whether every service must have `read_only: true`. Default false.
 */
export type ReadOnlyRequired = boolean
/**
 * Limits that every service must have, however large: memory, cpus, pids. Default: none.
 */
export type LimitsRequired = ("memory" | "cpus" | "pids")[]
/**
 * What is done about a secret that stands readable in the repository: allow, warn or deny. Default warn.
 */
export type PlainSecrets = ("allow" | "warn" | "deny")
/**
 * Which volumes, or networks, that are not the stack's own it may name as `external`: allow (any), deny (none), or a list of names, or beginnings of names and `*`. Default allow.
 */
export type External = (string | string[])

/**
 * What commits may ask for. A commit that asks for more blocks its stack, and what runs goes on. What is dangerous for the host is refused unless it is allowed here.
 */
export interface PolicyFile {
privileged?: Privileged
hostNamespaces?: HostNamespaces
capabilities?: Capabilities
devices?: Devices
hostPaths?: HostPaths
dockerSocket?: DockerSocket
securityOptions?: SecurityOptions
sysctls?: Sysctls
registries?: Registries
digestsRequired?: DigestsRequired
nonRootRequired?: NonRootRequired
readOnlyRequired?: ReadOnlyRequired
limits?: PolicyLimits
limitsRequired?: LimitsRequired
plainSecrets?: PlainSecrets
externalVolumes?: External
externalNetworks?: External
/**
 * Exceptions, by the name of a stack, or by the beginning of names and `*`; with `<source>/` in front only for stacks of that source. Of those that fit, only the one that says most counts; its keys take the place of the general ones.
 */
stacks?: {
[k: string]: PolicyException
}
}
/**
 * The most that services may have. A limit of memory, CPUs or processes must then be written in the manifest: without it there is none.
 */
export interface PolicyLimits {
/**
 * Replicas of one service.
 */
replicasPerService?: number
/**
 * Replicas of all services of a stack together.
 */
replicasPerStack?: number
/**
 * Memory of one replica, such as `512m` or `2g`; k, m, g and t are powers of 1024.
 */
memory?: (string | number)
/**
 * CPU cores of one replica, such as 1.5.
 */
cpus?: number
/**
 * Processes of one replica.
 */
pids?: number
}
/**
 * What is different for these stacks: looser or stricter.
 */
export interface PolicyException {
privileged?: Privileged
hostNamespaces?: HostNamespaces
capabilities?: Capabilities
devices?: Devices
hostPaths?: HostPaths
dockerSocket?: DockerSocket
securityOptions?: SecurityOptions
sysctls?: Sysctls
registries?: Registries
digestsRequired?: DigestsRequired
nonRootRequired?: NonRootRequired
readOnlyRequired?: ReadOnlyRequired
limits?: PolicyLimits
limitsRequired?: LimitsRequired
plainSecrets?: PlainSecrets
externalVolumes?: External
externalNetworks?: External
}

export const policySchema = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:holdfast:schema:policy",
  "title": "PolicyFile",
  "description": "What commits may ask for. A commit that asks for more blocks its stack, and what runs goes on. What is dangerous for the host is refused unless it is allowed here.",
  "type": "object",
  "properties": {
    "privileged": {
      "$ref": "#/$defs/privileged"
    },
    "hostNamespaces": {
      "$ref": "#/$defs/hostNamespaces"
    },
    "capabilities": {
      "$ref": "#/$defs/capabilities"
    },
    "devices": {
      "$ref": "#/$defs/devices"
    },
    "hostPaths": {
      "$ref": "#/$defs/hostPaths"
    },
    "dockerSocket": {
      "$ref": "#/$defs/dockerSocket"
    },
    "securityOptions": {
      "$ref": "#/$defs/securityOptions"
    },
    "sysctls": {
      "$ref": "#/$defs/sysctls"
    },
    "registries": {
      "$ref": "#/$defs/registries"
    },
    "digestsRequired": {
      "$ref": "#/$defs/digestsRequired"
    },
    "nonRootRequired": {
      "$ref": "#/$defs/nonRootRequired"
    },
    "readOnlyRequired": {
      "$ref": "#/$defs/readOnlyRequired"
    },
    "limits": {
      "$ref": "#/$defs/limits"
    },
    "limitsRequired": {
      "$ref": "#/$defs/limitsRequired"
    },
    "plainSecrets": {
      "$ref": "#/$defs/plainSecrets"
    },
    "externalVolumes": {
      "$ref": "#/$defs/external"
    },
    "externalNetworks": {
      "$ref": "#/$defs/external"
    },
    "stacks": {
      "description": "Exceptions, by the name of a stack, or by the beginning of names and `*`; with `<source>/` in front only for stacks of that source. Of those that fit, only the one that says most counts; its keys take the place of the general ones.",
      "type": "object",
      "propertyNames": {
        "pattern": "^([a-z0-9][a-z0-9-]*/)?([a-z0-9][a-z0-9_-]*\\*?|\\*)$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/exception"
      }
    }
  },
  "additionalProperties": false,
  "$defs": {
    "exception": {
      "title": "PolicyException",
      "description": "What is different for these stacks: looser or stricter.",
      "type": "object",
      "properties": {
        "privileged": {
          "$ref": "#/$defs/privileged"
        },
        "hostNamespaces": {
          "$ref": "#/$defs/hostNamespaces"
        },
        "capabilities": {
          "$ref": "#/$defs/capabilities"
        },
        "devices": {
          "$ref": "#/$defs/devices"
        },
        "hostPaths": {
          "$ref": "#/$defs/hostPaths"
        },
        "dockerSocket": {
          "$ref": "#/$defs/dockerSocket"
        },
        "securityOptions": {
          "$ref": "#/$defs/securityOptions"
        },
        "sysctls": {
          "$ref": "#/$defs/sysctls"
        },
        "registries": {
          "$ref": "#/$defs/registries"
        },
        "digestsRequired": {
          "$ref": "#/$defs/digestsRequired"
        },
        "nonRootRequired": {
          "$ref": "#/$defs/nonRootRequired"
        },
        "readOnlyRequired": {
          "$ref": "#/$defs/readOnlyRequired"
        },
        "limits": {
          "$ref": "#/$defs/limits"
        },
        "limitsRequired": {
          "$ref": "#/$defs/limitsRequired"
        },
        "plainSecrets": {
          "$ref": "#/$defs/plainSecrets"
        },
        "externalVolumes": {
          "$ref": "#/$defs/external"
        },
        "externalNetworks": {
          "$ref": "#/$defs/external"
        }
      },
      "additionalProperties": false
    },
    "privileged": {
      "description": "Whether services may be `privileged`: root on the host. Default false.",
      "type": "boolean"
    },
    "hostNamespaces": {
      "description": "Namespaces of the host that services may join: network (`network_mode: host`), pid, ipc, uts, user (`userns_mode: host`), cgroup. Default: none.",
      "type": "array",
      "items": {
        "enum": [
          "network",
          "pid",
          "ipc",
          "uts",
          "user",
          "cgroup"
        ]
      }
    },
    "capabilities": {
      "description": "Capabilities that services may add beyond Docker's default set, such as NET_ADMIN, or ALL. Default: none. Dropping them is always allowed.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "devices": {
      "description": "Devices of the host that services may use: absolute paths, with everything below them, or the beginning of paths and `*`, such as `/dev/ttyUSB*`. Default: none.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "hostPaths": {
      "description": "Folders and files of the host that services may mount: absolute paths, with everything below them; with `:ro` at the end only read-only. `/` stands for the root folder alone and covers nothing else. Default: none but the stack's own folder below bindRoot.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "dockerSocket": {
      "description": "Whether services may mount the socket of a container engine, or a folder that holds it: root on the host, also when mounted read-only. Default false.",
      "type": "boolean"
    },
    "securityOptions": {
      "description": "Values of `security_opt` that services may use, such as `apparmor=unconfined`, `seccomp=unconfined` or `label=disable`. Default: none but those that loosen nothing.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "sysctls": {
      "description": "Kernel parameters that services may set although they are not known to belong to a container's own namespaces: names, or the beginning of names and `*`. Default: none.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "registries": {
      "description": "Where images may come from: a registry such as `ghcr.io`, or a part of one such as `docker.io/library` or `registry.example.com:5000/team`. Default: everywhere.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "digestsRequired": {
      "description": "Whether every image must be written with its digest, `name:tag@sha256:...`. Default false.",
      "type": "boolean"
    },
    "nonRootRequired": {
      "description": "Whether every service must have a `user` that is a number other than 0. What a name means, and the user of an image, only the image knows. Default false.",
      "type": "boolean"
    },
    "readOnlyRequired": {
      "description": "Whether every service must have `read_only: true`. Default false.",
      "type": "boolean"
    },
    "limits": {
      "title": "PolicyLimits",
      "description": "The most that services may have. A limit of memory, CPUs or processes must then be written in the manifest: without it there is none.",
      "type": "object",
      "properties": {
        "replicasPerService": {
          "description": "Replicas of one service.",
          "type": "integer",
          "minimum": 0
        },
        "replicasPerStack": {
          "description": "Replicas of all services of a stack together.",
          "type": "integer",
          "minimum": 0
        },
        "memory": {
          "description": "Memory of one replica, such as `512m` or `2g`; k, m, g and t are powers of 1024.",
          "type": [
            "string",
            "integer"
          ],
          "pattern": "^[0-9]+(\\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?$",
          "minimum": 0
        },
        "cpus": {
          "description": "CPU cores of one replica, such as 1.5.",
          "type": "number",
          "minimum": 0
        },
        "pids": {
          "description": "Processes of one replica.",
          "type": "integer",
          "minimum": 1
        }
      },
      "additionalProperties": false
    },
    "limitsRequired": {
      "description": "Limits that every service must have, however large: memory, cpus, pids. Default: none.",
      "type": "array",
      "items": {
        "enum": [
          "memory",
          "cpus",
          "pids"
        ]
      }
    },
    "plainSecrets": {
      "description": "What is done about a secret that stands readable in the repository: allow, warn or deny. Default warn.",
      "enum": [
        "allow",
        "warn",
        "deny"
      ]
    },
    "external": {
      "description": "Which volumes, or networks, that are not the stack's own it may name as `external`: allow (any), deny (none), or a list of names, or beginnings of names and `*`. Default allow.",
      "type": [
        "string",
        "array"
      ],
      "pattern": "^(allow|deny)$",
      "items": {
        "type": "string"
      }
    }
  }
} as const
