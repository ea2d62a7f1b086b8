import { readFile, writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { compile, type JSONSchema } from 'json-schema-to-typescript'
import { commandDocs } from './cli-docs.ts'

/** The rooms that know a schema, and under which name. */
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'src/manifests/schema.generated.ts': { stackSchema: 'stack', repositorySchema: 'repository' },
  'src/manifests/policy/schema.generated.ts': { policySchema: 'policy' },
  'src/settings/schema.generated.ts': { settingsSchema: 'settings' },
}

/** Extension fields carry no meaning, and as an index signature they would let every misspelt key type-check. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions)
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([key]) => key !== 'patternProperties')
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutExtensions(member)]))
}

/**
 * One schema names another by its file, beside it, where editors find it. In the code it is known by its id, and its
 * type by the title.
 */
async function moduleFor(constant: string, name: string): Promise<string> {
  const schema = await schemaOf(name)
  const others = await Promise.all(referredTo(schema).map(schemaOf))
  const typed = JSON.parse(JSON.stringify(schema), (_, value) => {
    const other = others.find(({ $id }) => $id === idOf(value))
    return other === undefined ? value : { description: other.description, tsType: other.title }
  })
  const options = { bannerComment: '', format: false, additionalProperties: false }
  const types = await compile(withoutExtensions(typed) as JSONSchema, name, options)
  const text = JSON.stringify(schema, (_, value) => (idOf(value) === null ? value : { $ref: idOf(value) }), 2)
  return `${types.trim()}\n\nexport const ${constant} = ${text} as const\n`
}

interface Schema {
  $id: string
  title: string
  description: string
}

async function schemaOf(name: string): Promise<Schema> {
  return JSON.parse(await readFile(new URL(`../schemas/${name}.schema.json`, import.meta.url), 'utf8'))
}

/** Names of the schemas that this one refers to. */
function referredTo(schema: Schema): string[] {
  const found = JSON.stringify(schema).matchAll(/"\$ref":"([a-z]+)\.schema\.json"/g)
  return [...new Set([...found].map(([, name = '']) => name))]
}

/** The id of the schema that a reference to a file means; null for everything else. */
function idOf(value: unknown): string | null {
  const reference: unknown = Object(value).$ref
  const [, name] = /^([a-z]+)\.schema\.json$/.exec(typeof reference === 'string' ? reference : '') ?? []
  return name === undefined ? null : `urn:holdfast:schema:${name}`
}

/** Where the types of the schemas come from that those of a file refer to. */
async function importsFor(file: string, names: readonly string[]): Promise<string[]> {
  const schemas = await Promise.all(names.map(schemaOf))
  const others = [...new Set(schemas.flatMap(referredTo))].filter((name) => !names.includes(name))
  const lines = others.map(async (name) => {
    const [from = ''] = Object.entries(OUTPUTS).find(([, known]) => Object.values(known).includes(name)) ?? []
    return `import type { ${(await schemaOf(name)).title} } from '${relative(dirname(file), from)}'\n`
  })
  return Promise.all(lines)
}

/** The text of a schema.generated.ts: pure rooms read no files, so the schemas reach them as code. */
async function generate(file: string, schemas: Readonly<Record<string, string>>): Promise<string> {
  const imports = await importsFor(file, Object.values(schemas))
  const modules = await Promise.all(Object.entries(schemas).map(([constant, name]) => moduleFor(constant, name)))
  return ['// Written by `npm run generate` from schemas/*.schema.json. Do not edit.\n', ...imports, ...modules].join(
    '\n',
  )
}

const GUIDE = 'docs/cli.md'
const MARK = '<!-- From here on written by `npm run generate` from the program. Do not edit. -->'

/** The guide with its second part as the program's help has it. */
async function guide(): Promise<string> {
  const text = await readFile(new URL(`../${GUIDE}`, import.meta.url), 'utf8')
  return `${text.slice(0, text.indexOf(MARK))}${MARK}\n\n${commandDocs().trimEnd()}\n`
}

const files = Object.entries(OUTPUTS).map(async ([file, schemas]) => [file, await generate(file, schemas)] as const)
for (const [file, text] of [...(await Promise.all(files)), [GUIDE, await guide()] as const]) {
  const output = new URL(`../${file}`, import.meta.url)
  if (!process.argv.includes('--check')) {
    await writeFile(output, text)
  } else if ((await readFile(output, 'utf8').catch(() => '')) !== text) {
    console.error(`${file} differs from what it is written from: run \`npm run generate\` and commit the result.`)
    process.exitCode = 1
  }
}
