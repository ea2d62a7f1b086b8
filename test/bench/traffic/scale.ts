import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import { dockerCompose, wipeProject } from '../../support/docker-compose.ts'
import { ensureTrafficImage } from '../../support/traffic-image.ts'
import { addressOf, freePorts, replicasOf, untilHealthy } from './compose-project.ts'
import { type Behaviour, stackOf } from './stack.ts'
import type { Way } from './way.ts'

const PROJECT = 'scale'
/** Time for the proxy to ask for the names again. */
const FOUND_AFTER_MS = 3_000

/** A reverse proxy that finds its servers by the engine's names, as it is set up by those who update this way. */
const PROXY = `
global
  maxconn 4096
defaults
  mode http
  option redispatch
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 24h
resolvers engine
  nameserver dns 127.0.0.11:53
  hold valid 1s
  timeout resolve 1s
  timeout retry 1s
frontend public
  bind :8080
  default_backend web
backend web
  option httpchk GET /health
  server-template web 4 web:8080 check inter 1s resolvers engine init-addr none
`

/**
 * One more container is started beside the old one, and the old one is removed once the new one is healthy. Two of them
 * cannot hold one port of the host, so a reverse proxy holds it, which the update does not touch.
 */
export async function openScale(at: { socket: string; folder: string }, perSecond: number): Promise<Way> {
  const docker = new Docker({ socketPath: at.socket })
  const ports = await freePorts()
  const config = join(at.folder, 'proxy.cfg')
  await writeFile(config, PROXY)
  const proxy = {
    image: await ensureTrafficImage(at.socket),
    command: ['haproxy', '-W', '-db', '-f', '/proxy.cfg'],
    volumes: [`${config}:/proxy.cfg:ro`],
    ports: [`${ports.web}:8080`],
  }

  async function compose(version: number, behaviour: Behaviour, ...args: string[]): Promise<void> {
    const { web, others } = stackOf(ports, perSecond, version, behaviour)
    await dockerCompose({ ...at, project: PROJECT }, { services: { ...others, proxy, web } }, ...args)
  }

  async function update(version: number, behaviour: Behaviour): Promise<string> {
    const old = await replicasOf(docker, PROJECT, 'web')
    await compose(version, behaviour, 'up', '-d', '--no-recreate', '--scale', 'web=2', 'web')
    await untilHealthy(docker, PROJECT, 2)
    await sleep(FOUND_AFTER_MS)
    for (const { id } of old) {
      await docker.getContainer(id).stop()
      await docker.getContainer(id).remove()
    }
    return 'runs'
  }

  await compose(0, 'good', 'up', '-d')
  await untilHealthy(docker, PROJECT, 1)
  await sleep(FOUND_AFTER_MS)
  return {
    title: 'scale up, then down',
    ports,
    update,
    addressOf: (service) => addressOf(docker, PROJECT, service),
    told: async () => '',
    close: () => wipeProject(docker, PROJECT),
  }
}
