import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Docker from 'dockerode'
import { expect, test } from 'vitest'
import { appImage } from './app.ts'
import { startPrivateEngine } from './docker.ts'
import { until } from './until.ts'

test('two private engines run side by side, and nothing of either is left when they are stopped', async () => {
  const engines = await Promise.all([startPrivateEngine(), startPrivateEngine({ diskSize: '256m' })])
  let traces: Trace[] = []
  try {
    traces = await Promise.all(engines.map(({ socket }) => fill(socket)))
    for (const trace of traces) expect((await found(trace)).length).toBeGreaterThan(3)
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()))
  }
  for (const trace of traces) expect(await found(trace)).toEqual([])
})

test.each(['SIGINT', 'SIGKILL'] as const)('an owner that ends by %s takes its engine with it', async (signal) => {
  const owner = startOwner()
  try {
    const [line] = await once(owner.stdout ?? owner, 'data')
    const trace = await fill(String(line).trim())
    owner.kill(signal)
    await until(async () => (await found(trace)).length === 0, 'every trace to be gone')
  } finally {
    owner.kill('SIGKILL')
  }
})

/** What an engine could leave behind. */
interface Trace {
  folder: string
  bridge: string
}

/** A process that does nothing but own an engine, and says its socket. */
function startOwner(): ChildProcess {
  const module = fileURLToPath(new URL('docker.ts', import.meta.url))
  const code = `import(${JSON.stringify(module)}).then(async (m) => {
    console.log((await m.startPrivateEngine()).socket); setInterval(() => {}, 1000) })`
  return spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A running container with a network, a volume and a port, so that there is something to leave behind. */
async function fill(socketPath: string): Promise<Trace> {
  await appImage(socketPath, 'trace:1', { kind: 'ignores-term' })
  const docker = new Docker({ socketPath })
  const network = await docker.createNetwork({ Name: 'trace' })
  const PortBindings = { '8080/tcp': [{ HostIp: '127.0.0.1' }] }
  const HostConfig = { NetworkMode: 'trace', Binds: ['data:/data'], PortBindings }
  const container = await docker.createContainer({ Image: 'trace:1', ExposedPorts: { '8080/tcp': {} }, HostConfig })
  await container.start()
  return { folder: dirname(socketPath), bridge: `br-${network.id.slice(0, 12)}` }
}

/** Folders, processes, mounts, control groups and bridges that are still there. */
async function found({ folder, bridge }: Trace): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n')
  const groups = await readdir('/sys/fs/cgroup')
  const inner = await Promise.all(groups.map((group) => readdir(join('/sys/fs/cgroup', group)).catch(() => [])))
  return [
    ...[folder].filter((path) => existsSync(path)),
    ...(await commandLines()).filter((line) => line.includes(folder)),
    ...mounts.filter((line) => line.includes(folder)),
    ...[groups, ...inner].flat().filter((group) => group === `holdfast-engine-${basename(folder)}`),
    ...Object.keys(networkInterfaces()).filter((link) => link === bridge),
  ]
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  return await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}
