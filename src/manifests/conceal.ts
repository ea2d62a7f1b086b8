import { isMaskable } from '../model/mask.ts'
import type { Problem } from '../model/problem.ts'
import { secretTexts } from '../model/secret-texts.ts'
import type { Stack } from '../model/stack.ts'
import { UNOPENED, type Variables } from './interpolate.ts'
import type { Manifest } from './yaml.ts'

/** What secret variables hold, and those that secrets are made of: nothing that is shown may repeat it. */
export function hiddenValues({ raw }: Manifest, variables: Variables): string[] {
  const secrets = Object.values(objectAt(raw, 'secrets')).map((secret) => objectOf(secret)['environment'])
  const values = [...secrets, ...(variables.secret ?? [])].flatMap((name) => {
    return typeof name === 'string' ? (variables.get(name) ?? []) : []
  })
  return linesOf(values)
}

/** The same of the environment of services. */
export function hiddenInStack(stack: Stack): string[] {
  return linesOf(secretTexts(stack).values)
}

function linesOf(values: string[]): string[] {
  const known = values.filter((value) => value !== UNOPENED)
  return known.flatMap((value) => value.split('\n')).filter(isMaskable)
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
