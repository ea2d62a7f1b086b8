import { OVERRIDE_FILES } from '../../manifests/discover.ts'
import { loadAll } from '../../manifests/load.ts'
import type { LoadOptions } from '../../manifests/options.ts'
import type { ListedFile } from '../../manifests/repository.ts'
import type { Directory } from '../directory.ts'
import type { Found } from './find.ts'

/** New files of the repository, by path. */
export type Files = Map<string, Uint8Array>

/** Where the schema lies, which editors complete Compose files with. */
export const SCHEMA_PATH = '.holdfast/stack.schema.json'

const SCHEMA_LINE = `# yaml-language-server: $schema=../../${SCHEMA_PATH}\n`

/**
 * What a stack takes along into `stacks/<name>/`: its Compose file and whatever that names and holds: variables, configs,
 * mounted files. Data are not the repository's.
 */
export async function gather(
  { stack, folder, file }: Found,
  directory: Directory,
  options: LoadOptions,
): Promise<Files> {
  const home = `stacks/${stack}`
  const inFolder = (path: string) => (folder === '' ? path : path.slice(folder.length + 1))
  const target = (path: string) => `${home}/${path === file ? 'compose.yaml' : inFolder(path)}`
  const beside = directory.entries.filter(({ path }) => folder === '' || path.startsWith(`${folder}/`))
  const sources = new Map(beside.map(({ path }) => [target(path), path]))
  const files: Files = new Map()
  async function take(path: string): Promise<Uint8Array> {
    const source = sources.get(path)
    if (source === undefined) throw new Error(`${path} was not listed`)
    const bytes = await directory.read(source)
    files.set(path, bytes)
    return bytes
  }
  const entries: ListedFile[] = beside.map(({ path, kind }) => ({ path: target(path), kind }))
  await loadAll(entries, take, options)
  // Left out, nobody would be told that it is not merged in.
  for (const path of OVERRIDE_FILES.map((name) => `${home}/${name}`)) if (sources.has(path)) await take(path)
  files.set(`${home}/compose.yaml`, withSchema(await take(`${home}/compose.yaml`)))
  return files
}

/** The file as it was, with the line that tells editors its schema. */
function withSchema(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8')
  return /^#\s*yaml-language-server:/m.test(text) ? bytes : Buffer.concat([Buffer.from(SCHEMA_LINE), bytes])
}
