import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { seeStack, wipeStack } from '../scenarios/engine.ts'
import { createRepo } from '../support/git-repo.ts'
import { startGitServer } from '../support/git-server.ts'
import { buildImage } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { ensureTrafficImage, TRAFFIC_IMAGE } from '../support/traffic-image.ts'
import { until } from '../support/until.ts'
import { buildArguments, buildHoldfastImage, ROOT } from './holdfast-image.ts'
import { blocksOf } from './quick-start.ts'
import { openShell } from './shell.ts'

const socket = inject('engineSocket')
const pool = inject('engineAddresses')
const docker = new Docker({ socketPath: socket })
const TOKEN = 'token-of-a-forge'
let args: string[]

beforeAll(async () => {
  args = await buildArguments(socket)
  await buildHoldfastImage(socket, 'holdfast', args)
}, 600_000)

test('the image says what it is, and runs as a user of its own, with one place to write to', async () => {
  const { Config } = await docker.getImage('holdfast').inspect()
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(Config).toMatchObject({
    ...{ User: 'node', StopSignal: 'SIGTERM', Volumes: { '/data': {} }, Entrypoint: ['holdfast'], Cmd: ['run'] },
    Labels: { 'org.opencontainers.image.version': version, 'org.opencontainers.image.licenses': 'Apache-2.0' },
  })
})

test('it checks a folder without engine, network or data; what runs Holdfast itself is refused, but for a policy', async () => {
  const { path, remove } = temporaryFolder()
  onTestFinished(remove)
  chmodSync(path, 0o755)
  const stack = join(path, 'stacks/holdfast')
  layOut(stack, '/var/run/docker.sock', 'x-settings: {}\n')
  const shell = await openShell({ socket, home: path, folder: path, buildArguments: [] })
  const closed = '--rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges'
  const check = (folder: string, more = '') =>
    shell.type(`docker run ${closed} -v ${folder}:/repo:ro holdfast validate /repo ${more}`)
  expect(await check(join(ROOT, 'sample-repo'))).toContain('3 stacks, 0 errors')
  await expect(check(path)).rejects.toThrow('policy-docker-socket')
  writeFileSync(join(path, 'policy.yaml'), 'policy: { dockerSocket: true, hostNamespaces: [network] }\n')
  expect(await check(path, '--settings /repo/policy.yaml')).toContain('1 stack, 0 errors')
})

test('packaging/compose.yaml: releases, updates, reloads and stops, closed but for the socket', async () => {
  const { shell, folder, repo, settings } = await selfHosted()
  await repo.commit({ 'stacks/hosted/compose.yaml': compose('app:1') }, 'one')
  settings()
  await shell.type('docker compose up -d')
  await logged('is stable')
  expect(await runningImages('hosted')).toEqual(['app:1', 'app:1'])
  await expectClosed()

  await repo.commit({ 'stacks/hosted/compose.yaml': compose('app:2') }, 'two')
  await until(async () => String(await runningImages('hosted')) === 'app:2,app:2', 'the update', 60_000)
  const check = (await docker.getImage('holdfast').inspect()).Config.Healthcheck?.Test?.slice(1).join(' ')
  await until(async () => /Synced {2}Healthy {2}2\/2/.test(await shell.type(`docker exec holdfast ${check}`)), 'health')

  writeFileSync(join(folder, 'settings/holdfast.yaml'), 'sorces: {}\n')
  await shell.type('docker kill -s HUP holdfast')
  await logged('the settings cannot be used, and stay as they were')
  settings()
  await shell.type('docker kill -s HUP holdfast')
  await logged('the settings were read again')

  const began = performance.now()
  await shell.type('docker stop -t 60 holdfast')
  expect(performance.now() - began).toBeLessThan(10_000)
  expect((await docker.getContainer('holdfast').inspect()).State.ExitCode).toBe(0)
  expect(await runningImages('hosted')).toEqual(['app:2', 'app:2'])
})

