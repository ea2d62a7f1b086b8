import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { inject } from 'vitest'
import type { Step } from '../../src/model/steps.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { StackEntry, Store, StoredHistoryEntry } from '../../src/store/store.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { type GitServer, startGitServer } from '../support/git-server.ts'
import type { GitSsh } from '../support/git-ssh.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { TRAFFIC_IMAGE } from '../support/traffic-image.ts'
import { until } from '../support/until.ts'
import { type Seen, seeStack, wipeStack } from './engine.ts'

const PROGRAM = new URL('../../dist/main.js', import.meta.url).pathname

/** One configuration repository, served over HTTP, and the built Holdfast that follows it on a real engine. */
export interface Host {
  stack: string
  docker: Docker
  repo: Repo
  git: GitServer
  data: string
  /** Where the data directory has a disk of its own. */
  disk: SmallDisk | null
  store: Store
  /** Commits the stack's Compose file; further files by their path in the repository. Resolves to the commit. */
  commit(compose: unknown, files?: Record<string, string | null>): Promise<string>
  /** Commits and waits until it is settled, one way or the other. */
  deploy(compose: unknown, files?: Record<string, string | null>): Promise<StackEntry>
  /** As `deploy`, and the plan printed before must be the steps taken, by service and slot. */
  deployAsPlanned(compose: unknown, files?: Record<string, string | null>): Promise<StackEntry>
  settled(commit: string): Promise<StackEntry>
  eventually(condition: () => Promise<boolean>, what: string): Promise<void>
  entry(): StackEntry
  /** Every container of the stack, running or not, by name. */
  containers(): Promise<Seen[]>
  /** Those that run. */
  running(): Promise<Seen[]>
  history(): StoredHistoryEntry[]
  /** What it printed so far, over all its runs. */
  output(): string
  /** Adds to the environment of whatever is started from now on. */
  setEnv(more: Record<string, string>): void
  start(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
  /** SIGTERM */
  stop(): Promise<number | null>
  /** SIGHUP: it reads its settings again. */
  hangUp(): void
  /** Runs a command of the built program on the same data directory. */
  cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>
  /** Opens the database again, after a test took it away. */
  reopen(): void
  /** Ends everything, and wipes the stack from the engine. */
  close(): Promise<void>
}

export interface HostOptions {
  /** Socket of the engine that the test looks at; the shared private one when absent. */
  socket?: string
  /** All addresses of that engine, in CIDR notation. */
  addresses?: string
  /** Socket that Holdfast itself uses, where that is another way to the same engine. */
  through?: string
  /** Gives the data directory a disk of that size, in memory, e.g. `4m`. */
  diskSize?: string
  /** Ports and names by a gateway, for which the engine has to have its image; the engine's own when absent. */
  traffic?: boolean
  /** More settings for the program. */
  args?: string[]
  /** The repository is followed through this server; over HTTP when absent. */
  ssh?: GitSsh
  /** More variables of its environment. */
  env?: Record<string, string>
}

/** Starts a Holdfast of its own: own instance, own stack name, own data. */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const { socket = inject('engineSocket'), through = socket, args: more = [] } = options
  const { addresses = inject('engineAddresses'), ssh } = options
  const id = randomBytes(3).toString('hex')
  const stack = `s${id}`
  const folder = temporaryFolder()
  const data = join(folder.path, 'data')
  mkdirSync(data, { mode: 0o700 })
  const disk = options.diskSize === undefined ? null : await mountSmallDisk(data, options.diskSize)
  const repo = await createRepo(join(folder.path, 'config.git'))
  const git = await startGitServer(folder.path)
  const docker = new Docker({ socketPath: socket })
  const settings = ['--repo', ssh?.url(repo.path) ?? git.url('config.git'), '--data', data]
  const target = ['--engine', `unix://${through}`, '--instance', `i${id}`]
  const engine = [...target, '--pool', addresses, ...more]
  const traffic = { HOLDFAST_TRAFFIC: options.traffic ? 'on' : 'off', HOLDFAST_TRAFFIC_IMAGE: TRAFFIC_IMAGE }
  let env = { ...process.env, ...traffic, ...(ssh ? loginBy(ssh) : {}), ...options.env }
  let child: ChildProcess | null = null
  let output = ''
  let store = openStore(data)

