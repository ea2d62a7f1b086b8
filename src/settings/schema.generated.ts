// Written by `npm run generate` from schemas/*.schema.json. Do not edit.

import type { PolicyFile } from '../manifests/policy/schema.generated.ts'

/**
 * Settings of a Holdfast: what it follows, where it deploys, and what commits may ask for. Options of a command and HOLDFAST_* variables win over this file.
 */
export interface SettingsFile {
/**
 * Folder for memory and history; one Holdfast at a time works with it. Default: /var/lib/holdfast.
 */
data?: string
/**
 * What stored releases are encrypted with; made at the first start. Default: `key` in the data folder.
 */
keyFile?: string
/**
 * This Holdfast's id: containers, networks and volumes of another one are left alone. a-z and 0-9. Default: holdfast.
 */
instance?: string
/**
 * Block of at least 256 IPv4 addresses that the networks made here get their subnets from. Default: 10.201.0.0/16.
 */
pool?: string
/**
 * When to look at the repositories: a cron expression of five fields, or six with seconds first. Default: `* /30 * * * * *`.
 */
poll?: string
/**
 * A pull that makes no progress for so long is given up, such as 90s or 10m. Default: 5m.
 */
pullTimeout?: string
/**
 * Folder where `docker login` keeps credentials of registries. Default: DOCKER_CONFIG, or ~/.docker.
 */
dockerConfig?: string
/**
 * Where the stacks' own folders (`./data:/data`) lie on the hosts of targets that do not say otherwise. An absolute path.
 */
bindRoot?: string
/**
 * on (default): a gateway publishes the ports of TCP services and leads to ready replicas only, and names lead to those too. off: containers publish their ports themselves. On targets that do not say otherwise.
 */
traffic?: ("on" | "off" | true | false)
/**
 * The image that gateway and names run from. Default: `holdfast-traffic` with the version of this Holdfast. On targets that do not say otherwise.
 */
trafficImage?: string
/**
 * Port of the host for the requests of `x-holdfast.routes`. Default: 80. On targets that do not say otherwise.
 */
httpPort?: number
/**
 * The same for routes with a certificate. Default: 443. On targets that do not say otherwise.
 */
httpsPort?: number
/**
 * Addresses or blocks (`10.0.0.0/8`) of proxies in front: what they say of whom a request is from is kept and added to. Default: none. On targets that do not say otherwise.
 */
trustedProxies?: string[]
retention?: RetentionFile
/**
 * The repositories that are followed, each under a name. Options and variables without a name set the one called `default`.
 */
sources?: {
[k: string]: SourceFile
}
/**
 * The Docker engines that stacks run on, each under a name. `default` is for stacks that name none with `x-holdfast.target`.
 */
targets?: {
[k: string]: TargetFile
}
/**
 * What commits may ask for. A commit that asks for more blocks its stack, and what runs goes on. What is dangerous for the host is refused unless it is allowed here.
 */
policy?: PolicyFile
}
/**
 * How much is kept of each stack, beside what is in use.
 */
export interface RetentionFile {
/**
 * Entries of its history. Older ones stay that say of a stored release that it was stable. Default: 1000.
 */
history?: number
/**
 * Releases that it can go back to without git. Default: 100.
 */
releases?: number
}
/**
 * A git repository, what of it is followed, and with which credentials. Without `branch`, `tag` or `commit` it is the branch `main`.
 */
