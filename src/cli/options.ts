import { type Command, Option } from 'commander'
import type { Flags } from '../settings/flags.ts'

const OPTIONS = {
  settings: new Option('--settings <file>', 'settings file (default: /etc/holdfast/holdfast.yaml, if it is there)').env(
    'HOLDFAST_SETTINGS',
  ),
  repo: new Option('--repo <url|path>', 'git repository to follow').env('HOLDFAST_REPO'),
  branch: new Option('--branch <name>', 'branch to follow (default: main)').env('HOLDFAST_BRANCH'),
  data: new Option('--data <dir>', 'where memory and history are kept (default: /var/lib/holdfast)').env(
    'HOLDFAST_DATA',
  ),
  keyFile: new Option('--key-file <file>', 'what secrets are kept with (default: key in the data directory)').env(
    'HOLDFAST_KEY_FILE',
  ),
  engine: new Option(
    '--engine <endpoint>',
    'Docker engine: unix://, tcp:// with TLS, or ssh:// (default: DOCKER_HOST, or the local one)',
  ).env('HOLDFAST_ENGINE'),
  engineTls: new Option('--engine-tls <dir>', 'folder with ca.pem, cert.pem and key.pem for tcp://').env(
    'HOLDFAST_ENGINE_TLS',
  ),
  sshKey: new Option('--ssh-key <file>', 'private key for ssh:// (default: the agent, ~/.ssh/id_*)').env(
    'HOLDFAST_SSH_KEY',
  ),
  sshKnownHosts: new Option('--ssh-known-hosts <file>', 'trusted host keys (default: ~/.ssh/known_hosts)').env(
    'HOLDFAST_SSH_KNOWN_HOSTS',
  ),
  target: new Option('--target <name=endpoint>', 'another engine, for stacks with x-holdfast.target; can be repeated')
    .env('HOLDFAST_TARGETS')
    .argParser((text, before: string[] = []) => [...before, ...text.split(',').filter(Boolean)]),
  instance: new Option(
    '--instance <id>',
    "this Holdfast's id; what carries another one is left alone (default: holdfast)",
  ).env('HOLDFAST_INSTANCE'),
  dockerConfig: new Option(
    '--docker-config <dir>',
    'where `docker login` keeps credentials (default: DOCKER_CONFIG, or ~/.docker)',
  ).env('HOLDFAST_DOCKER_CONFIG'),
  pullTimeout: new Option(
    '--pull-timeout <duration>',
    'give a pull up that makes no progress for so long (default: 5m)',
  ).env('HOLDFAST_PULL_TIMEOUT'),
  poll: new Option('--poll <cron>', 'when to look at the repository (default: twice a minute)').env('HOLDFAST_POLL'),
  pool: new Option(
    '--pool <cidr>',
    'where the networks that Holdfast creates get their subnets from (default: 10.201.0.0/16)',
  ).env('HOLDFAST_POOL'),
  bindRoot: new Option('--bind-root <dir>', "where a stack's own folders (./data:/data) lie on the engine's host").env(
    'HOLDFAST_BIND_ROOT',
  ),
  traffic: new Option(
    '--traffic <on|off>',
    'whether a gateway publishes ports and leads to ready replicas (default: on)',
  ).env('HOLDFAST_TRAFFIC'),
  trafficImage: new Option(
    '--traffic-image <image>',
    'what the gateway and the names run from (default: holdfast-traffic, of this version)',
  ).env('HOLDFAST_TRAFFIC_IMAGE'),
} satisfies Record<keyof Flags, Option>

/** What says which repository is followed. */
export const SOURCE_SETTINGS = ['repo', 'branch'] satisfies (keyof Flags)[]

/** What says where the engines are, and how they are used. */
export const ENGINE_SETTINGS = [
  'engine',
  'engineTls',
  'sshKey',
  'sshKnownHosts',
  'target',
  'instance',
  'dockerConfig',
  'pullTimeout',
] satisfies (keyof Flags)[]

/** What says who publishes ports there, for commands that deploy, or tell of it. */
export const TRAFFIC_SETTINGS = ['traffic', 'trafficImage'] satisfies (keyof Flags)[]

/** What a command needs that looks at all there is, or has it deployed. */
export const DEPLOY_SETTINGS = [
  ...SOURCE_SETTINGS,
  'data',
  'keyFile',
  ...ENGINE_SETTINGS,
  ...TRAFFIC_SETTINGS,
  'bindRoot',
  'pool',
] satisfies (keyof Flags)[]

/** What says, beside the repository, what manifests mean. */
export const MEANING_SETTINGS = ['bindRoot', 'target', 'traffic'] satisfies (keyof Flags)[]

/** How the help heads the options that every Holdfast shares. */
export const SETTINGS_GROUP = 'Settings:'

/** Adds options that several commands share, and the one that names the settings file. */
export function withSettings(command: Command, names: (keyof Flags)[]): Command {
  for (const name of ['settings', ...names] as const) command.addOption(OPTIONS[name].helpGroup(SETTINGS_GROUP))
  return command
}
