import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

type Say = (line: string) => void

/** The engine, what it sets a container's names up with, and what bridges are removed with. */
const PROGRAMS = ['dockerd', 'iptables', 'ip']
const C_LIBRARY = ['libdl.so.2', 'libm.so.6', 'libpthread.so.0', 'libresolv.so.2', 'librt.so.1']
const PACKAGES = ['docker.io', 'iptables', 'iproute2']

export type EnginePlan =
  | { kind: 'use'; dockerd: string }
  | { kind: 'install' }
  /** `next` tells a person what to do. */
  | { kind: 'impossible'; next: string }

/** How this machine gets a `dockerd`: the one it has, Debian's package, or not at all. Changes nothing. */
export function planEngine(machine: { path: string; platform: string; uid: number }): EnginePlan {
  const found = PROGRAMS.map((program) => findProgram(program, machine.path))
  const [dockerd] = found
  if (machine.platform !== 'linux') return impossible('a private engine needs Linux: run this in a Linux machine')
  if (machine.uid !== 0) return impossible('a private engine needs root: run this with sudo')
  if (dockerd && !found.includes(null)) return { kind: 'use', dockerd }
  if (findProgram('apt-get', machine.path) !== null) return { kind: 'install' }
  return impossible(`install Docker Engine first (${PROGRAMS.join(', ')}): https://docs.docker.com/engine/install/`)
}

/** The path of `dockerd`, installed from the distribution when the machine has none. */
export async function ensureDockerd(say: Say): Promise<string> {
  const plan = planEngine(thisMachine())
  if (plan.kind === 'use') return plan.dockerd
  if (plan.kind === 'impossible') throw new Error(`No Docker engine can be started here: ${plan.next}.`)
  say('installing docker.io (Docker Engine) from the distribution: about 300 MB, once')
  await installPackages(PACKAGES)
  const installed = planEngine(thisMachine())
  if (installed.kind === 'use') return installed.dockerd
  throw new Error('apt-get installed docker.io, but there is no dockerd: look at `dpkg -L docker.io`.')
}

function thisMachine(): { path: string; platform: string; uid: number } {
  const path = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin', '/usr/local/sbin'].join(delimiter)
  return { path, platform: process.platform, uid: process.getuid?.() ?? -1 }
}

/** The path of a program, its package installed from the distribution when the machine has none. */
export async function ensureProgram(name: string, from: string): Promise<string> {
  const { path } = thisMachine()
  if (findProgram(name, path) === null) await installPackages([from])
  const found = findProgram(name, path)
  if (found === null)
    throw new Error(`apt-get installed ${from}, but there is no ${name}: look at \`dpkg -L ${from}\`.`)
  return found
}

export function hasProgram(name: string): boolean {
  return findProgram(name, thisMachine().path) !== null
}

/** A package's own post-install must not start a system-wide service that nobody asked for: policy-rc.d forbids it. */
async function installPackages(packages: string[]): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d'
  const guarded = !existsSync(policy)
  if (guarded) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await run('apt-get', ['update'])
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages])
  } finally {
    if (guarded) rmSync(policy, { force: true })
  }
}

/** Runs a command to its end; rejects with the last lines of its output when it fails or takes over ten minutes. */
export async function run(command: string, args: string[], cwd?: string): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 600_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd === undefined ? {} : { cwd }),
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  if (code === 0) return output
  throw new Error(`\`${[command, ...args].join(' ')}\` failed:\n${output.trim().split('\n').slice(-8).join('\n')}`)
}

/**
 * The libraries that a program is linked with. The C library comes whole: what a program loads while it runs may need
 * other parts of it.
 */
export async function librariesOf(program: string): Promise<string[]> {
  const found = (await run('ldd', [program])).matchAll(/(\/\S+) \(0x/g)
  const needed = [...found].flatMap(([, path]) => path ?? [])
  const beside = needed.filter((path) => path.endsWith('/libc.so.6')).flatMap((path) => C_LIBRARY.map(inFolderOf(path)))
  return [...new Set([...needed, ...beside.filter((path) => existsSync(path))])]
}

function inFolderOf(path: string): (name: string) => string {
  return (name) => join(dirname(path), name)
}

function findProgram(name: string, path: string): string | null {
  const found = path.split(delimiter).find((folder) => folder !== '' && existsSync(join(folder, name)))
  return found === undefined ? null : join(found, name)
}

function impossible(next: string): EnginePlan {
  return { kind: 'impossible', next }
}
