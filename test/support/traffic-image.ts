import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import Docker from 'dockerode'
import { buildContext } from '../../src/engine/docker/traffic/image.ts'
import type { TrafficOptions } from '../../src/engine/traffic.ts'
import { buildImage, ensureBaseImage } from './images.ts'
import { ensureProgram, librariesOf, run } from './install.ts'
import { temporaryFolder } from './temporary.ts'

/** Without a registry in its name, so that it is never asked of one. */
const TRAFFIC_IMAGE = 'holdfast-traffic:test'

/** What an engine that has that image is told of it. Its ports for routes are not those of the machine. */
export const TRAFFIC: TrafficOptions = { image: TRAFFIC_IMAGE, httpPort: 18_080, httpsPort: 18_443, trustedProxies: [] }

const BASE = 'sample/traffic-base'
/** Each with its Debian package. */
const PROGRAMS = { haproxy: 'haproxy', dnsmasq: 'dnsmasq-base', socat: 'socat', flock: 'util-linux' }
const USER = [
  'echo haproxy:x:101:101::/var/lib/haproxy:/bin/false >>/etc/passwd',
  'echo haproxy:x:101: >>/etc/group',
  'mkdir -p /usr/local/bin /var/lib /run /var/run',
]

/**
 * Builds the image of the gateway and the names on the engine from its own Dockerfile, without a registry: on a base
 * that has this machine's HAProxy, dnsmasq and socat already. Resolves to its name.
 */
export async function ensureTrafficImage(socketPath: string): Promise<string> {
  const docker = new Docker({ socketPath })
  if (await isThere(docker, TRAFFIC_IMAGE)) return TRAFFIC_IMAGE
  await ensureTrafficBase(socketPath)
  const output = await docker.buildImage(Readable.from([await buildContext()]), {
    t: TRAFFIC_IMAGE,
    networkmode: 'none',
    forcerm: true,
    buildargs: { BASE },
  })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(output, (error) => (error === null ? resolve() : reject(error))),
  )
  return TRAFFIC_IMAGE
}

async function ensureTrafficBase(socketPath: string): Promise<void> {
  await ensureBaseImage(socketPath)
  const programs: string[] = []
  for (const [name, from] of Object.entries(PROGRAMS)) programs.push(realpathSync(await ensureProgram(name, from)))
  const libraries = await Promise.all(programs.map(librariesOf))
  const paths = [...new Set([...programs, ...libraries.flat()])].filter((path) => existsSync(path))
  const folder = temporaryFolder()
  try {
    const rootfs = `${folder.path}/rootfs.tar`
    await run('tar', ['-chf', rootfs, '-C', '/', ...paths.map((path) => path.slice(1))])
    await buildImage(socketPath, BASE, {
      files: { 'rootfs.tar': await readFile(rootfs) },
      dockerfile: [
        'FROM sample/base',
        'ADD rootfs.tar /',
        `RUN ${USER.join(' && ')}`,
        'ENV PATH=/usr/sbin:/usr/bin:/bin',
        '',
      ].join('\n'),
    })
  } finally {
    folder.remove()
  }
}

async function isThere(docker: Docker, image: string): Promise<boolean> {
  return await docker
    .getImage(image)
    .inspect()
    .then(Boolean, () => false)
}
