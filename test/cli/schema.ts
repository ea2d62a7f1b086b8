import { readFileSync } from 'node:fs'
import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'

const schema = JSON.parse(readFileSync(new URL('../../schemas/cli.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true }).addSchema(closed(schema) as AnySchema, 'cli')

/**
 * Holds what a command printed as JSON to what schemas/cli.schema.json says of it. Gives it, in the shape in which the
 * test looks into it.
 */
export function documented<Shape = unknown>(command: string, printed: string): Shape {
  const value: Shape = JSON.parse(printed)
  const validate = ajv.getSchema(`cli#/$defs/${command}`) as ValidateFunction
  const isValid = validate(value)
  expect(validate.errors ?? [], printed).toEqual([])
  expect(isValid).toBe(true)
  return value
}

/** For others fields may be added; here a field that nobody described is a mistake. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed)
  if (part === null || typeof part !== 'object') return part
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]))
  return 'properties' in inner ? { additionalProperties: false, ...inner } : inner
}
