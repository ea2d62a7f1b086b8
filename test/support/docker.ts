import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ensureDockerd, run } from './install.ts'

export interface PrivateEngine {
  /** Path of the engine's unix socket. */
  socket: string
  /** All its addresses, in CIDR notation; no other engine here uses them, and they are cleaned up after it. */
  addresses: string
  /**
   * `restart`: as `systemctl restart`; `crash`: dockerd is killed and comes back, as after a crash of its own;
   * `reboot`: everything is killed at once, containers included, and the engine started anew on the same data.
   */
  restart(how: 'restart' | 'crash' | 'reboot'): Promise<void>
  /** Ends the engine and everything in it, and removes every trace. Can be called again. */
  stop(): Promise<void>
}

export interface PrivateEngineOptions {
  say?: (line: string) => void
  /** More arguments for dockerd, e.g. `--live-restore`. */
  args?: string[]
  /** Gives its data a disk of that size, e.g. `256m`, in memory; a reboot empties it. */
  diskSize?: string
}

const GUARD = fileURLToPath(new URL('engine-guard.sh', import.meta.url))
const READY_WITHIN_MS = 60_000

/**
 * Starts a Docker engine of our own: own data, own namespaces, own addresses; it changes nothing on the host but
 * bridges, which go with it. It also ends when this process dies, however that happens (see engine-guard.sh).
 * Needs root; rejects with the end of the engine's log when it does not come up.
 */
export async function startPrivateEngine(options: PrivateEngineOptions = {}): Promise<PrivateEngine> {
  const dockerd = await ensureDockerd(options.say ?? (() => {}))
  const home = await claimHome()
  const command = [dockerd, ...engineArguments(home), ...(options.args ?? [])]
  const start = () => spawnGuard(home, command, options.diskSize ?? '')
  let guard = start()
  await ready(home).catch(async (cause) => {
    await end(guard)
    throw cause
  })
  return {
    socket: home.socket,
    addresses: `${home.prefix}0.0/16`,
    async restart(how) {
      if (how === 'reboot') {
        writeFileSync(join(home.dir, 'keep'), '')
        await end(guard)
        // A reboot empties what lies below /run: a stale process id there may be that of another process now.
        rmSync(join(home.dir, 'exec'), { recursive: true, force: true })
        guard = start()
      } else await bounce(home, guard, how === 'crash' ? 'KILL' : 'TERM')
      await ready(home)
    },
    stop: () => end(guard),
  }
}

/** The socket of an engine that is already there and answers, or null. */
export async function findEngine(): Promise<string | null> {
  const host = process.env['DOCKER_HOST']
  const socket = host?.startsWith('unix://') ? host.slice('unix://'.length) : '/var/run/docker.sock'
  return (await answers(socket)) ? socket : null
}

interface Home {
  /** `<temp folder>/holdfast-engine-<number>/<id>`; the outer folder is the claim to the number. */
  dir: string
  /** Names its control groups. */
  name: string
  socket: string
  /** Start of all its addresses, e.g. `10.160.`. */
  prefix: string
}

/** Making the folder is the claim, so that engines started at the same moment get different addresses. */
async function claimHome(): Promise<Home> {
  const routes = await run('ip', ['-4', 'route', 'show', 'table', 'all'])
  for (let number = 160; number < 224; number++) {
    const claim = join(tmpdir(), `holdfast-engine-${number}`)
    const prefix = `10.${number}.`
    if (existsSync(claim) || routes.includes(` ${prefix}`) || routes.includes(`\n${prefix}`)) continue
    try {
      mkdirSync(claim, { mode: 0o711 })
      const id = `${process.pid.toString(36)}-${randomBytes(3).toString('hex')}`
      const dir = join(claim, id)
      mkdirSync(dir, { mode: 0o711 })
      return { dir, name: `holdfast-engine-${id}`, prefix, socket: join(dir, 'socket') }
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    }
  }
  throw new Error(`No address range is left for a private engine: remove stale ${tmpdir()}/holdfast-engine-* folders.`)
}

/** Without iptables and forwarding nothing global is touched; published ports go through the engine's own proxy. */
function engineArguments(home: Home): string[] {
  return [
    ['--data-root', join(home.dir, 'data')],
    ['--exec-root', join(home.dir, 'exec')],
    ['--pidfile', join(home.dir, 'pid')],
    ['-H', `unix://${home.socket}`],
    ['--bridge', 'none'],
    ['--iptables=false', '--ip6tables=false', '--ip-forward=false'],
    // Under systemd's driver the control groups would be systemd's to name and to clean up.
    ['--exec-opt', 'native.cgroupdriver=cgroupfs'],
    ['--default-address-pool', `base=${home.prefix}0.0/16,size=26`],
    ['--cgroup-parent', `/${home.name}`],
    ['--shutdown-timeout', '5'],
  ].flat()
}

function spawnGuard(home: Home, command: string[], diskSize: string): ChildProcess {
  const log = openSync(join(home.dir, 'log'), 'a')
  const child = spawn('sh', [GUARD, home.dir, home.name, home.prefix, ...command], {
    stdio: ['pipe', log, log],
    env: { ...process.env, DATA_SIZE: diskSize },
    // Ctrl-C reaches the whole foreground group; the guard must outlive us to clean up.
    detached: true,
  })
  closeSync(log)
  child.unref()
  return child
}

async function bounce(home: Home, guard: ChildProcess, signal: 'TERM' | 'KILL'): Promise<void> {
  guard.stdin?.write(`${signal}\n`)
  await until(() => existsSync(join(home.dir, 'exit')), 'the engine to stop')
  for (const stale of ['exit', 'socket']) rmSync(join(home.dir, stale), { force: true })
  guard.stdin?.write('start\n')
}

async function end(guard: ChildProcess): Promise<void> {
  const ended = () => guard.exitCode !== null || guard.signalCode !== null
  guard.stdin?.end()
  await until(ended, 'the private engine to end')
}

async function ready(home: Home): Promise<void> {
  const died = () => !existsSync(home.socket) && existsSync(join(home.dir, 'exit'))
  try {
    await until(async () => died() || (await answers(home.socket)), 'the private engine to answer')
    if (died()) throw new Error('The private engine ended at once.')
  } catch (cause) {
    throw new Error(`${String(cause)} The end of its log:\n${tail(join(home.dir, 'log'))}`, { cause })
  }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const limit = performance.now() + READY_WITHIN_MS
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`Waited ${READY_WITHIN_MS / 1000} s in vain for ${what}.`)
    await sleep(50)
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ socketPath: socket, path: '/_ping', timeout: 5_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    probe.on('timeout', () => probe.destroy())
    probe.on('error', () => resolve(false))
    probe.end()
  })
}

function tail(log: string): string {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-12).join('\n')
}
