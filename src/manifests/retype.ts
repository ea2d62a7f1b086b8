/** The parts of a JSON Schema that decide which type a value should have. */
interface Schema {
  description?: string
  enum?: readonly unknown[]
  $ref?: string
  $defs?: Readonly<Record<string, Schema>>
  type?: string | readonly string[]
  properties?: Readonly<Record<string, Schema>>
  additionalProperties?: Schema | boolean
  items?: Schema
}

/**
 * Turns strings into numbers and booleans where the schema wants only those, as Compose does: an interpolated
 * `replicas: ${REPLICAS}` is a string until then. What does not convert is left for validation to refuse.
 */
export function retype(value: unknown, root: Schema): unknown {
  return walk(value, root, root)
}

function walk(value: unknown, schema: Schema, root: Schema): unknown {
  const resolved = resolve(schema, root)
  if (typeof value === 'string') return convert(value, resolved)
  if (Array.isArray(value)) return value.map((item) => walk(item, resolved.items ?? {}, root))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, member]) => [key, walk(member, memberOf(resolved, key), root)])
  return Object.fromEntries(entries)
}

function memberOf(schema: Schema, key: string): Schema {
  const properties = schema.properties ?? {}
  if (Object.hasOwn(properties, key)) return properties[key] ?? {}
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
}

function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref === undefined) return schema
  return root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? schema
}

function convert(text: string, schema: Schema): unknown {
  if (schema.type === 'boolean') return toBoolean(text)
  if (schema.type === 'integer' || schema.type === 'number') return toNumber(text)
  return text
}

/** The words of YAML 1.1, which Compose accepts here. */
function toBoolean(text: string): boolean | string {
  const word = text.toLowerCase()
  if (['true', 'yes', 'y', 'on', '1'].includes(word)) return true
  return ['false', 'no', 'n', 'off', '0'].includes(word) ? false : text
}

function toNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
