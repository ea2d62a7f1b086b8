import { readFile, writeFile } from 'node:fs/promises'
import { compile, type JSONSchema } from 'json-schema-to-typescript'

const OUTPUT = new URL('../src/manifests/schema.generated.ts', import.meta.url)
const SCHEMAS = { stackSchema: 'stack', repositorySchema: 'repository' }

/** Extension fields carry no meaning, and as an index signature they would let every misspelt key type-check. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions)
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([key]) => key !== 'patternProperties')
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutExtensions(member)]))
}

async function moduleFor(constant: string, name: string): Promise<string> {
  const schema: unknown = JSON.parse(await readFile(new URL(`../schemas/${name}.schema.json`, import.meta.url), 'utf8'))
  const options = { bannerComment: '', format: false, additionalProperties: false }
  const types = await compile(withoutExtensions(schema) as JSONSchema, name, options)
  return `${types.trim()}\n\nexport const ${constant} = ${JSON.stringify(schema, null, 2)} as const\n`
}

/** The text of schema.generated.ts: pure rooms read no files, so the schemas reach them as code. */
async function generate(): Promise<string> {
  const modules = await Promise.all(Object.entries(SCHEMAS).map(([constant, name]) => moduleFor(constant, name)))
  return ['// Written by `npm run generate` from schemas/*.schema.json. Do not edit.\n', ...modules].join('\n')
}

const text = await generate()
if (process.argv.includes('--check')) {
  const present = await readFile(OUTPUT, 'utf8').catch(() => '')
  if (present !== text) {
    console.error(
      'src/manifests/schema.generated.ts differs from schemas/: run `npm run generate` and commit the result.',
    )
    process.exitCode = 1
  }
} else {
  await writeFile(OUTPUT, text)
}
