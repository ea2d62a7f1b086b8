import { homedir } from 'node:os'
import { join, posix } from 'node:path'
import { type Command, Option } from 'commander'
import { DEFAULT_POLL } from '../controller/schedule.ts'
import { durationMs } from '../manifests/normalise/quantity.ts'
import type { LoadOptions } from '../manifests/options.ts'
import { formatBlock, parseBlock } from '../model/cidr.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Keys } from '../model/keys.ts'
import type { EngineOptions } from './adapters.ts'

/** What the options and their environment variables say; see `withSettings`. */
export interface Settings {
  repo?: string
  branch: string
  data: string
  keyFile?: string
  engine?: string
  engineTls?: string
  sshKey?: string
  sshKnownHosts?: string
  /** Each `name=endpoint`. */
  target?: string[]
  instance: string
  dockerConfig?: string
  pullTimeout: string
  poll: string
  pool: string
  bindRoot?: string
}

const DEFAULT_POOL = '10.201.0.0/16'
/** A pool holds at least one network of 256 addresses. */
const SMALLEST_POOL = 24

const OPTIONS = {
  repo: new Option('--repo <url|path>', 'git repository to follow').env('HOLDFAST_REPO'),
  branch: new Option('--branch <name>', 'branch to follow').env('HOLDFAST_BRANCH').default('main'),
  data: new Option('--data <dir>', 'where memory and history are kept')
    .env('HOLDFAST_DATA')
    .default('/var/lib/holdfast'),
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
  instance: new Option('--instance <id>', "this Holdfast's id; what carries another one is left alone")
    .env('HOLDFAST_INSTANCE')
    .default('holdfast'),
  dockerConfig: new Option(
    '--docker-config <dir>',
    'where `docker login` keeps credentials (default: DOCKER_CONFIG, or ~/.docker)',
  ).env('HOLDFAST_DOCKER_CONFIG'),
  pullTimeout: new Option('--pull-timeout <duration>', 'give a pull up that makes no progress for so long')
    .env('HOLDFAST_PULL_TIMEOUT')
    .default('5m'),
  poll: new Option('--poll <cron>', 'when to look at the repository').env('HOLDFAST_POLL').default(DEFAULT_POLL),
  pool: new Option('--pool <cidr>', 'where the networks that Holdfast creates get their subnets from')
    .env('HOLDFAST_POOL')
    .default(DEFAULT_POOL),
  bindRoot: new Option('--bind-root <dir>', "where a stack's own folders (./data:/data) lie on the engine's host").env(
    'HOLDFAST_BIND_ROOT',
  ),
} satisfies Record<keyof Settings, Option>

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
] satisfies (keyof Settings)[]

/** Adds options that several commands share. */
export function withSettings(command: Command, names: (keyof Settings)[]): Command {
  for (const name of names) command.addOption(OPTIONS[name])
  return command
}

/** Throws a HoldfastError when no repository was named. */
export function repoOf({ repo }: Settings): string {
  if (repo) return repo
  throw new HoldfastError('terminal', 'Which repository? Name it with --repo <url|path> or HOLDFAST_REPO.')
}

/** What every engine is opened with. Throws a HoldfastError for settings that cannot be used. */
export function engineOptionsOf(settings: Settings): Omit<EngineOptions, 'endpoint'> {
  return {
    instance: instanceOf(settings),
    dockerConfig: settings.dockerConfig || process.env['DOCKER_CONFIG'] || join(homedir(), '.docker'),
    pullTimeoutMs: pullTimeoutOf(settings),
  }
}

function pullTimeoutOf({ pullTimeout }: Settings): number {
  const ms = /^(\d+(\.\d+)?(ms|h|m|s))+$/.test(pullTimeout) ? durationMs(pullTimeout) : 0
  if (ms > 0) return ms
  throw new HoldfastError('terminal', `--pull-timeout "${pullTimeout}" is not a duration. Write it as 90s or 10m.`)
}

/** What the settings add to the meaning of manifests. Throws a HoldfastError for a folder that is not absolute. */
export function loadOptionsOf({ bindRoot }: Pick<Settings, 'bindRoot'>, { names, id }: Keys): LoadOptions {
  const secrets = { key: names, id }
  if (!bindRoot) return { secrets }
  if (bindRoot.startsWith('/')) return { secrets, bindRoot: posix.normalize(bindRoot) }
  const text = `The folder "${bindRoot}" is not absolute, and it lies on the engine's host.`
  throw new HoldfastError('terminal', `${text} Give --bind-root a path that starts with /.`)
}

/** Throws a HoldfastError for an id that could not be part of the engine's names. */
function instanceOf({ instance }: Settings): string {
  if (/^[a-z0-9]+$/.test(instance)) return instance
  throw new HoldfastError(
    'terminal',
    `The instance "${instance}" may hold only a-z and 0-9. Choose another --instance.`,
  )
}

/** Throws a HoldfastError for a pool that no subnet can come from. */
export function poolOf({ pool }: Settings): string {
  const block = parseBlock(pool)
  if (block !== null && block.prefix <= SMALLEST_POOL && formatBlock(block) === pool) return pool
  const text = `The pool "${pool}" is no block of at least 256 IPv4 addresses, written by its first one.`
  throw new HoldfastError('terminal', `${text} Give --pool one such as ${DEFAULT_POOL}.`)
}
