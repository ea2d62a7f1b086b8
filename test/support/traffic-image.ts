import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import Docker from 'dockerode'
import { buildContext } from '../../src/engine/docker/traffic/image.ts'
import type { TrafficOptions } from '../../src/engine/traffic.ts'
import { BASE_IMAGE, buildImage, ensureBaseImage } from './images.ts'
import { ensureProgram, librariesOf, run } from './install.ts'
import { temporaryFolder } from './temporary.ts'

/** Without a registry in its name, so that it is never asked of one. */
export const TRAFFIC_IMAGE = 'holdfast-traffic:test'

/** A gateway and names from it, beside whatever this machine serves. */
export const TRAFFIC: TrafficOptions = { image: TRAFFIC_IMAGE, httpPort: 28_080, httpsPort: 28_443, trustedProxies: [] }

/** Tags of the image, and of those that it is built on. */
export interface TrafficTags {
  image: string
  base: string
  busybox: string
}

const TAGS: TrafficTags = { image: TRAFFIC_IMAGE, base: 'sample/traffic-base', busybox: BASE_IMAGE }
/** Each with its Debian package. */
export const TRAFFIC_PROGRAMS = { haproxy: 'haproxy', dnsmasq: 'dnsmasq-base', socat: 'socat', flock: 'util-linux' }
const USER = [
  'echo haproxy:x:101:101::/var/lib/haproxy:/bin/false >>/etc/passwd',
  'echo haproxy:x:101: >>/etc/group',
  'mkdir -p /usr/local/bin /var/lib /run /var/run',
]

/**
 * Builds the image of the gateway and the names on the engine from its own Dockerfile, without a registry: on a base
 * that has this machine's HAProxy, dnsmasq and socat already. Resolves to its name.
 */
export async function ensureTrafficImage(socketPath: string, tags = TAGS): Promise<string> {
  const docker = new Docker({ socketPath })
  if (await isThere(docker, tags.image)) return tags.image
  await ensureTrafficBase(socketPath, tags)
  await buildTrafficImage(docker, tags.image, { networkmode: 'none', buildargs: { BASE: tags.base } })
  return tags.image
}

/** Has the engine build the image from its own Dockerfile. */
export async function buildTrafficImage(docker: Docker, tag: string, options: Docker.ImageBuildOptions): Promise<void> {
  const context = Readable.from([await buildContext()])
  const output = await docker.buildImage(context, { t: tag, forcerm: true, ...options })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(output, (error) => (error === null ? resolve() : reject(error))),
  )
}

async function ensureTrafficBase(socketPath: string, { base, busybox }: TrafficTags): Promise<void> {
  await ensureBaseImage(socketPath, busybox)
  const programs: string[] = []
  for (const [name, from] of Object.entries(TRAFFIC_PROGRAMS))
    programs.push(realpathSync(await ensureProgram(name, from)))
  const libraries = await Promise.all(programs.map(librariesOf))
  const paths = [...new Set([...programs, ...libraries.flat()])].filter((path) => existsSync(path))
  const folder = temporaryFolder()
  try {
    const rootfs = `${folder.path}/rootfs.tar`
    await run('tar', ['-chf', rootfs, '-C', '/', ...paths.map((path) => path.slice(1))])
    await buildImage(socketPath, base, {
      files: { 'rootfs.tar': await readFile(rootfs) },
      dockerfile: [
        `FROM ${busybox}`,
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
