import { ensureProgram, hasProgram, run } from '../test/support/install.ts'
import { buildTrafficImage, ensureTrafficImage, TRAFFIC_PROGRAMS } from '../test/support/traffic-image.ts'
import { gone } from './engine.ts'
import { type ImageOptions, idOf, make } from './images.ts'

/** What the image is built from where this machine has no programs for it. */
const REGISTRY_BASE = 'debian:bookworm-slim'
const LEAST_HAPROXY = [2, 6] as const

/**
 * The image of the gateway and the names: with this machine's own programs, so that no registry is asked; only where it
 * has none and may not install them is it built as Holdfast would have it built. Resolves to its tag.
 */
export async function buildTraffic(options: ImageOptions): Promise<string> {
  const { engine, say, instance } = options
  const tags = {
    busybox: `holdfast-demo/traffic-busybox:${instance}`,
    base: `holdfast-demo/traffic-base:${instance}`,
    image: `holdfast-traffic:${instance}`,
  }
  const began = performance.now()
  const isOwn = await hasPrograms(options)
  if (isOwn) for (const tag of [tags.busybox, tags.base]) removeLater(tag, options)
  await make(tags.image, options, async () => {
    if (isOwn) await ensureTrafficImage(engine.socket, tags)
    else await buildFromRegistry(tags.image, options)
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  say(`gateway: its image built in ${seconds} s, ${isOwn ? "with this machine's HAProxy" : `from ${REGISTRY_BASE}`}`)
  return tags.image
}

/** True when this machine has them, or has them now, and they are recent enough. */
async function hasPrograms({ say }: ImageOptions): Promise<boolean> {
  const missing = Object.entries(TRAFFIC_PROGRAMS).filter(([name]) => !hasProgram(name))
  const packages = missing.map(([, from]) => from).join(', ')
  if (missing.length > 0 && process.getuid?.() !== 0) {
    say(`gateway: without root ${packages} cannot be installed; its image is built from ${REGISTRY_BASE} of Docker Hub`)
    return false
  }
  if (missing.length > 0) say(`gateway: installing ${packages} from the distribution: some 10 MB, once`)
  for (const [name, from] of missing) await ensureProgram(name, from)
  return isRecent(await run(await ensureProgram('haproxy', TRAFFIC_PROGRAMS.haproxy), ['-v']), say)
}

function isRecent(told: string, say: ImageOptions['say']): boolean {
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(told) ?? []
  const [leastMajor, leastMinor] = LEAST_HAPROXY
  if (Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor)) return true
  say(`gateway: this machine's HAProxy ${major}.${minor} is too old; its image is built from ${REGISTRY_BASE}`)
  return false
}

async function buildFromRegistry(tag: string, options: ImageOptions): Promise<void> {
  const { docker } = options.engine
  if ((await idOf(docker, REGISTRY_BASE)) === null) removeLater(REGISTRY_BASE, options)
  await buildTrafficImage(docker, tag, {})
}

function removeLater(tag: string, { engine, cleanup }: ImageOptions): void {
  cleanup.add(`the image ${tag}`, () => gone(engine.docker.getImage(tag).remove()))
}
