import { readFile, writeFile } from 'node:fs/promises'
import { compile, type JSONSchema } from 'json-schema-to-typescript'

/** The rooms that know a schema, and under which name. */
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'src/manifests/schema.generated.ts': { stackSchema: 'stack', repositorySchema: 'repository' },
  'src/settings/schema.generated.ts': { settingsSchema: 'settings' },
}

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

/** The text of a schema.generated.ts: pure rooms read no files, so the schemas reach them as code. */
async function generate(schemas: Readonly<Record<string, string>>): Promise<string> {
  const modules = await Promise.all(Object.entries(schemas).map(([constant, name]) => moduleFor(constant, name)))
  return ['// Written by `npm run generate` from schemas/*.schema.json. Do not edit.\n', ...modules].join('\n')
}

for (const [file, schemas] of Object.entries(OUTPUTS)) {
  const output = new URL(`../${file}`, import.meta.url)
  const text = await generate(schemas)
  if (!process.argv.includes('--check')) {
    await writeFile(output, text)
  } else if ((await readFile(output, 'utf8').catch(() => '')) !== text) {
    console.error(`${file} differs from schemas/: run \`npm run generate\` and commit the result.`)
    process.exitCode = 1
  }
}
