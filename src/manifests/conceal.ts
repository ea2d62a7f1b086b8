import type { Problem } from '../model/problem.ts'
import type { Variables } from './interpolate.ts'
import type { Manifest } from './yaml.ts'

/** Shorter ones would be found everywhere. */
const SHORTEST = 4

/** What the variables hold that secrets are made of: nothing that is shown may repeat it. */
export function hiddenValues({ raw }: Manifest, variables: Variables): string[] {
  const secrets = Object.values(objectAt(raw, 'secrets')).map((secret) => objectOf(secret)['environment'])
  const values = secrets.flatMap((name) => (typeof name === 'string' ? (variables.get(name) ?? []) : []))
  return values.flatMap((value) => value.split('\n')).filter((line) => line.length >= SHORTEST)
}

/** The problem without these values: an excerpt shows the line as it is written. */
export function conceal(problem: Problem, hidden: readonly string[]): Problem {
  const without = (text: string) => hidden.reduce((shown, value) => shown.replaceAll(value, mask(value)), text)
  return { ...problem, message: without(problem.message), excerpt: without(problem.excerpt) }
}

/** As long as what it stands for, so that the caret of an excerpt stays where it belongs. */
function mask(value: string): string {
  return '*'.repeat(value.length)
}

function objectAt(value: unknown, key: string): Record<string, unknown> {
  return objectOf(objectOf(value)[key])
}

function objectOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {}
}
