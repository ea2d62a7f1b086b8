import { readdir, readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { reasonOf, StepFailed } from '../../../model/errors.ts'
import { archiveOf } from '../archive.ts'
import { inspectImage } from '../images.ts'
import { linesOf, type PullContext, pull } from '../pull.ts'

/** Comes with the package, beside `dist`; in the repository beside `src`. */
const RECIPE = fileURLToPath(new URL('../../../../packaging/traffic/', import.meta.url))
const BUILT_WITHIN_MS = 15 * 60_000
const EXECUTABLE = 0o755

/**
 * Makes sure of the image on the engine: one that has a repository or a registry in its name is pulled, one that has
 * none is built by the engine from the Dockerfile that comes with Holdfast. Rejects with StepFailed.
 */
export async function ensureImage(context: PullContext, image: string): Promise<void> {
  if (await inspectImage(context, image)) return
  if (image.includes('/')) return await pull(context, image, () => {})
  try {
    await build(context, image)
  } catch (cause) {
    throw new StepFailed(
      'platform',
      `The image ${image} of gateway and names could not be built: ${reasonOf(cause)}. Build it by hand on this engine, ` +
        `\`docker build -t ${image} ${RECIPE}\` (BASE names another base), or name one of a registry: --traffic-image.`,
      { cause },
    )
  }
}

/** The Dockerfile and what it copies, as a build context for the engine. */
export async function buildContext(): Promise<Buffer> {
  const names = await readdir(RECIPE)
  const files = await Promise.all(
    names.map(async (name) => [name, { content: await readFile(`${RECIPE}${name}`), mode: EXECUTABLE }] as const),
  )
  return await archiveOf(Object.fromEntries(files))
}

/** A failure comes as a line among the others, after a good answer. */
async function build({ patient }: PullContext, image: string): Promise<void> {
  const abortSignal = AbortSignal.timeout(BUILT_WITHIN_MS)
  const options = { t: image, forcerm: true, abortSignal }
  const output = await patient.buildImage(Readable.from([await buildContext()]), options)
  for await (const line of linesOf(output)) {
    const event: { error?: string } = JSON.parse(line)
    if (event.error !== undefined) throw new Error(event.error.trim())
  }
}
