import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { appImage } from '../support/app.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { until } from '../support/until.ts'

const MAIN = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))
const LIMIT_MS = 240_000

let engine: PrivateEngine
let docker: Docker
const demos: Demo[] = []

// An engine for these alone: only so can "nothing is left" mean the whole of it.
beforeAll(async () => {
  engine = await startPrivateEngine()
  docker = new Docker({ socketPath: engine.socket })
  await appImage(engine.socket, 'somebody/app:1', { kind: 'good' })
  const foreign = await docker.createContainer({
    name: 'somebody',
    Image: 'somebody/app:1',
    HostConfig: { NetworkMode: 'none' },
  })
  await foreign.start()
  await docker.createVolume({ Name: 'somebodys-data' })
})
afterEach(async () => {
  for (const demo of demos.splice(0)) await demo.kill()
})
afterAll(() => engine?.stop())

interface Demo {
  output(): string
  signal(name: NodeJS.Signals): void
  ended: Promise<number | null>
  kill(): Promise<unknown>
}

function startDemo(): Demo {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` }
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const demo: Demo = {
    output: () => output,
    signal: (name) => void child.kill(name),
    ended,
    kill() {
      child.kill('SIGKILL')
      return ended
    },
  }
  demos.push(demo)
  return demo
}

/** Everything on the engine: nothing of it may differ afterwards. */
async function inventory(): Promise<unknown> {
  const [containers, networks, { Volumes: volumes }, images] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listImages({ all: true }),
  ])
  return {
    containers: containers.map(({ Id, Names, State }) => `${Names.join()} ${Id} ${State}`).sort(),
    networks: networks.map(({ Name, Id }) => `${Name} ${Id}`).sort(),
    volumes: volumes.map(({ Name }) => Name).sort(),
    images: images.map(({ Id, RepoTags }) => `${(RepoTags ?? []).join()} ${Id}`).sort(),
  }
}

/** Processes of the demo's own Holdfast, and its folder. */
async function leftovers(output: string): Promise<string[]> {
  const [, instance = 'no instance was told'] = /as the instance (\w+)/.exec(output) ?? []
  const [, data = '/'] = /data in (\S+)/.exec(output) ?? []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return [...commands.filter((command) => command.includes(instance)), ...(existsSync(data) ? [data] : [])]
}

test('the demo proves what it shows, and leaves the engine as it was', { timeout: LIMIT_MS }, async () => {
  const before = await inventory()
  const demo = startDemo()
  expect(await demo.ended, demo.output()).toBe(0)
  expect(demo.output()).toMatch(/All \d+ hold\./)
  expect(demo.output()).toContain('release that failed is not tried again')
  expect(demo.output()).toMatch(/✓ the client saw no failure from first to last \(requests [1-9]\d+, failures 0;/)
  expect(demo.output(), 'plain lines, no control characters').not.toContain('\u001b')
  expect(await inventory()).toEqual(before)
  expect(await leftovers(demo.output())).toEqual([])
})

test('Ctrl-C in the middle of a rollout ends it with 130 and leaves nothing', { timeout: LIMIT_MS }, async () => {
  const before = await inventory()
  const demo = startDemo()
  await until(async () => /start web\.1: beside/.test(demo.output()), 'the update to begin', 120_000)
  demo.signal('SIGINT')
  expect(await demo.ended, demo.output()).toBe(130)
  expect(await inventory()).toEqual(before)
  expect(await leftovers(demo.output())).toEqual([])
})

test('names that somebody else has are told and left alone', { timeout: LIMIT_MS }, async () => {
  await docker.createVolume({ Name: 'shop_db-data' })
  try {
    const before = await inventory()
    const demo = startDemo()
    expect(await demo.ended, demo.output()).toBe(1)
    expect(demo.output()).toContain('volume shop_db-data')
    expect(await inventory()).toEqual(before)
  } finally {
    await docker.getVolume('shop_db-data').remove()
  }
})
