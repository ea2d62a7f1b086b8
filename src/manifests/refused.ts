import { fromPointer, type Path } from './path.ts'
import type { Validate } from './shape.ts'

/**
 * After the schema refused some values, the rest of the file is still worth checking: all problems at once. What was
 * refused is taken out, so that the rules see a file of the right shape and do not complain about its consequences.
 */

/** Keys whose absence would change what other rules say about the service or its neighbours. */
const LOAD_BEARING = ['image', 'healthcheck', 'depends_on', 'x-holdfast']

/** Without its sections in shape there is nothing to go on with. */
export function isFatal(path: Path): boolean {
  return path.length < 2
}

/** Services about which the rules would say wrong things; others may still refer to them. */
export function brokenServices(bad: readonly Path[]): Set<string> {
  return new Set(bad.filter(breaksService).map(([, name]) => String(name)))
}

/** Deletes refused values from `data`, which belongs to the caller. In a list a hole stays: indices keep their meaning;
 * a network, volume or config stays known by its name. */
export function removeRefused(data: unknown, bad: readonly Path[]): void {
  for (const path of bad.filter((candidate) => !breaksService(candidate))) {
    const parent = path.slice(0, -1).reduce<unknown>(memberOf, data)
    const key = path.at(-1)
    if (parent === null || typeof parent !== 'object' || key === undefined) continue
    if (path.length === 2) Reflect.set(parent, key, null)
    else Reflect.deleteProperty(parent, key)
  }
}

/** A part that lost something it cannot be without is taken out too: a mount without a target is none. */
export function removeIncomplete(data: unknown, validate: Validate): void {
  for (let level = 0; level < DEEPEST && !validate(data); level++) {
    const lacking = (validate.errors ?? []).filter(({ keyword }) => keyword === 'required')
    removeRefused(
      data,
      lacking.map(({ instancePath }) => fromPointer(instancePath)),
    )
  }
}

/** How many parts may lie within each other. */
const DEEPEST = 5

function breaksService([section, , key]: Path): boolean {
  return section === 'services' && (key === undefined || LOAD_BEARING.includes(String(key)))
}

function memberOf(value: unknown, key: string | number): unknown {
  if (value === null || typeof value !== 'object') return undefined
  return Object.getOwnPropertyDescriptor(value, key)?.value
}