export interface SourceFile {
/**
 * `https://host/path`, `ssh://user@host/path`, `user@host:path`, or a path on this machine.
 */
url?: string
/**
 * The branch whose newest commit is followed.
 */
branch?: string
/**
 * The tag that is followed, also when it is moved.
 */
tag?: string
/**
 * One commit and no other: 40 hex digits.
 */
commit?: string
/**
 * When to look at this repository; see `poll` at the top level.
 */
poll?: string
/**
 * When the repository could not be read for so long, the status says that it is stale. Default: 15m.
 */
staleAfter?: string
/**
 * User name for HTTP(S).
 */
username?: string
/**
 * Password for HTTP(S). Better `passwordFile`.
 */
password?: string
/**
 * File that holds the password for HTTP(S).
 */
passwordFile?: string
/**
 * Access token for HTTP(S). Better `tokenFile`.
 */
token?: string
/**
 * File that holds the access token for HTTP(S).
 */
tokenFile?: string
/**
 * Certificates, PEM, of the authority that signed the server's; the system's own are then not used for it.
 */
caFile?: string
/**
 * HTTP proxy on the way to the server, `http://user:password@host:port`.
 */
proxy?: string
/**
 * Private key for SSH: a deploy key.
 */
sshKeyFile?: string
/**
 * Passphrase of the private key. Better `sshPassphraseFile`.
 */
sshPassphrase?: string
/**
 * File that holds the passphrase of the private key.
 */
sshPassphraseFile?: string
/**
 * Trusted host keys for SSH. Default: ~/.ssh/known_hosts and the system's.
 */
knownHostsFile?: string
/**
 * Secret key `AGE-SECRET-KEY-1…` that encrypted files of the repository are opened with. Better `ageKeyFile`.
 */
ageKey?: string
/**
 * File with the secret keys that encrypted files of the repository are opened with, one a line.
 */
ageKeyFile?: string
/**
 * SSH keys that commits must be signed with, in the form of ssh-keygen's allowed signers.
 */
allowedSignersFile?: string
/**
 * OpenPGP keys that commits must be signed with, as `gpg --export --armor` writes them.
 */
gpgKeyringFile?: string
}
/**
 * A Docker engine and how it is reached.
 */
export interface TargetFile {
/**
 * `unix:///path`, `tcp://host:port` with TLS, or `ssh://user@host`. Default, for the target `default`: DOCKER_HOST, or the local engine.
 */
engine?: string
/**
 * Folder with ca.pem, cert.pem and key.pem for `tcp://`.
 */
tlsDir?: string
/**
 * Private key for `ssh://`. Default: the agent, ~/.ssh/id_*.
 */
sshKeyFile?: string
/**
 * Trusted host keys for `ssh://`. Default: ~/.ssh/known_hosts and the system's.
 */
knownHostsFile?: string
/**
 * Where the stacks' own folders (`./data:/data`) lie on this target. An absolute path.
 */
bindRoot?: string
/**
 * on (default): a gateway publishes the ports of TCP services and leads to ready replicas only, and names lead to those too. off: containers publish their ports themselves. On this target.
 */
traffic?: ("on" | "off" | true | false)
/**
 * The image that gateway and names run from. Default: `holdfast-traffic` with the version of this Holdfast. On this target.
 */
trafficImage?: string
/**
 * Port of the host for the requests of `x-holdfast.routes`. Default: 80. On this target.
 */
httpPort?: number
/**
 * The same for routes with a certificate. Default: 443. On this target.
 */
httpsPort?: number
/**
 * Addresses or blocks (`10.0.0.0/8`) of proxies in front: what they say of whom a request is from is kept and added to. Default: none. On this target.
 */
trustedProxies?: string[]
/**
 * Variables of the manifests on this target; they win over those of the repository.
 */
env?: {
[k: string]: string | number | boolean
}
}

