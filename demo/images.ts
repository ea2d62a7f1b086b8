import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { debianFile, debianFolder, isDebian } from '../test/support/debian.ts'
import { buildImage } from '../test/support/images.ts'
import type { Cleanup } from './cleanup.ts'
import { type DemoEngine, gone } from './engine.ts'
import type { Say } from './say.ts'

interface Sample {
  tag: string
  folder: string
  args?: Record<string, string>
}

const BROKEN = { VERSION: '1.2', BROKEN: '1' }

const SAMPLES: Sample[] = [
  { tag: 'sample/db:1.0', folder: 'db' },
  { tag: 'sample/site:1.0', folder: 'site' },
  { tag: 'sample/worker:1.0', folder: 'worker' },
  { tag: 'sample/shop:1.0', folder: 'shop' },
  { tag: 'sample/shop:1.1', folder: 'shop', args: { VERSION: '1.1' } },
  { tag: 'sample/shop:1.2-broken', folder: 'shop', args: BROKEN },
]

/** Tags by image id. */
export type Tags = Map<string, string>

export interface ImageOptions {
  engine: DemoEngine
  cleanup: Cleanup
  say: Say
  /** Path of sample-repo/images. */
  root: string
  instance: string
  signal: AbortSignal
}

/** Builds the sample images that the engine has not; those that were there are used as they are, and stay. */
export async function buildSamples(options: ImageOptions): Promise<Tags> {
  const { engine, say, signal } = options
  const began = performance.now()
  const base = `holdfast-demo/base:${options.instance}`
  const tags: Tags = new Map()
  let built = 0
  for (const sample of SAMPLES) {
    let id = await idOf(engine.docker, sample.tag)
    if (id === null) {
      if (built === 0) await make(base, options, () => buildBase(base, options))
      id = await make(sample.tag, options, () => buildSample(sample, base, options))
      built += 1
    }
    tags.set(id, sample.tag)
    signal.throwIfAborted()
  }
  say(imagesLine(built, performance.now() - began))
  return tags
}

function imagesLine(built: number, ms: number): string {
  const there = SAMPLES.length - built
  const kept = there === 0 ? '' : `, ${there} were there already`
  return `images: ${built} sample images built in ${(ms / 1000).toFixed(1)} s${kept}; no registry needed`
}

/** Noted before it is made: a build that is cut off may still end in an image. */
export function make<T>(tag: string, { engine, cleanup }: ImageOptions, build: () => Promise<T>): Promise<T> {
  cleanup.add(`the image ${tag}`, () => gone(engine.docker.getImage(tag).remove()))
  return build()
}

export async function idOf(docker: Docker, tag: string): Promise<string | null> {
  try {
    return (await docker.getImage(tag).inspect()).Id
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return null
    throw error
  }
}

async function buildBase(tag: string, { engine, root, cleanup }: ImageOptions): Promise<string> {
  if (!isDebian()) throw new Error("The sample images need Debian's static busybox: run the demo on Debian or Ubuntu.")
  const folder = debianFolder('busybox-static')
  if (!existsSync(folder)) cleanup.add(folder, () => rm(folder, { recursive: true, force: true }))
  const busybox = await readFile(await debianFile('busybox-static', 'bin/busybox'))
  return buildImage(engine.socket, tag, await contextOf(join(root, 'base'), { busybox }))
}

async function buildSample({ tag, folder, args }: Sample, base: string, options: ImageOptions): Promise<string> {
  const context = await contextOf(join(options.root, folder), {})
  // A base of the demo's own: the user's may be another one.
  const dockerfile = context.dockerfile.replace(/^FROM sample\/base$/m, `FROM ${base}`)
  return buildImage(options.engine.socket, tag, { ...context, dockerfile, ...(args === undefined ? {} : { args }) })
}

async function contextOf(folder: string, extra: Record<string, Uint8Array>) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const read = paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)
  const { Dockerfile, ...files } = { ...Object.fromEntries(await Promise.all(read)), ...extra }
  if (Dockerfile === undefined) throw new Error(`There is no Dockerfile in ${folder}.`)
  return { files, dockerfile: Dockerfile.toString() }
}
