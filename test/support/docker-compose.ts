import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { run } from './install.ts'

const PROGRAM = '/usr/bin/docker-compose'
const PROJECT = 'com.docker.compose.project'

/** Debian's docker-compose, installed when the machine has none. */
export async function ensureDockerCompose(): Promise<void> {
  if (existsSync(PROGRAM)) return
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', 'docker-compose'])
  await install().catch(async () => {
    // A fresh machine has no package lists yet, an old one has stale ones.
    await run('apt-get', ['update'])
    await install()
  })
}

/** Runs `docker-compose` with a Compose file that lies in `folder`, against the engine behind the socket. */
export async function dockerCompose(
  at: { socket: string; folder: string; project: string },
  compose: Record<string, unknown>,
  ...args: string[]
): Promise<void> {
  const file = join(at.folder, `${at.project}.yaml`)
  writeFileSync(file, JSON.stringify({ version: '3.8', ...compose }))
  await run(PROGRAM, ['-H', `unix://${at.socket}`, '-p', at.project, '-f', file, ...args])
}

/** Removes everything of a Compose project from the engine. */
export async function wipeProject(docker: Docker, project: string): Promise<void> {
  const filters = { label: [`${PROJECT}=${project}`] }
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true, v: true })
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove()
  const { Volumes } = await docker.listVolumes({ filters })
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove()
}