export const settingsSchema = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:holdfast:schema:settings",
  "title": "SettingsFile",
  "description": "Settings of a Holdfast: what it follows, where it deploys, and what commits may ask for. Options of a command and HOLDFAST_* variables win over this file.",
  "type": "object",
  "properties": {
    "data": {
      "description": "Folder for memory and history; one Holdfast at a time works with it. Default: /var/lib/holdfast.",
      "type": "string",
      "minLength": 1
    },
    "keyFile": {
      "description": "What stored releases are encrypted with; made at the first start. Default: `key` in the data folder.",
      "type": "string",
      "minLength": 1
    },
    "instance": {
      "description": "This Holdfast's id: containers, networks and volumes of another one are left alone. a-z and 0-9. Default: holdfast.",
      "type": "string",
      "pattern": "^[a-z0-9]+$"
    },
    "pool": {
      "description": "Block of at least 256 IPv4 addresses that the networks made here get their subnets from. Default: 10.201.0.0/16.",
      "type": "string",
      "minLength": 1
    },
    "poll": {
      "description": "When to look at the repositories: a cron expression of five fields, or six with seconds first. Default: `*/30 * * * * *`.",
      "type": "string",
      "minLength": 1
    },
    "pullTimeout": {
      "description": "A pull that makes no progress for so long is given up, such as 90s or 10m. Default: 5m.",
      "type": "string",
      "minLength": 1
    },
    "dockerConfig": {
      "description": "Folder where `docker login` keeps credentials of registries. Default: DOCKER_CONFIG, or ~/.docker.",
      "type": "string",
      "minLength": 1
    },
    "bindRoot": {
      "description": "Where the stacks' own folders (`./data:/data`) lie on the hosts of targets that do not say otherwise. An absolute path.",
      "type": "string",
      "minLength": 1
    },
    "traffic": {
      "description": "on (default): a gateway publishes the ports of TCP services and leads to ready replicas only, and names lead to those too. off: containers publish their ports themselves. On targets that do not say otherwise.",
      "enum": [
        "on",
        "off",
        true,
        false
      ]
    },
    "trafficImage": {
      "description": "The image that gateway and names run from. Default: `holdfast-traffic` with the version of this Holdfast. On targets that do not say otherwise.",
      "type": "string",
      "pattern": "^[^\\s]+$"
    },
    "httpPort": {
      "description": "Port of the host for the requests of `x-holdfast.routes`. Default: 80. On targets that do not say otherwise.",
      "type": "integer",
      "minimum": 1,
      "maximum": 65535
    },
    "httpsPort": {
      "description": "The same for routes with a certificate. Default: 443. On targets that do not say otherwise.",
      "type": "integer",
      "minimum": 1,
      "maximum": 65535
    },
    "trustedProxies": {
      "description": "Addresses or blocks (`10.0.0.0/8`) of proxies in front: what they say of whom a request is from is kept and added to. Default: none. On targets that do not say otherwise.",
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "retention": {
      "$ref": "#/$defs/retention"
    },
    "sources": {
      "description": "The repositories that are followed, each under a name. Options and variables without a name set the one called `default`.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[a-z0-9][a-z0-9-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/source"
      }
    },
    "targets": {
      "description": "The Docker engines that stacks run on, each under a name. `default` is for stacks that name none with `x-holdfast.target`.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[a-z0-9][a-z0-9-]*$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/target"
      }
    },
    "policy": {
      "$ref": "urn:holdfast:schema:policy"
    }
  },
  "patternProperties": {
    "^x-": {
      "description": "Extension fields have no effect."
    }
  },
  "additionalProperties": false,
  "$defs": {
    "retention": {
      "title": "RetentionFile",
      "description": "How much is kept of each stack, beside what is in use.",
      "type": "object",
      "properties": {
        "history": {
          "description": "Entries of its history. Older ones stay that say of a stored release that it was stable. Default: 1000.",
          "type": "integer",
          "minimum": 1
        },
        "releases": {
          "description": "Releases that it can go back to without git. Default: 100.",
          "type": "integer",
          "minimum": 1
        }
      },
      "additionalProperties": false
    },
    "source": {
      "title": "SourceFile",
      "description": "A git repository, what of it is followed, and with which credentials. Without `branch`, `tag` or `commit` it is the branch `main`.",
      "type": "object",
      "properties": {
        "url": {
          "description": "`https://host/path`, `ssh://user@host/path`, `user@host:path`, or a path on this machine.",
          "type": "string",
          "minLength": 1
        },
        "branch": {
          "description": "The branch whose newest commit is followed.",
          "type": "string",
          "minLength": 1
        },
        "tag": {
          "description": "The tag that is followed, also when it is moved.",
          "type": "string",
          "minLength": 1
        },
        "commit": {
          "description": "One commit and no other: 40 hex digits.",
          "type": "string",
          "pattern": "^[0-9a-f]{40}$"
        },
        "poll": {
          "description": "When to look at this repository; see `poll` at the top level.",
          "type": "string",
          "minLength": 1
        },
        "staleAfter": {
          "description": "When the repository could not be read for so long, the status says that it is stale. Default: 15m.",
          "type": "string",
          "minLength": 1
        },
        "username": {
          "description": "User name for HTTP(S).",
          "type": "string",
          "minLength": 1
        },
        "password": {
          "description": "Password for HTTP(S). Better `passwordFile`.",
          "type": "string",
          "minLength": 1
        },
        "passwordFile": {
          "description": "File that holds the password for HTTP(S).",
          "type": "string",
          "minLength": 1
        },
        "token": {
          "description": "Access token for HTTP(S). Better `tokenFile`.",
          "type": "string",
          "minLength": 1
        },
        "tokenFile": {
          "description": "File that holds the access token for HTTP(S).",
          "type": "string",
          "minLength": 1
        },
        "caFile": {
          "description": "Certificates, PEM, of the authority that signed the server's; the system's own are then not used for it.",
          "type": "string",
          "minLength": 1
        },
        "proxy": {
          "description": "HTTP proxy on the way to the server, `http://user:password@host:port`.",
          "type": "string",
          "minLength": 1
        },
        "sshKeyFile": {
          "description": "Private key for SSH: a deploy key.",
          "type": "string",
          "minLength": 1
        },
        "sshPassphrase": {
          "description": "Passphrase of the private key. Better `sshPassphraseFile`.",
          "type": "string",
          "minLength": 1
        },
        "sshPassphraseFile": {
          "description": "File that holds the passphrase of the private key.",
          "type": "string",
          "minLength": 1
        },
        "knownHostsFile": {
          "description": "Trusted host keys for SSH. Default: ~/.ssh/known_hosts and the system's.",
          "type": "string",
          "minLength": 1
        },
        "ageKey": {
          "description": "Secret key `AGE-SECRET-KEY-1…` that encrypted files of the repository are opened with. Better `ageKeyFile`.",
          "type": "string",
          "minLength": 1
        },
        "ageKeyFile": {
          "description": "File with the secret keys that encrypted files of the repository are opened with, one a line.",
          "type": "string",
          "minLength": 1
        },
        "allowedSignersFile": {
          "description": "SSH keys that commits must be signed with, in the form of ssh-keygen's allowed signers.",
          "type": "string",
          "minLength": 1
        },
        "gpgKeyringFile": {
          "description": "OpenPGP keys that commits must be signed with, as `gpg --export --armor` writes them.",
          "type": "string",
          "minLength": 1
        }
      },
      "additionalProperties": false
    },
    "target": {
      "title": "TargetFile",
      "description": "A Docker engine and how it is reached.",
      "type": "object",
      "properties": {
        "engine": {
          "description": "`unix:///path`, `tcp://host:port` with TLS, or `ssh://user@host`. Default, for the target `default`: DOCKER_HOST, or the local engine.",
          "type": "string",
          "minLength": 1
        },
        "tlsDir": {
          "description": "Folder with ca.pem, cert.pem and key.pem for `tcp://`.",
          "type": "string",
          "minLength": 1
        },
        "sshKeyFile": {
          "description": "Private key for `ssh://`. Default: the agent, ~/.ssh/id_*.",
          "type": "string",
          "minLength": 1
        },
        "knownHostsFile": {
          "description": "Trusted host keys for `ssh://`. Default: ~/.ssh/known_hosts and the system's.",
          "type": "string",
          "minLength": 1
        },
        "bindRoot": {
          "description": "Where the stacks' own folders (`./data:/data`) lie on this target. An absolute path.",
          "type": "string",
          "minLength": 1
        },
        "traffic": {
          "description": "on (default): a gateway publishes the ports of TCP services and leads to ready replicas only, and names lead to those too. off: containers publish their ports themselves. On this target.",
          "enum": [
            "on",
            "off",
            true,
            false
          ]
        },
        "trafficImage": {
          "description": "The image that gateway and names run from. Default: `holdfast-traffic` with the version of this Holdfast. On this target.",
          "type": "string",
          "pattern": "^[^\\s]+$"
        },
        "httpPort": {
          "description": "Port of the host for the requests of `x-holdfast.routes`. Default: 80. On this target.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65535
        },
        "httpsPort": {
          "description": "The same for routes with a certificate. Default: 443. On this target.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65535
        },
        "trustedProxies": {
          "description": "Addresses or blocks (`10.0.0.0/8`) of proxies in front: what they say of whom a request is from is kept and added to. Default: none. On this target.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "env": {
          "description": "Variables of the manifests on this target; they win over those of the repository.",
          "type": "object",
          "propertyNames": {
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
          },
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