test('docs/quick-start.md: every command in its order, and what it shows is what comes', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const shell = await openShell({ socket, home: folder.path, folder: ROOT, buildArguments: args })
  onTestFinished(() => wipeHoldfast(shell.type, '-f ~/holdfast/compose.yaml'))
  await ensureTrafficImage(socket)
  for (const tag of ['busybox:1.36', 'busybox:1.37']) {
    await buildImage(socket, tag, { files: {}, dockerfile: `FROM sample/base\nLABEL tag=${tag}\n` })
  }
  for (const { commands, shown } of blocksOf(join(ROOT, 'docs/quick-start.md'))) {
    const said = await shell.type(onThisEngine(commands))
    // A look of its own may have been faster than the command: what was done is in the history then.
    const told = shown.length === 0 ? '' : await shell.type('docker exec holdfast holdfast history --steps -n 200')
    for (const line of shown) expect(anyTime(said + told)).toContain(anyTime(line))
    // Whoever reads on takes longer.
    if (commands.includes('docker compose up')) await logged('follows')
  }
  expect(await docker.listContainers({ all: true, filters: { label: ['dev.holdfast.stack=hello'] } })).toEqual([])
})

/** A folder to run it from, with a repository behind a git server; the settings are written by a call. */
async function selfHosted() {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  const folder = join(made.path, 'holdfast')
  const repo = await createRepo(join(made.path, 'git/config.git'))
  const server = await startGitServer(join(made.path, 'git'), {
    login: { user: 'x-access-token', password: TOKEN },
  })
  onTestFinished(server.close)
  mkdirSync(folder)
  const shell = await openShell({ socket, home: made.path, folder, buildArguments: [] })
  onTestFinished(() => wipeHoldfast(shell.type, ''))
  const example = readFileSync(join(ROOT, 'packaging/holdfast.yaml'), 'utf8')
  const text = example.replace('https://git.example.org/config.git', server.url('config.git'))
  const settings = () => layOut(folder, socket, `${text}pool: ${pool}\npoll: "* * * * * *"\ntraffic: off\n`)
  return { shell, folder, repo, settings }
}

/** The folder that docs/install.md describes, with a token that only the user 1000 can read. */
function layOut(folder: string, mounted: string, settings: string): void {
  for (const name of ['settings', 'secrets']) mkdirSync(join(folder, name), { recursive: true })
  copyFileSync(join(ROOT, 'packaging/compose.yaml'), join(folder, 'compose.yaml'))
  writeFileSync(join(folder, '.env'), `DOCKER_GID=${statSync(socket).gid}\nDOCKER_SOCKET=${mounted}\n`)
  writeFileSync(join(folder, 'settings/holdfast.yaml'), settings)
  const token = join(folder, 'secrets/git-token')
  writeFileSync(token, `${TOKEN}\n`)
  chmodSync(token, 0o400)
  chownSync(token, 1000, 1000)
}

function compose(image: string): string {
  return JSON.stringify({
    services: { web: { image, deploy: { replicas: 2, update_config: { monitor: '2s' } } } },
  })
}

async function runningImages(stack: string): Promise<string[]> {
  return (await seeStack(docker, stack)).filter(({ state }) => state === 'running').map(({ image }) => image)
}

async function expectClosed(): Promise<void> {
  const { HostConfig } = await docker.getContainer('holdfast').inspect()
  expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges:true'] })
  const { Processes } = await docker.getContainer('holdfast').top({ ps_args: '-eo pid,uid,args' })
  expect(Processes).toEqual([[expect.any(String), '1000', expect.stringContaining('holdfast run')]])
}

async function logged(part: string): Promise<void> {
  const said = async () => (await docker.getContainer('holdfast').logs({ stdout: true, stderr: true })).toString()
  await until(async () => (await said()).includes(part), `"${part}" in the container's log`, 90_000).catch(
    async (cause) => {
      throw new Error(await said(), { cause })
    },
  )
}

/** Where the page means the machine's own engine and addresses. */
function onThisEngine(commands: string): string {
  return commands
    .replace(/(?<!:)\/var\/run\/docker\.sock/g, socket)
    .replace(
      'HOLDFAST_REPO: /config',
      `HOLDFAST_REPO: /config\n      HOLDFAST_POOL: ${pool}\n      HOLDFAST_TRAFFIC_IMAGE: ${TRAFFIC_IMAGE}`,
    )
}

/** Releases have another digest each time, and columns are as wide as what stands in them. */
function anyTime(text: string): string {
  return text.replace(/\b[0-9a-f]{8}\b/g, '########').replace(/ +/g, ' ')
}

async function wipeHoldfast(type: (lines: string) => Promise<string>, file: string): Promise<void> {
  await type(`docker compose ${file} down -v`).catch(() => {})
  await wipeStack(docker, 'holdfast')
}
