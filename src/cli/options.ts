import { posix } from 'node:path'
import { type Command, Option } from 'commander'
import { DEFAULT_POLL } from '../controller/schedule.ts'
import type { LoadOptions } from '../manifests/options.ts'
import { HoldfastError } from '../model/errors.ts'

/** What the options and their environment variables say; see `withSettings`. */
export interface Settings {
  repo?: string
  branch: string
  data: string
  engine?: string
  engineTls?: string
  sshKey?: string
  sshKnownHosts?: string
  /** Each `name=endpoint`. */
  target?: string[]
  instance: string
  poll: string
  bindRoot?: string
}

const OPTIONS = {
  repo: new Option('--repo <url|path>', 'git repository to follow').env('HOLDFAST_REPO'),
  branch: new Option('--branch <name>', 'branch to follow').env('HOLDFAST_BRANCH').default('main'),
  data: new Option('--data <dir>', 'where memory and history are kept')
    .env('HOLDFAST_DATA')
    .default('/var/lib/holdfast'),
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
  poll: new Option('--poll <cron>', 'when to look at the repository').env('HOLDFAST_POLL').default(DEFAULT_POLL),
  bindRoot: new Option('--bind-root <dir>', "where a stack's own folders (./data:/data) lie on the engine's host").env(
    'HOLDFAST_BIND_ROOT',
  ),
} satisfies Record<keyof Settings, Option>

/** What says where the engines are. */
export const ENGINE_SETTINGS = ['engine', 'engineTls', 'sshKey', 'sshKnownHosts', 'target'] satisfies (keyof Settings)[]

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

/** What the settings add to the meaning of manifests. Throws a HoldfastError for a folder that is not absolute. */
export function loadOptionsOf({ bindRoot }: Pick<Settings, 'bindRoot'>): LoadOptions {
  if (!bindRoot) return {}
  if (bindRoot.startsWith('/')) return { bindRoot: posix.normalize(bindRoot) }
  const text = `The folder "${bindRoot}" is not absolute, and it lies on the engine's host.`
  throw new HoldfastError('terminal', `${text} Give --bind-root a path that starts with /.`)
}

/** Throws a HoldfastError for an id that could not be part of the engine's names. */
export function instanceOf({ instance }: Settings): string {
  if (/^[a-z0-9]+$/.test(instance)) return instance
  throw new HoldfastError(
    'terminal',
    `The instance "${instance}" may hold only a-z and 0-9. Choose another --instance.`,
  )
}