  async function start(): Promise<void> {
    const args = [PROGRAM, 'run', ...settings, ...engine, '--poll', '* * * * * *']
    const started = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    started.stdout.on('data', (chunk) => (output += chunk))
    started.stderr.on('data', (chunk) => (output += chunk))
    child = started
    await once(started, 'spawn')
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null
    const ended = once(ending, 'exit')
    ending.kill(signal)
    await ended
    return ending.exitCode
  }

  function settingsOf(command: string): string[] {
    if (['validate', 'render'].includes(command)) return []
    if (command === 'routes') return target
    return ['status', 'history', 'backup'].includes(command) ? ['--data', data] : [...settings, ...engine]
  }

  async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const given = settingsOf(args[0] ?? '')
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, ...args, ...given], { env })
      return { code: 0, stdout, stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, stdout, stderr }
    }
  }

  const host: Host = {
    stack,
    docker,
    repo,
    git,
    data,
    disk,
    get store() {
      return store
    },
    commit: (compose, files = {}) =>
      repo.commit({ [`stacks/${stack}/compose.yaml`]: JSON.stringify(compose, null, 2), ...files }, 'change the stack'),
    async deploy(compose, files) {
      return await host.settled(await host.commit(compose, files))
    },
    async deployAsPlanned(compose, files) {
      await end('SIGTERM')
      const commit = await host.commit(compose, files)
      const planned = await host.cli('plan', stack, '--json')
      const from = host.history()[0]?.id ?? 0
      await start()
      const entry = await host.settled(commit)
      const steps = JSON.parse(planned.stdout).stacks[0].steps as Step[]
      compareSteps(
        steps.map(({ kind, resource }) => ({ kind, resource })),
        stepsOf(host.history().filter((told) => told.id > from)),
      )
      return entry
    },
    async settled(commit) {
      const state = () => JSON.stringify({ ...host.entry(), output: output.slice(-3_000) }, null, 1)
      try {
        await until(async () => isSettled(host.entry(), commit), 'the stack to settle', 60_000)
      } catch (error) {
        throw new Error(`${stack} does not settle on ${commit}: ${state()}`, { cause: error })
      }
      return host.entry()
    },
    eventually: (condition, what) => until(condition, what, 60_000),
    entry: () => store.stack(stack),
    containers: () => seeStack(docker, stack),
    running: async () => (await seeStack(docker, stack)).filter((seen) => seen.state === 'running'),
    history: () => store.history(stack, 1_000),
    output: () => output,
    setEnv(more) {
      env = { ...env, ...more }
    },
    start,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    hangUp: () => void child?.kill('SIGHUP'),
    cli,
    reopen() {
      store.close()
      store = openStore(data)
    },
    async close() {
      await end('SIGKILL')
      store.close()
      await git.close()
      await wipeStack(docker, `i${id}`)
      await disk?.unmount()
      folder.remove()
    },
  }
  await start()
  return host
}

function loginBy({ key, knownHosts }: GitSsh): Record<string, string> {
  return { HOLDFAST_GIT_SSH_KEY_FILE: key, HOLDFAST_GIT_KNOWN_HOSTS_FILE: knownHosts }
}

/** What git asks for was reached or refused, and nothing is under way. */
function isSettled({ latest, record, status }: StackEntry, commit: string): boolean {
  if (latest?.commit !== commit || !status || record.rollout !== null) return false
  if (status.health === 'Progressing') return false
  const { digest } = latest
  return (
    digest === null || record.quarantine[digest] !== undefined || (record.stable === digest && status.sync === 'Synced')
  )
}

/** What was done to which resource, oldest first. */
export function stepsOf(history: StoredHistoryEntry[]): { kind: string; resource: string }[] {
  return history
    .filter((told) => told.kind === 'step')
    .reverse()
    .map(({ message }) => {
      const [kind = '', resource = ''] = (message.split(': ')[0] ?? '').split(' ')
      return { kind, resource }
    })
}

/** Throws when they differ; order is promised within a service and slot. */
export function compareSteps(
  planned: { kind: string; resource: string }[],
  taken: { kind: string; resource: string }[],
): void {
  const bySlot = (steps: { kind: string; resource: string }[]) =>
    [...new Set(steps.map(({ resource }) => resource))]
      .sort()
      .map(
        (slot) =>
          `${slot}: ${steps
            .filter((s) => s.resource === slot)
            .map((s) => s.kind)
            .join(' → ')}`,
      )
      .join('\n')
  if (bySlot(planned) !== bySlot(taken)) {
    throw new Error(`The plan was\n${bySlot(planned)}\nbut the steps taken were\n${bySlot(taken)}`)
  }
}
