import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import Docker from 'dockerode'
import { expect, test } from 'vitest'
import { appImage } from './app.ts'
import { startPrivateEngine } from './docker.ts'
import { until } from './until.ts'

test('two private engines run side by side, and nothing of either is left when they are stopped', async () => {
  const engines = await Promise.all([startPrivateEngine(), startPrivateEngine()])
  try {
    for (const { socket } of engines) await fill(socket)
    expect(await tracesOf(engines.map(({ socket }) => dirname(socket)))).not.toEqual([])
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()))
  }
  expect(await tracesOf(engines.map(({ socket }) => dirname(socket)))).toEqual([])
})

test.each(['SIGINT', 'SIGKILL'] as const)('an owner that ends by %s takes its engine with it', async (signal) => {
  const owner = startOwner()
  try {
    const [line] = await once(owner.stdout ?? owner, 'data')
    const socket = String(line).trim()
    await fill(socket)
    owner.kill(signal)
    await until(async () => (await tracesOf([dirname(socket)])).length === 0, 'every trace to be gone')
  } finally {
    owner.kill('SIGKILL')
  }
})

/** A process that does nothing but own an engine, and says its socket. */
function startOwner(): ChildProcess {
  const module = fileURLToPath(new URL('docker.ts', import.meta.url))
  const code = `import(${JSON.stringify(module)}).then(async (m) => {
    console.log((await m.startPrivateEngine()).socket); setInterval(() => {}, 1000) })`
  return spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A running container on a network of its own, so that there is something to leave behind. */
async function fill(socketPath: string): Promise<void> {
  await appImage(socketPath, 'trace:1', { kind: 'ignores-term' })
  const docker = new Docker({ socketPath })
  await docker.createNetwork({ Name: 'trace' })
  const HostConfig = {
    NetworkMode: 'trace',
    Binds: ['data:/data'],
    PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1' }] },
  }
  const container = await docker.createContainer({ Image: 'trace:1', ExposedPorts: { '8080/tcp': {} }, HostConfig })
  await container.start()
}

/** What is left of engines that live in these folders: folders, processes, mounts, control groups, bridges. */
async function tracesOf(folders: string[]): Promise<string[]> {
  const names = folders.map((folder) => folder.slice(folder.lastIndexOf('/') + 1))
  const mentions = (text: string) => names.some((name) => text.includes(name))
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').filter(mentions)
  const groups = await readFile('/proc/self/cgroup', 'utf8')
  const bridges = Object.entries(networkInterfaces()).filter(([link, addresses]) => {
    const prefixes = names.map((name) => `10.${name.slice(name.lastIndexOf('-') + 1)}.`)
    return (
      link.startsWith('br-') && prefixes.some((prefix) => addresses?.some(({ address }) => address.startsWith(prefix)))
    )
  })
  return [
    ...folders.filter((folder) => existsSync(folder)),
    ...(await commandLines()).filter(mentions),
    ...mounts,
    ...groups.split('\n').filter(mentions),
    ...bridges.map(([link]) => link),
  ]
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  return await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}
