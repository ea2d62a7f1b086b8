import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildImage } from '../images.ts'
import { run } from '../install.ts'
import { ensureNodeImage } from '../node-image.ts'
import { temporaryFolder } from '../temporary.ts'

const PROGRAM = fileURLToPath(new URL('program', import.meta.url))
const COMPILER = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

export const SERVICE_IMAGE = 'sample/service'

/** Command of a container of that image that runs the load of `LOAD` in place of the service. */
export const LOAD_COMMAND = ['node', '/program/load.js']

/**
 * Makes the image of the services that traffic is tried on, and of the client inside: `program/service.ts` and
 * `program/load.ts`. It has no health check of its own.
 */
export async function ensureServiceImage(socket: string): Promise<void> {
  const base = await ensureNodeImage(socket)
  const folder = temporaryFolder()
  try {
    await run(process.execPath, [COMPILER, '-p', PROGRAM, '--outDir', folder.path])
    const names = (await readdir(folder.path)).filter((name) => name.endsWith('.js'))
    const files: Record<string, string> = { 'program/package.json': '{"type":"module"}' }
    for (const name of names) files[`program/${name}`] = await readFile(join(folder.path, name), 'utf8')
    const dockerfile = [`FROM ${base}`, 'ADD program /program', 'CMD ["node", "/program/service.js"]', ''].join('\n')
    await buildImage(socket, SERVICE_IMAGE, { files, dockerfile })
  } finally {
    folder.remove()
  }
}
