import { readFile, writeFile } from 'node:fs/promises'
import { compile, type JSONSchema } from 'json-schema-to-typescript'
import { commandDocs } from './cli-docs.ts'

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

const GUIDE = 'docs/cli.md'
const MARK = '<!-- From here on written by `npm run generate` from the program. Do not edit. -->'

/** The guide with its second part as the program's help has it. */
async function guide(): Promise<string> {
  const text = await readFile(new URL(`../${GUIDE}`, import.meta.url), 'utf8')
  return `${text.slice(0, text.indexOf(MARK))}${MARK}\n\n${commandDocs().trimEnd()}\n`
}

const files = Object.entries(OUTPUTS).map(async ([file, schemas]) => [file, await generate(schemas)] as const)
for (const [file, text] of [...(await Promise.all(files)), [GUIDE, await guide()] as const]) {
  const output = new URL(`../${file}`, import.meta.url)
  if (!process.argv.includes('--check')) {
    await writeFile(output, text)
  } else if ((await readFile(output, 'utf8').catch(() => '')) !== text) {
    console.error(`${file} differs from what it is written from: run \`npm run generate\` and commit the result.`)
    process.exitCode = 1
  }
}
